import sqlite3

import msgspec
import pytest

from gateway.store import envelope
from gateway.store.envelope import Place
from gateway.store.errors import LogMissingError, UnrecordableEventError
from gateway.store.records import Passed
from gateway.store.schema import LOG_FILE, NewRow
from gateway.store.transcript import following, transcript
from gateway.store.verification import verify
from tests.store.samples import CONTEXT, REGISTRY, Noted, note, opened

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def folder(tmp_path):
    ledger = opened(tmp_path)
    for name in ("one", "two"):
        events = [Noted(text=name)]
        ledger.submit_sync(
            lambda session, name=name, events=events: session.append(
                name, events, subject="", context=CONTEXT
            )
        )
    ledger.close()
    return tmp_path


def test_a_transcript_gives_every_event_in_order_and_each_stream(folder):
    with transcript(folder, registry=REGISTRY) as log:
        events = list(log.events())

        assert [event.stream for event in events] == ["one", "two"]
        assert log.stream("two") == events[1:]
        assert log.head == 2


def test_a_transcript_derives_what_the_writer_derives(folder):
    with transcript(folder, registry=REGISTRY) as log:
        read = log.derive("projections")
    ledger = opened(folder)

    assert ledger.derive("projections") == read
    ledger.close()


def test_a_log_that_was_never_begun_has_no_transcript(tmp_path):
    sqlite3.connect(tmp_path / LOG_FILE).close()
    (tmp_path / LOG_FILE).touch()

    with (
        pytest.raises(LogMissingError, match="never begun"),
        transcript(tmp_path, registry=REGISTRY),
    ):
        raise AssertionError("there is nothing to read")


def test_what_follows_a_log_sees_what_was_appended_later(folder):
    with following(folder, registry=REGISTRY) as log:
        before = log.read(after=0, limit=500, unread=frozenset())
        ledger = opened(folder)
        ledger.submit_sync(note("three", "text"))
        ledger.close()

        (event,) = log.read(after=2, limit=500, unread=frozenset())

        assert [each.stream for each in before] == ["one", "two"]
        assert event.stream == "three"


def test_of_what_is_not_asked_for_only_the_place_is_read(folder):
    with following(folder, registry=REGISTRY) as log:
        places = log.read(after=0, limit=1, unread=frozenset({Noted.topic}))

        assert places == [Passed(position=1, version=1, topic=Noted.topic)]


def test_what_another_program_wrote_in_its_own_way_keeps_no_other_event_from_readers(
    folder,
):
    ledger = opened(folder)
    reader, recorder = ledger.log.reader, ledger.log.recorder
    row = recorder.rows_after(0)[0]
    key = reader.keyring.opened(row.key, row.wrapped)
    entry = msgspec.structs.asdict(reader.entry(row)) | {"request": 7}
    place = Place(
        tenant=reader.names.tenant,
        originator_id=row.originator_id,
        version=2,
        topic=Noted.topic,
    )
    state = key.cipher.encrypt(
        msgspec.msgpack.encode(entry),
        envelope._associated(place, key.key_id),
        row.state[: 1 + len(key.key_id)],
    )
    recorder.insert_events([NewRow(row.originator_id, 2, Noted.topic, state)])
    try:
        *_, unreadable = ledger.read(tolerant=True)

        assert (unreadable.position, unreadable.error) == (3, "UnrecordableEventError")
        with pytest.raises(UnrecordableEventError, match="newer program"):
            ledger.read()
    finally:
        ledger.close()
    (problem,) = verify(folder).problems
    assert (problem.position, "newer program" in problem.sentence) == (3, True)
