"""A change of keys in a server that others read, or that goes away meanwhile."""

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gateway.store import rotation, signing
from gateway.store.errors import (
    KeyFileError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.export import public_keys
from gateway.store.postgres import database
from gateway.store.reading import snapshot
from gateway.store.rotation import rotate
from gateway.store.schema import SELECT_KEYS
from gateway.store.server import URL, Server
from gateway.store.signing import change_signing_key
from gateway.store.transcript import transcript
from tests.store.samples import REGISTRY, note, opened

PATIENTS = 5


@pytest.fixture
def server(postgres, proxy, monkeypatch):
    """Give a schema that is reached by a network that can break."""
    monkeypatch.setenv(URL, postgres.url)
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.3)
    return Server(proxy.url, postgres.fresh().schema)


@pytest.fixture
def folder(tmp_path, server):
    ledger = opened(tmp_path / "data", server=server, kek_file=tmp_path / "old")
    for number in range(PATIENTS):
        ledger.submit_sync(note(f"s/{number}", "1", subject=f"Patient/{number}"))
    ledger.close()
    (tmp_path / "new").write_bytes(bytes(range(32)))
    return tmp_path / "data"


def rotated(folder):
    beside = folder.parent
    return rotate(folder, source=beside / "old", target=beside / "new")


def opening(folder):
    """Return which of both keys open the log, and all that is in it."""
    found = []
    for name in ("old", "new"):
        key = folder.parent / name
        try:
            with transcript(folder, registry=REGISTRY, kek_file=key) as log:
                assert len(list(log.events())) == PATIENTS
        except KeyFileError:
            continue
        found.append(name)
    return found


def signed_again(folder):
    def at():
        return "2026-04-01T00:00:00"

    return change_signing_key(folder, kek_file=folder.parent / "old", clock=at)


def away_after(monkeypatch, proxy, place, step):
    """Lose the answer to the commit that follows a step, and let nobody in again."""
    plain = getattr(place, step)

    def then_away(*given):
        proxy.closed, proxy.cut = True, "after"
        return plain(*given)

    monkeypatch.setattr(place, step, then_away)


def test_beside_a_reader_the_new_key_is_in_force_and_it_is_said_what_is_left(folder):
    with snapshot(folder) as log:
        assert len(list(log.execute(SELECT_KEYS))) == PATIENTS
        done = rotated(folder)

    assert (done.keys, opening(folder)) == (PATIENTS, ["new"])
    assert "still in the database's files (LockNotAvailable)" in done.left
    assert "VACUUM FULL data_keys, log_secrets" in done.left


def test_where_nobody_reads_nothing_is_left(folder):
    assert rotated(folder).left == ""


def test_a_key_whose_commit_was_not_answered_is_in_force(folder, proxy):
    proxy.cut = "after"

    done = rotated(folder)

    assert (done.keys, proxy.cuts) == (PATIENTS, 1)
    assert opening(folder) == ["new"]


def test_one_whose_commit_was_lost_is_not(folder, proxy):
    proxy.cut = "before"

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        rotated(folder)

    assert (opening(folder), proxy.cuts) == (["old"], 1)


def test_where_nobody_can_look_both_keys_are_to_be_kept(folder, proxy, monkeypatch):
    away_after(monkeypatch, proxy, rotation, "_rewrap_keys")

    with pytest.raises(LogUncertainError, match=r"/old or that in .*/new\. Keep both"):
        rotated(folder)

    proxy.closed = False
    with pytest.raises(KeyFileError, match="not the one"):
        rotated(folder)
    assert opening(folder) == ["new"]


def test_others_are_told_once_for_many_keys(folder, server, monkeypatch):
    """Each time is a new version of one row, which the next has to pass by."""
    monkeypatch.setattr(rotation, "_AT_ONCE", 2)

    rotated(folder)

    with psycopg.connect(server.url) as connection:
        counted = SQL("SELECT n FROM {}.key_changes").format(Identifier(server.schema))
        assert connection.execute(counted).fetchone() == (3,)


def test_a_signing_key_whose_commit_was_not_answered_signs(folder, proxy):
    proxy.cut = "after"

    first = signed_again(folder)

    assert (first.size, proxy.cuts) == (PATIENTS + 1, 1)
    assert [each.first for each in public_keys(folder)] == [1, PATIENTS + 1]


def test_one_whose_commit_was_lost_signs_nothing(folder, proxy):
    proxy.cut = "before"

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        signed_again(folder)

    assert len(public_keys(folder)) == 1


def test_where_nobody_can_look_the_keys_are_to_be_looked_at(folder, proxy, monkeypatch):
    away_after(monkeypatch, proxy, signing, "write_secret")

    with pytest.raises(LogUncertainError, match="audit public-key"):
        signed_again(folder)

    proxy.closed = False
    assert len(public_keys(folder)) == 2
