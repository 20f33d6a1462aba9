"""Want of memory refuses a group, and those after it are written."""

import sqlite3
from contextlib import contextmanager

import pytest

from gateway.store import datastore
from gateway.store.errors import LogUnavailableError, LogUncertainError
from tests.store.samples import note, texts

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def failing(ledger, monkeypatch):
    """Let memory run out at the next call of something of the recorder."""

    def fail(name):
        recorder = ledger.log.recorder
        work = getattr(recorder, name)

        def once(*_given, **_named):
            monkeypatch.setattr(recorder, name, work)
            raise MemoryError

        monkeypatch.setattr(recorder, name, once)

    return fail


@pytest.fixture
def failing_after(ledger, monkeypatch):
    """Let memory run out in a transaction whose rows are in, or are even committed."""
    database = ledger.log.recorder.database
    writing = database.writing

    def fail(*, committed):
        @contextmanager
        def once():
            monkeypatch.setattr(database, "writing", writing)
            with writing() as statements:
                yield statements
                if not committed:
                    raise MemoryError
            raise MemoryError

        monkeypatch.setattr(database, "writing", once)

    return fail


def test_nothing_of_a_refused_group_is_kept_and_the_next_is(ledger, failing):
    ledger.submit_sync(note("case/1", "before"))
    failing("_insert")

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["before", "after"]


def test_a_group_that_was_committed_all_the_same_is_answered_so(ledger, failing_after):
    failing_after(committed=True)

    ledger.submit_sync(note("case/1", "kept"))

    assert ledger.head == 1
    assert texts(ledger, "case/1") == ["kept"]


def test_elsewhere_in_a_group_nobody_can_tell(ledger, failing):
    failing("group")

    with pytest.raises(LogUncertainError, match="not done twice"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["after"]


def test_what_was_in_and_not_committed_is_not_answered_as_kept(ledger, failing_after):
    ledger.submit_sync(note("case/1", "before"))
    failing_after(committed=False)

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["before", "after"]


@pytest.mark.parametrize("fault", [MemoryError, sqlite3.OperationalError])
def test_nor_where_not_even_the_undoing_succeeds(
    ledger, failing_after, monkeypatch, fault
):
    undo = datastore.SQLiteConnection.rollback

    def once(_connection):
        monkeypatch.setattr(datastore.SQLiteConnection, "rollback", undo)
        raise fault

    ledger.submit_sync(note("case/1", "before"))
    failing_after(committed=False)
    monkeypatch.setattr(datastore.SQLiteConnection, "rollback", once)

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["before", "after"]
