"""The databases that keep a log; a test that names `backend` runs on each."""

import tempfile
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.store.server import URL, Server
from tests.postgres_proxy import Proxy
from tests.store import samples


@pytest.fixture
def kept_by(request, monkeypatch):
    """Give what lets every log that the test opens be kept by a database."""

    def use(name):
        if name == "sqlite":
            return
        url = request.getfixturevalue("postgres").url
        schemas = {}

        def server(folder):
            return Server(url, schemas.setdefault(folder, f"log_{uuid4().hex}"))

        monkeypatch.setenv(URL, url)
        monkeypatch.setattr(samples.Servers, "of", staticmethod(server))

    return use


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request, kept_by):
    """Run the test on each database."""
    kept_by(request.param)
    return request.param


@pytest.fixture
def ledger(tmp_path):
    """Lend a log; which database keeps it is said by `backend`, if a test names it."""
    ledger = samples.opened(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def proxy(postgres):
    """Give a network to the server that breaks when it is told to."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        made = Proxy(Path(folder), postgres)
        made.url = postgres.url_at(folder)
        yield made
        made.close()
