"""What a unit of work may do, and what is left of it when something fails."""

import asyncio
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gateway.store.batch import StreamState
from gateway.store.errors import (
    LogClosedError,
    OverloadedError,
    UnknownTopicError,
    UnrecordableEventError,
)
from gateway.store.foresight import Reads
from gateway.store.recorder import SealedRecorder
from gateway.store.records import Erased
from tests.store.samples import (
    AT,
    CONTEXT,
    Noted,
    erase,
    longer,
    note,
    opened,
    texts,
)

pytestmark = pytest.mark.usefixtures("backend")


class _Gate:
    """A unit that keeps the writer busy until it is opened."""

    def __init__(self):
        self.entered, self._opened = threading.Event(), threading.Event()

    def __call__(self, _):
        self.entered.set()
        self._opened.wait(60)

    def open(self):
        self._opened.set()


def _shout(state, event):
    return state + event.text.upper()


def test_an_event_is_read_back_with_its_place_and_circumstances(ledger):
    ledger.submit_sync(note("case/1", "pain"))

    (recorded,) = ledger.read()

    assert (recorded.position, recorded.stream, recorded.version) == (1, "case/1", 1)
    assert (recorded.topic, recorded.event) == ("note.noted.v1", Noted(text="pain"))
    assert (recorded.at, recorded.actor, recorded.request) == (
        AT,
        "Device/feed",
        "req-1",
    )


def test_positions_have_no_gaps_and_pages_join(ledger):
    for number in range(7):
        ledger.submit_sync(note(f"case/{number % 3}", str(number)))

    pages = [
        *ledger.read(limit=3),
        *ledger.read(after=3, limit=3),
        *ledger.read(after=6),
    ]

    assert [r.position for r in pages] == [1, 2, 3, 4, 5, 6, 7]
    assert [r.event.text for r in pages] == list("0123456")
    assert [r.version for r in ledger.stream("case/0")] == [1, 2, 3]


def test_versions_count_each_stream_from_one(ledger):
    assert ledger.submit_sync(note("a", "1", "2")) == 2
    assert ledger.submit_sync(note("b", "1")) == 1
    assert ledger.submit_sync(note("a", "3")) == 3


def test_an_empty_stream_is_its_initial_state(ledger):
    assert ledger.submit_sync(lambda s: s.load("none", longer, ())) == ((), 0)
    assert ledger.stream("none") == []


def test_a_unit_sees_its_own_appends_through_every_fold(ledger):
    ledger.submit_sync(note("a", "x"))

    def work(session):
        before = session.load("a", longer, ())
        session.append("a", [Noted(text="y")], subject="", context=CONTEXT)
        return before, session.load("a", longer, ()), session.load("a", _shout, "")

    before, after, shouted = ledger.submit_sync(work)

    assert (before, after, shouted) == ((("x",), 1), (("x", "y"), 2), ("XY", 2))


def test_the_state_of_a_hot_stream_follows_appends_by_others(ledger):
    ledger.submit_sync(note("a", "x"))
    ledger.submit_sync(
        lambda s: s.append("a", [Noted(text="y")], subject="", context=CONTEXT)
    )

    assert ledger.submit_sync(lambda s: s.load("a", longer, ())) == (("x", "y"), 2)


def test_a_reopened_log_continues_its_streams(tmp_path):
    first = opened(tmp_path)
    first.submit_sync(note("a", "x", subject="Patient/1"))
    derived = first.derive("token")
    first.close()

    second = opened(tmp_path)
    version = second.submit_sync(note("a", "y", subject="Patient/1"))

    assert (version, second.head) == (2, 2)
    assert texts(second, "a") == ["x", "y"]
    assert second.derive("token") == derived
    second.close()


def test_only_a_few_folds_of_a_stream_are_remembered():
    state = StreamState(version=1)
    for number in range(20):
        state = state.with_state(lambda s, _: s, number)

    assert list(state.states.values()) == [16, 17, 18, 19]


def test_what_is_heavy_is_remembered_only_until_it_is_on_the_disk():
    heavy = SimpleNamespace(heavy=True)
    state = StreamState(version=1).with_state(min, 1).with_state(max, heavy)

    assert state.states[max] is heavy
    assert state.settled().states == {min: 1}


def test_a_unit_that_fails_leaves_no_trace(ledger):
    ledger.submit_sync(note("a", "kept"))

    def work(session):
        session.load("a", longer, ())
        session.append("a", [Noted(text="lost")], subject="new", context=CONTEXT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.submit_sync(work)

    assert ledger.submit_sync(lambda s: s.load("a", longer, ())) == (("kept",), 1)
    assert ledger.submit_sync(note("a", "next", subject="new")) == 2
    assert texts(ledger, "a") == ["kept", "next"]


async def test_a_failed_unit_does_not_harm_its_group(ledger):
    gate = _Gate()
    blocked = asyncio.create_task(ledger.submit(gate))
    await asyncio.to_thread(gate.entered.wait)

    def refuse(session):
        session.append("a", [Noted(text="no")], subject="p2", context=CONTEXT)
        raise StopIteration

    tasks = [
        asyncio.create_task(ledger.submit(work))
        for work in (note("a", "1", subject="p"), refuse, note("a", "2", subject="p"))
    ]
    await asyncio.sleep(0)
    gate.open()
    await blocked
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert results[0] == 1
    assert isinstance(results[1], RuntimeError)  # a coroutine cannot raise it bare
    assert results[2] == 2
    assert texts(ledger, "a") == ["1", "2"]
    assert ledger.stats.groups == 1


async def test_many_units_share_one_commit(ledger):
    await asyncio.gather(
        *(ledger.submit(note(f"s{n % 7}", str(n))) for n in range(300))
    )

    stats = ledger.stats

    assert (stats.units, stats.events, ledger.head) == (300, 300, 300)
    assert stats.groups <= 30
    assert stats.append_seconds > 0
    assert stats.commit_seconds > 0
    assert stats.queue_depth == 0


async def test_a_group_is_no_larger_than_its_limit(tmp_path):
    ledger = opened(tmp_path, group_limit=10)

    await asyncio.gather(*(ledger.submit(note("s", str(n))) for n in range(100)))

    assert ledger.stats.groups >= 10
    ledger.close()


async def test_a_full_queue_refuses_at_once(tmp_path):
    ledger = opened(tmp_path, queue_limit=2)
    gate = _Gate()
    blocked = asyncio.create_task(ledger.submit(gate))
    await asyncio.to_thread(gate.entered.wait)
    waiting = [asyncio.create_task(ledger.submit(note("s", n))) for n in "12"]
    await asyncio.sleep(0)

    with pytest.raises(OverloadedError, match="again in a second"):
        await ledger.submit(note("s", "3"))

    assert ledger.stats.queue_depth == 2
    gate.open()
    await asyncio.gather(blocked, *waiting)
    assert texts(ledger, "s") == ["1", "2"]
    ledger.close()


async def test_a_caller_that_left_before_its_turn_is_skipped(ledger):
    gate = _Gate()
    blocked = asyncio.create_task(ledger.submit(gate))
    await asyncio.to_thread(gate.entered.wait)
    gone = asyncio.create_task(ledger.submit(note("s", "gone")))
    stays = asyncio.create_task(ledger.submit(note("s", "stays")))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gate.open()
    await blocked

    assert await stays == 1
    assert texts(ledger, "s") == ["stays"]


async def test_a_caller_that_left_during_its_turn_harms_nobody(ledger):
    gate = _Gate()
    gone = asyncio.create_task(ledger.submit(gate))
    await asyncio.to_thread(gate.entered.wait)
    gone.cancel()
    await asyncio.sleep(0)
    gate.open()

    assert await ledger.submit(note("s", "x")) == 1


def test_a_caller_whose_event_loop_is_gone_harms_nobody(ledger):
    gate = _Gate()

    async def leave():
        gone = asyncio.ensure_future(ledger.submit(gate))
        await asyncio.to_thread(gate.entered.wait)
        gone.cancel()

    asyncio.run(leave())
    gate.open()

    assert ledger.submit_sync(note("s", "x")) == 1


def test_two_event_loops_and_a_thread_share_a_group(ledger):
    gate = _Gate()
    blocker = threading.Thread(target=ledger.submit_sync, args=(gate,))
    blocker.start()
    gate.entered.wait()
    workers = [
        threading.Thread(target=asyncio.run, args=(ledger.submit(note("s", "a")),)),
        threading.Thread(target=asyncio.run, args=(ledger.submit(note("s", "b")),)),
        threading.Thread(target=ledger.submit_sync, args=(note("s", "c"),)),
    ]
    for worker in workers:
        worker.start()
    while ledger.stats.queue_depth < 3:
        pass
    gate.open()
    for worker in [blocker, *workers]:
        worker.join()

    assert sorted(texts(ledger, "s")) == ["a", "b", "c"]
    assert ledger.stats.groups == 1


def test_an_event_that_is_not_registered_fails_its_unit(ledger):
    class Stranger:
        topic = "stranger.v1"

    with pytest.raises(UnknownTopicError):
        ledger.submit_sync(
            lambda s: s.append("s", [Stranger()], subject="", context=CONTEXT)
        )


def test_a_time_without_a_zone_is_refused(ledger):
    naive = replace(CONTEXT, at=AT.replace(tzinfo=None))

    with pytest.raises(UnrecordableEventError, match="time zone"):
        ledger.submit_sync(
            lambda s: s.append("s", [Noted(text="x")], subject="", context=naive)
        )


def test_derived_identities_are_stable_and_unlike_each_other(ledger):
    inside = ledger.submit_sync(lambda s: s.derive("Patient", b"x"))

    assert inside == ledger.derive("Patient", b"x")
    assert len(inside) == 32
    assert inside != ledger.derive("Patientx")
    assert inside != ledger.derive("Patien", "tx")


async def test_a_follower_is_woken_by_the_next_commit(ledger):
    followers = [asyncio.create_task(ledger.wait_beyond(n)) for n in (0, 0, 1)]
    left = asyncio.create_task(ledger.wait_beyond(0))
    await asyncio.sleep(0)
    left.cancel()
    await ledger.submit(note("s", "x"))

    assert await asyncio.gather(*followers[:2]) == [1, 1]
    assert await ledger.wait_beyond(0) == 1
    assert not followers[2].done()

    await ledger.submit(note("s", "y"))

    assert await followers[2] == 2


async def test_a_follower_that_leaves_as_it_is_woken_harms_nobody(ledger):
    follower = asyncio.create_task(ledger.wait_beyond(0))
    await asyncio.sleep(0)
    ledger.submit_sync(note("s", "x"))  # the wake-up is queued in this loop
    follower.cancel()
    await asyncio.sleep(0)

    assert follower.cancelled()
    assert await ledger.wait_beyond(0) == 1


async def test_closing_finishes_what_was_submitted_and_refuses_the_rest(tmp_path):
    ledger = opened(tmp_path)
    tasks = [asyncio.create_task(ledger.submit(note("s", str(n)))) for n in range(50)]
    follower = asyncio.create_task(ledger.wait_beyond(1000))
    await asyncio.sleep(0)

    ledger.close()

    assert sorted(await asyncio.gather(*tasks)) == list(range(1, 51))
    with pytest.raises(LogClosedError):
        await follower
    with pytest.raises(LogClosedError):
        await ledger.submit(note("s", "late"))
    with pytest.raises(LogClosedError):
        ledger.read()
    with pytest.raises(LogClosedError):
        await ledger.wait_beyond(50)
    ledger.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_fault_of_the_writer_itself_leaves_nobody_waiting(ledger):
    def sabotage(session):
        session._batch.rows.append("not an event")

    with pytest.raises(LogClosedError):
        await ledger.submit(sabotage)

    with pytest.raises(LogClosedError):
        await ledger.submit(note("s", "x"))


def _only(_, event):
    return event.text


def newest(stream):
    return lambda session: session.newest(stream, _only, "")


def test_the_newest_event_is_read_without_the_older_ones(tmp_path, monkeypatch):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", *"abc"))
    ledger.close()
    ledger = opened(tmp_path)
    monkeypatch.delattr(SealedRecorder, "rows_of")

    assert ledger.submit_sync(newest("s")) == "c"
    assert ledger.submit_sync(newest("never")) == ""
    ledger.close()


def test_the_newest_event_may_be_of_the_unit_itself(ledger):
    ledger.submit_sync(note("s", "a"))

    def work(session):
        session.append("s", [Noted(text="b")], subject="", context=CONTEXT)
        return session.newest("s", _only, "")

    assert ledger.submit_sync(work) == "b"


def test_the_newest_event_is_the_same_where_it_was_foretold(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", *"ab", subject="Patient/1"))
    ledger.close()
    ledger = opened(tmp_path)

    class Foretold:
        def reads(self, _):
            return Reads(["s", "t"])

        def __call__(self, session):
            return [session.newest(each, _only, "") for each in "st"]

    assert ledger.submit_sync(Foretold()) == ["b", ""]
    ledger.close()


@pytest.mark.parametrize("foretold", [False, True])
def test_of_what_was_erased_the_newest_event_that_is_left_counts(tmp_path, foretold):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "kept", subject="Patient/1"))
    ledger.submit_sync(note("s", "lost", subject="Patient/2"))
    ledger.submit_sync(note("all", "lost", subject="Patient/2"))

    def destroy(session):
        session.append("told", [Noted(text="x")], subject="", context=CONTEXT)
        session.destroy(each.key_id for each in session.keys_of(["Patient/2"]))

    ledger.submit_sync(destroy)

    class Work:
        def reads(self, _):
            return Reads(["s", "all"] if foretold else [])

        def __call__(self, session):
            return [session.newest(each, _only, "") for each in ("s", "all")]

    assert ledger.submit_sync(Work()) == ["kept", ""]
    ledger.close()


def test_streams_are_found_by_the_keys_that_their_events_have(ledger):
    for stream, who in (("a", "Patient/1"), ("b", "Patient/2"), ("c", "Patient/2")):
        ledger.submit_sync(note(stream, "x", "y", subject=who))
    recorder, names = ledger.log.recorder, ledger.log.reader.names
    (key,) = recorder.keys_of([names.subject("Patient/2")])

    assert recorder.streams_under([key.key_id]) == {*map(names.stream, "bc")}
    assert recorder.streams_under([]) == set()


def test_an_erased_subject_is_read_as_erased_and_counted(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("a", "gone", subject="Patient/1"))
    ledger.close()
    erase(tmp_path)

    ledger = opened(tmp_path)

    assert ledger.read() == [Erased(position=1, version=1, topic="note.noted.v1")]
    assert ledger.submit_sync(lambda s: s.load("a", longer, ())) == ((), 1)
    assert ledger.submit_sync(note("a", "new", subject="Patient/1")) == 2
    assert ledger.stream("a")[1].event == Noted(text="new")
    ledger.close()


def test_hot_streams_and_keys_are_let_go_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.store.batch._HOT_STREAMS", 2)
    ledger = opened(tmp_path)
    for number in range(5):
        ledger.submit_sync(note(f"s{number}", "x"))

    assert [ledger.submit_sync(note(f"s{n}", "y")) for n in range(5)] == [2] * 5
    ledger.close()
