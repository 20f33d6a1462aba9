from datetime import UTC, datetime, timedelta

import pytest

from gateway.access import replay
from gateway.access.replay import (
    Assertions,
    LocalUses,
    ReplayedError,
    TooManyAssertionsError,
)
from gateway.store.ledger import Ledger
from gateway.store.postgres.uses import SharedUses
from gateway.store.server import Server

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
SECRET = b"s" * 32


@pytest.fixture(params=["file", "postgres"])
def file(request, tmp_path):
    """Where uses are remembered: a gateway's own file, or a schema that all share."""
    if request.param == "file":
        return tmp_path / "assertions.sqlite"
    server = request.getfixturevalue("postgres").fresh()
    Ledger.open(tmp_path, registry={}, server=server).close()
    return server


def opened(file):
    uses = SharedUses(file) if isinstance(file, Server) else LocalUses(file)
    return Assertions(uses, SECRET)


def test_an_assertion_counts_once_also_after_a_restart(file):
    first = opened(file)
    first.use("a", "1", expires=SOON, now=NOW)
    with pytest.raises(ReplayedError):
        first.use("a", "1", expires=SOON, now=NOW)
    first.close()

    again = opened(file)
    with pytest.raises(ReplayedError):
        again.use("a", "1", expires=SOON, now=NOW)
    again.close()


def test_two_clients_may_choose_the_same_name(file):
    used = opened(file)
    used.use("a", "1", expires=SOON, now=NOW)

    used.use("b", "1", expires=SOON, now=NOW)

    for client in "ab":
        with pytest.raises(ReplayedError):
            used.use(client, "1", expires=SOON, now=NOW)
    used.close()


def test_what_has_expired_is_forgotten(file):
    used = opened(file)
    used.use("a", "1", expires=SOON, now=NOW)

    later = SOON + timedelta(minutes=5)
    used.use("a", "1", expires=later, now=SOON)

    with pytest.raises(ReplayedError):  # it counts anew, and once
        used.use("a", "1", expires=later, now=SOON)
    used.close()


def test_one_client_cannot_fill_the_disk_nor_keep_others_out(file, monkeypatch):
    monkeypatch.setattr(replay, "_MOST", 3)
    used = opened(file)
    for jti in "123":
        used.use("a", jti, expires=SOON, now=NOW)

    with pytest.raises(TooManyAssertionsError):
        used.use("a", "4", expires=SOON, now=NOW)
    used.use("b", "4", expires=SOON, now=NOW)
    used.use("a", "4", expires=SOON + timedelta(seconds=1), now=SOON)
    used.close()


def test_the_file_holds_nothing_that_a_client_sent(tmp_path):
    file = tmp_path / "assertions.sqlite"
    used = opened(file)
    used.use("a", "recognisable-text", expires=SOON, now=NOW)
    used.close()

    assert b"recognisable" not in file.read_bytes()
