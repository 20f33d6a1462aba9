"""The `eventsourcing` recorder's own interface, and what the database refuses."""

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from gateway.store.errors import LogUnavailableError
from gateway.store.verification import verify
from tests.store.samples import note, opened


@pytest.fixture
def ledger(tmp_path):
    ledger = opened(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def recorder(ledger):
    for number in range(6):
        ledger.submit_sync(note(f"s{number % 2}", str(number)))
    return ledger._log.recorder


def test_the_librarys_interface_reads_our_rows(recorder):
    notifications = recorder.select_notifications(1, 10)

    first = notifications[0]

    assert [n.id for n in notifications] == [1, 2, 3, 4, 5, 6]
    assert recorder.max_notification_id() == 6
    assert [
        e.originator_version for e in recorder.select_events(first.originator_id)
    ] == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize(
    ("options", "positions"),
    [
        ({"start": None, "limit": 2}, [1, 2]),
        ({"start": 2, "limit": 2}, [2, 3]),
        ({"start": 2, "limit": 2, "inclusive_of_start": False}, [3, 4]),
        ({"start": 2, "limit": 9, "stop": 4}, [2, 3, 4]),
        ({"start": 1, "limit": 9, "topics": ["note.noted.v1"]}, [1, 2, 3, 4, 5, 6]),
        ({"start": 1, "limit": 9, "topics": ["other.v1"]}, []),
    ],
)
def test_notifications_are_chosen_as_the_library_promises(recorder, options, positions):
    assert [n.id for n in recorder.select_notifications(**options)] == positions


def test_a_version_is_never_written_twice(recorder, tmp_path):
    again = recorder.select_events(recorder.select_notifications(1, 1)[0].originator_id)

    with pytest.raises(LogUnavailableError, match="UNIQUE"):
        recorder.insert_events(
            [StoredEvent(a.originator_id, 1, "t", b"") for a in again]
        )

    assert recorder.max_notification_id() == 6
    assert verify(tmp_path).problems == ()


def test_inserting_nothing_changes_nothing(recorder):
    assert list(recorder.insert_events([])) == []
    assert recorder.max_notification_id() == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET topic = 'x'",
        "DELETE FROM stored_events",
        "INSERT OR REPLACE INTO stored_events SELECT * FROM stored_events",
        "DELETE FROM data_keys",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(recorder, statement):
    with (
        pytest.raises(IntegrityError, match=r"append-only|kept"),
        recorder.datastore.transaction(commit=True) as cursor,
    ):
        cursor.execute(statement)


def test_every_connection_is_durable(recorder):
    datastore = recorder.datastore
    connections = [datastore.pool.get_connection(is_writer=False) for _ in range(3)]
    for connection in connections:
        raw = connection._sqlite_conn
        values = [
            raw.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
        datastore.pool.put_connection(connection)

        assert values == ["wal", 2, 1, 30_000]


def test_a_disk_that_cannot_be_read_is_said_to_be_so(ledger, recorder):
    with recorder.datastore.transaction(commit=True) as cursor:
        cursor.execute("ALTER TABLE stored_events RENAME TO elsewhere")

    with pytest.raises(LogUnavailableError, match="no such table"):
        ledger.read()
    with pytest.raises(LogUnavailableError, match="no such table"):
        ledger.submit_sync(note("new", "x"))
