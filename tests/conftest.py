"""What any test may ask for, and how a run of all of them is shared out."""

import pytest
from hypothesis import HealthCheck, settings

from gateway.store.server import URL
from tests.postgres import running
from tests.sglang import server as sglang_server
from tests.sharing import Sharing, longest_first

# How long an example takes says how busy the machine is: no test is about that.
_ANY_TIME = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
settings.register_profile("tests", _ANY_TIME)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; each test takes a schema of its own."""
    with running() as server:
        yield server


@pytest.fixture
def server(postgres, monkeypatch):
    """Say where a log of the test's own is in PostgreSQL."""
    monkeypatch.setenv(URL, postgres.url)
    return postgres.fresh()


@pytest.fixture(scope="session")
def sglang_of_the_run():
    with sglang_server.running() as server:
        yield server


@pytest.fixture
def sglang(sglang_of_the_run):
    """A real SGLang server that runs, whatever the test before did to it."""
    sglang_of_the_run.start()
    return sglang_of_the_run


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):  # one of several processes
        items.sort(key=longest_first)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Sharing(config, log) if config.getvalue("dist") == "loadfile" else None
