"""What any test may ask for."""

import pytest

from tests.postgres import running
from tests.sglang import server as sglang_server


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server; each test takes a schema of its own."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def sglang_of_the_run():
    with sglang_server.running() as server:
        yield server


@pytest.fixture
def sglang(sglang_of_the_run):
    """A real SGLang server that runs, whatever the test before did to it."""
    sglang_of_the_run.start()
    return sglang_of_the_run
