"""What is SQLite's own: its pragmas, a full disk, a commit that fails."""

import resource
import sqlite3
from contextlib import closing, contextmanager

import pytest

from gateway.store.errors import (
    LogDamagedError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.foresight import Reads
from gateway.store.reading import snapshot
from gateway.store.records import Unreadable
from tests.store.samples import attack, longer, note, opened, texts


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


def test_beside_a_reader_what_was_overwritten_stays_and_that_is_said(ledger, tmp_path):
    ledger.submit_sync(note("s", "x"))
    database = ledger._log.recorder.database
    with snapshot(tmp_path) as log:
        log.execute("SELECT * FROM log_head").fetchone()

        with pytest.raises(LogUnavailableError, match="still in the log's files"):
            database.shed()

    database.shed()
    assert (tmp_path / "log.sqlite-wal").stat().st_size == 0
    with database.reading() as statements:
        patience = statements.execute("PRAGMA busy_timeout").fetchone()
    assert patience == (30_000,)


@contextmanager
def no_file_may_be_written():
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))


def test_where_the_disk_fails_what_was_overwritten_stays_and_that_is_said(
    ledger, tmp_path
):
    """What was written before is kept: a repetition would be wrong advice."""
    ledger.submit_sync(note("s", "x"))
    database = ledger._log.recorder.database

    with (
        no_file_may_be_written(),
        pytest.raises(LogUnavailableError) as refused,
    ):
        database.shed()

    assert "still in the log's files, because the disk failed" in str(refused.value)
    assert "Nothing was kept" not in str(refused.value)
    database.shed()
    assert (tmp_path / "log.sqlite-wal").stat().st_size == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE OR REPLACE data_keys SET rowid = 1 WHERE generation = 1",
        "INSERT OR REPLACE INTO data_keys SELECT * FROM data_keys",
        """INSERT OR REPLACE INTO data_keys (rowid, key_id, subject_tag, generation,
            members, kek_id) SELECT 1, x'00', x'00', 1, x'', kek_id FROM data_keys
            LIMIT 1""",
        "UPDATE OR REPLACE data_keys SET generation = 2",
        "DELETE FROM data_keys",
        "UPDATE OR REPLACE log_secrets SET rowid = 1",
        "UPDATE OR REPLACE log_secrets SET name = 'names'",
        "INSERT OR REPLACE INTO log_secrets VALUES ('names', x'00')",
        "DELETE FROM log_secrets",
        "UPDATE OR REPLACE stored_events SET position = 1",
        "DELETE FROM stored_events",
    ],
)
def test_no_mistake_from_outside_removes_a_row(ledger, tmp_path, statement):
    for number in "12":
        ledger.submit_sync(note(f"s{number}", "x", subject=f"Patient/{number}"))
    tables = ("data_keys", "log_secrets", "stored_events")
    selects = [f"SELECT * FROM {each} ORDER BY 1" for each in tables]
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as outside:
        before = [outside.execute(each).fetchall() for each in selects]

        with pytest.raises(sqlite3.Error):
            outside.execute(statement)

        assert [outside.execute(each).fetchall() for each in selects] == before
        assert [len(each) for each in before] == [2, 2, 2]


@pytest.mark.usefixtures("ledger")
def test_what_fails_beside_an_open_log_is_not_blamed_on_it(tmp_path):
    with closing(sqlite3.connect(":memory:")) as other:
        other.execute("PRAGMA max_page_count = 1")

        with (
            pytest.raises(sqlite3.OperationalError, match="disk is full"),
            snapshot(tmp_path),
        ):
            other.execute("CREATE TABLE something (a)")


def test_a_log_that_is_locked_is_not_called_damaged(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.store.sight._BUSY_SECONDS", 0.1)
    ledger.close()
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with (
            pytest.raises(LogUnavailableError, match=r"now \(database is locked\)"),
            snapshot(tmp_path) as log,
        ):
            log.execute("SELECT * FROM log_head").fetchone()

    with snapshot(tmp_path) as log:
        assert len(log.execute("SELECT * FROM log_head").fetchall()) == 1


@pytest.mark.parametrize(
    "taken",
    [list, lambda rows: rows.fetchall(), lambda rows: [*iter(rows.fetchone, None)]],
    ids=["in a loop", "whole", "one by one"],
)
def test_a_damaged_page_is_met_however_rows_are_taken(ledger, tmp_path, taken):
    ledger.submit_sync(note("s", *["x" * 200] * 300))
    ledger.close()
    file = tmp_path / "log.sqlite"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = b"\xff" * 8192
    file.write_bytes(content)

    with snapshot(tmp_path) as log:
        rows = log.execute("SELECT * FROM stored_events")
        with pytest.raises(LogDamagedError, match="malformed"):
            taken(rows)
