"""What is SQLite's own: its pragmas, a full disk, a commit that fails."""

from contextlib import contextmanager

import pytest

from gateway.store.errors import (
    LogDamagedError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.foresight import Reads
from gateway.store.records import Unreadable
from tests.store.samples import attack, longer, note, opened, texts


@pytest.fixture
def ledger(tmp_path):
    ledger = opened(tmp_path)
    yield ledger
    ledger.close()


class _Told:
    """A note that names its subject beforehand."""

    def __init__(self, stream, text, subject):
        self._work = note(stream, text, subject=subject)
        self._subject = subject

    def reads(self, _):
        return Reads(subjects=(self._subject,))

    def __call__(self, session):
        return self._work(session)


def _limit_pages(ledger, more):
    with ledger._log.recorder.database.datastore.transaction(commit=False) as cursor:
        connection = cursor.sqlite_cursor.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + more}")


def test_a_full_disk_refuses_the_group_and_later_takes_the_next(ledger):
    ledger.submit_sync(note("s", "before"))
    _limit_pages(ledger, more=4)

    with pytest.raises(LogUnavailableError, match="full"):
        ledger.submit_sync(note("s", "x" * 100_000, subject="Patient/new"))

    assert ledger.head == 1
    assert ledger.submit_sync(lambda s: s.load("s", longer, ())) == (("before",), 1)
    _limit_pages(ledger, more=1000)
    assert ledger.submit_sync(note("s", "x" * 100_000, subject="Patient/new")) == 2
    assert [recorded.position for recorded in ledger.read()] == [1, 2]


def test_a_commit_that_fails_leaves_no_open_transaction(ledger):
    ledger.submit_sync(note("s", "before"))
    with ledger._log.recorder.database.datastore.transaction(commit=False) as cursor:
        connection = cursor.sqlite_cursor.connection
    connection.execute(
        "CREATE TABLE claim (a REFERENCES data_keys(key_id) DEFERRABLE INITIALLY "
        "DEFERRED)"
    )
    connection.execute(  # a constraint that is only checked by COMMIT itself
        "CREATE TEMP TRIGGER spoil AFTER INSERT ON main.stored_events "
        "BEGIN INSERT INTO claim VALUES (x'00'); END"
    )

    with pytest.raises(LogUnavailableError, match="FOREIGN KEY"):
        ledger.submit_sync(note("s", "lost"))

    assert not connection.in_transaction
    connection.execute("DROP TRIGGER spoil")
    assert ledger.submit_sync(note("s", "after")) == 2
    assert texts(ledger, "s") == ["before", "after"]


def test_a_disk_that_fails_while_looking_ahead_is_reported_by_each_unit(ledger):
    with ledger._log.recorder.database.datastore.transaction(commit=True) as cursor:
        cursor.execute("ALTER TABLE data_keys RENAME TO elsewhere")

    with pytest.raises(LogUnavailableError, match="no such table"):
        ledger.submit_sync(_Told("s", "x", "Patient/1"))


def test_every_connection_is_durable(ledger):
    datastore = ledger._log.recorder.database.datastore
    connections = [datastore.pool.get_connection(is_writer=False) for _ in range(3)]
    for connection in connections:
        raw = connection._sqlite_conn
        values = [
            raw.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
        datastore.pool.put_connection(connection)

        assert values == ["wal", 2, 1, 30_000]


def test_a_disk_that_cannot_be_read_is_said_to_be_so(ledger):
    with ledger._log.recorder.database.datastore.transaction(commit=True) as cursor:
        cursor.execute("ALTER TABLE stored_events RENAME TO elsewhere")

    with pytest.raises(LogUnavailableError, match="no such table"):
        ledger.read()
    with pytest.raises(LogUnavailableError, match="no such table"):
        ledger.submit_sync(note("new", "x"))


def test_replacing_a_row_is_refused_as_a_change(ledger):
    ledger.submit_sync(note("s", "x"))

    with (
        pytest.raises(LogUnavailableError, match="append-only"),
        ledger._log.recorder.database.writing() as statements,
    ):
        statements.execute(
            "INSERT OR REPLACE INTO stored_events SELECT * FROM stored_events"
        )


def test_a_commit_that_failed_and_is_there_all_the_same_counts(ledger, monkeypatch):
    database = ledger._log.recorder.database
    original = database.writing

    @contextmanager
    def unanswered():
        with original() as statements:
            yield statements
        raise LogUnavailableError("The answer was lost.")

    monkeypatch.setattr(database, "writing", unanswered)

    assert ledger.submit_sync(note("s", "kept")) == 1
    assert (ledger.head, texts(ledger, "s")) == (1, ["kept"])


def test_where_nobody_can_look_it_is_said_that_nobody_knows(ledger, monkeypatch):
    database = ledger._log.recorder.database

    @contextmanager
    def failing():
        raise LogUnavailableError("The disk failed.")
        yield

    @contextmanager
    def unanswered():
        with database.datastore.transaction(commit=True) as cursor:
            yield cursor.sqlite_cursor
            monkeypatch.setattr(database, "reading", failing)
        raise LogUnavailableError("The answer was lost.")

    monkeypatch.setattr(database, "writing", unanswered)

    with pytest.raises(LogUncertainError, match="Send it again"):
        ledger.submit_sync(note("s", "perhaps"))

    monkeypatch.undo()
    assert ledger.submit_sync(lambda s: s.load("s", longer, ())) == (("perhaps",), 1)


def test_whoever_has_the_file_alone_has_every_claim(ledger):
    claimed = ledger.claim(["case-1", "case-2"])

    assert list(claimed) == ["case-1", "case-2"]


def test_a_unit_reads_the_rows_that_came_after_a_position(ledger):
    ledger.submit_sync(note("a", "one"))
    ledger.submit_sync(note("a", "two"))

    def entries(session):
        return [session.entry(row) for row in session.rows_after(1)]

    (entry,) = ledger.submit_sync(entries)

    assert entry.stream == "a"


@pytest.mark.parametrize("column", ["state", "leaf", "topic", "originator_version"])
def test_a_value_of_another_type_is_one_event_that_cannot_be_read(tmp_path, column):
    ledger = opened(tmp_path)
    for text in "ab":
        ledger.submit_sync(note(text, text))
    wrong = "1" if column in ("state", "leaf") else "x'00'"
    attack(tmp_path, f"UPDATE stored_events SET {column} = {wrong} WHERE position = 1")

    first, second = ledger.read(tolerant=True)

    assert isinstance(first, Unreadable)
    assert first.error == "CiphertextError"
    assert second.event.text == "b"
    with pytest.raises(LogDamagedError, match="another type"):
        ledger.read()
    ledger.close()
