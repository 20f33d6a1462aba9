"""The recorder's contract: ours on each database, and the library's own in memory.

All of them speak the `eventsourcing` library's interface of an application recorder.
"""

import sqlite3
from contextlib import closing, suppress

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.errors import LogUnavailableError
from gateway.store.verification import verify
from tests.store.samples import note, opened

REFUSED = (IntegrityError, LogUnavailableError)
TOPICS = ("note.noted.v1", "other.v1")


both = pytest.mark.usefixtures("backend")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def recorder(request, kept_by, tmp_path):
    """Give an empty recorder: the library's, or ours on each database."""
    if request.param == "memory":
        yield POPOApplicationRecorder()
        return
    kept_by(request.param)
    ledger = opened(tmp_path)
    yield ledger._log.recorder
    ledger.close()


def _stored(stream, version, topic="note.noted.v1"):
    return StoredEvent(stream, version, topic, b"state of %d" % version)


@pytest.fixture
def filled(recorder):
    for number in range(6):
        recorder.insert_events([_stored(f"s{number % 2}", number // 2 + 1)])
    return recorder


def test_positions_begin_at_one_and_have_no_gaps(recorder):
    first = recorder.insert_events([_stored("a", 1), _stored("b", 1)])
    second = recorder.insert_events([_stored("a", 2)])

    assert [*first, *second] == [1, 2, 3]
    assert recorder.max_notification_id() == 3


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
def test_notifications_are_chosen_as_the_library_promises(filled, options, positions):
    assert [n.id for n in filled.select_notifications(**options)] == positions


def test_a_version_is_never_written_twice(filled):
    with pytest.raises(REFUSED):
        filled.insert_events([_stored("s0", 2)])

    assert filled.max_notification_id() == 6
    assert list(filled.insert_events([_stored("s0", 4)])) == [7]


def test_events_are_written_all_or_none(filled):
    with pytest.raises(REFUSED):
        filled.insert_events([_stored("new", 1), _stored("s0", 1)])

    assert filled.max_notification_id() == 6
    assert list(filled.insert_events([_stored("new", 1)])) == [7]


def test_inserting_nothing_changes_nothing(filled):
    assert list(filled.insert_events([])) == []
    assert filled.max_notification_id() == 6


_INSERTS = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.sampled_from(TOPICS)),
        max_size=3,
    ),
    max_size=6,
)


@both
@settings(max_examples=15, deadline=None)
@given(inserts=_INSERTS)
def test_ours_does_what_the_librarys_does(inserts, tmp_path_factory):
    ledger = opened(tmp_path_factory.mktemp("log"))
    ours, theirs = ledger._log.recorder, POPOApplicationRecorder()
    for part in inserts:
        events = [_stored(*each) for each in part]
        accepted = []
        for recorder in (ours, theirs):
            with suppress(*REFUSED):
                recorder.insert_events(events)
                accepted.append(recorder)
        assert len(accepted) in (0, 2)

    assert ours.max_notification_id() == (theirs.max_notification_id() or 0)
    assert [
        (n.id, n.originator_id, n.originator_version, n.topic, n.state)
        for n in ours.select_notifications(None, 99)
    ] == [
        (n.id, n.originator_id, n.originator_version, n.topic, n.state)
        for n in theirs.select_notifications(None, 99)
    ]
    ledger.close()


@both
def test_a_conflict_leaves_the_seal_whole(ledger, tmp_path):
    ledger.submit_sync(note("s", "x"))
    (row,) = ledger._log.recorder.rows_after(0)

    with pytest.raises(LogUnavailableError, match=r"append-only|UniqueViolation"):
        ledger._log.recorder.insert_events(
            [StoredEvent(row.originator_id, 1, "t", b"")]
        )

    assert verify(tmp_path).problems == ()


@both
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET topic = 'x'",
        "DELETE FROM stored_events",
        "DELETE FROM data_keys",
        "UPDATE data_keys SET subject_tag = key_id",
        "UPDATE data_keys SET members = key_id",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(ledger, statement):
    ledger.submit_sync(note("s", "x"))

    with (
        pytest.raises(LogUnavailableError, match=r"only|kept|stays|RaiseException"),
        ledger._log.recorder.database.writing() as statements,
    ):
        statements.execute(statement)

    assert [recorded.event.text for recorded in ledger.read()] == ["x"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("stored_events", "position, 'o', 9, 'x', state, leaf"),
        ("stored_events", "NULL, originator_id, originator_version, 'x', state, leaf"),
        ("data_keys", "key_id, x'00', 1, x'', kek_id, NULL"),
        ("data_keys", "x'00', subject_tag, generation, members, kek_id, NULL"),
    ],
)
def test_nobody_who_opens_the_file_replaces_a_row(tmp_path, table, row):
    """SQLite takes a replaced row away without asking the triggers of a DELETE."""
    with closing(opened(tmp_path)) as ledger:
        ledger.submit_sync(note("s", "x"))

    with (
        closing(sqlite3.connect(tmp_path / "log.sqlite")) as stranger,
        pytest.raises(sqlite3.IntegrityError, match=r"append-only|stays"),
    ):
        stranger.execute(f"REPLACE INTO {table} SELECT {row} FROM {table}")
