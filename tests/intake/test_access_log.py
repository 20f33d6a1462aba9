import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.events import REGISTRY
from domain.values import Reference
from gateway.intake.access_log import AccessLog
from gateway.intake.accesses import ACTOR, Access
from gateway.intake.strangers import Strangers
from gateway.store.errors import LogUnavailableError, OverloadedError
from gateway.store.ledger import Ledger
from gateway.store.records import Context

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
LONG_S = 60.0
PATIENT, OTHER = "Patient/p", "Patient/q"


def access(number=0, patients=(PATIENT,)):
    return Access(
        event=AccessRecorded(interaction="read", status=200, patients=patients),
        context=Context(
            at=AT, actor="nurse-jo", request=f"r-{number}", address="192.0.2.7"
        ),
    )


class FailingLedger:
    """A log whose disk fails as often as it is told to; the rest is the real one."""

    def __init__(self, ledger, failures):
        self._ledger = ledger
        self.failures = failures

    async def submit(self, work):
        if self.failures:
            raise self.failures.pop()
        return await self._ledger.submit(work)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger.open(tmp_path / "data", registry=REGISTRY)
    yield opened
    opened.close()


def accesses(ledger, *, gathering_s=LONG_S, limit=4096):
    return AccessLog(ledger, gathering_s=gathering_s, clock=lambda: AT, limit=limit)


def recorded(ledger):
    return [each for each in ledger.read() if each.topic.startswith("access.")]


async def test_accesses_gather_and_share_a_commit(ledger):
    log = accesses(ledger)
    for number in range(50):
        await log.record(access(number))
    before = ledger.stats.groups

    await log.flush()

    assert [each.request for each in recorded(ledger)] == [f"r-{n}" for n in range(50)]
    assert ledger.stats.groups == before + 1
    assert log.waiting == 0


async def test_who_from_where_and_when_stand_with_the_access(ledger):
    log = accesses(ledger)
    await log.record(access())

    await log.flush()

    (one,) = recorded(ledger)
    assert (one.actor, one.address, one.at) == ("nurse-jo", "192.0.2.7", AT)
    assert one.event == access().event


async def test_many_accesses_leave_the_writer_to_others_in_between(ledger):
    log = accesses(ledger)
    for number in range(300):
        await log.record(access(number))

    await log.flush()

    assert len(recorded(ledger)) == 300
    assert ledger.stats.units > 1


def test_an_access_is_protected_by_the_keys_of_all_whom_it_is_about():
    kept = {"one": access(1), "two": access(2, (PATIENT, OTHER)), "no": access(3, ())}

    assert {name: each.subject for name, each in kept.items()} == {
        "one": PATIENT,
        "two": f"{PATIENT} {OTHER}",
        "no": "",
    }


@pytest.mark.parametrize(
    ("asked", "alone"),
    [
        ("", False),
        ("/fhir/metadata", False),
        ("/fhir/Task?status=requested&_count=5", False),
        ("/t/north/fhir/Task?_sort=-_lastUpdated", False),
        ("/fhir#Bundle.entry[1,2]", False),
        ("/fhir/Patient?name=Smith", True),
        ("/fhir/Task?status=requested&patient.name=Smith", True),
        ("/fhir/Patient/smith-77", True),
    ],
)
def test_a_question_that_may_name_somebody_has_a_key_of_its_own(asked, alone):
    event = AccessRecorded(interaction="search-type", status=200, asked=asked)
    context = Context(at=datetime.now(UTC), actor="a", request="r-1")

    subject = Access(event=event, context=context).subject

    assert subject == ("alone:r-1" if alone else "")


def test_what_was_asked_for_in_vain_may_name_somebody():
    vain = (Reference(type="Observation", id="smith-77"),)
    staff = (Reference(type="Practitioner", id="p"),)
    context = Context(at=datetime.now(UTC), actor="a", request="r-1")

    def subject(references):
        event = AccessRecorded(interaction="read", status=404, references=references)
        return Access(event=event, context=context).subject

    assert (subject(vain), subject(staff)) == ("alone:r-1", "")


async def test_accesses_are_appended_while_the_worker_runs(ledger):
    log = accesses(ledger, gathering_s=0.001)
    worker = asyncio.create_task(log.run())

    await log.record(access())
    async with asyncio.timeout(60):
        await ledger.wait_beyond(0)

    assert len(recorded(ledger)) == 1
    worker.cancel()
    await asyncio.wait([worker])


async def test_where_the_log_must_have_it_first_recording_returns_then(ledger):
    log = accesses(ledger, gathering_s=0)
    worker = asyncio.create_task(log.run())

    async with asyncio.timeout(60):
        await asyncio.gather(*(log.record(access(each)) for each in range(20)))

    assert len(recorded(ledger)) == 20
    worker.cancel()
    await asyncio.wait([worker])


async def test_without_room_a_request_is_refused_and_the_refusals_are_counted(ledger):
    log = accesses(ledger, limit=2)
    for number in range(2):
        log.require_room()
        await log.record(access(number))

    for _ in range(3):
        with pytest.raises(OverloadedError):
            log.require_room()
    await log.flush()

    log.require_room()
    *known, refusals = recorded(ledger)
    assert len(known) == 2
    assert refusals.event == AccessesUnrecorded(count=3, since=AT)
    assert refusals.actor == ACTOR


async def test_of_a_stranger_s_many_refusals_some_are_recorded_and_all_counted(ledger):
    log = accesses(ledger)
    for number in range(100):
        await log.record_stranger(access(number))
    await log.flush()
    await log.record_stranger(access(100))
    await log.record(access(101))
    await log.flush()

    *_, last = kept = [each.event for each in recorded(ledger)]
    told = [each for each in kept if isinstance(each, AccessRecorded)]
    counts = [each.count for each in kept if isinstance(each, AccessesUnrecorded)]
    assert len(told) == 30 + 1
    assert counts == [70, 1]
    assert last == AccessesUnrecorded(count=1, since=AT)


async def test_a_flood_of_refusals_does_not_keep_a_flush_from_ending(ledger):
    log = accesses(ledger)

    class Flood:
        async def submit(self, work):
            for number in range(50):
                await log.record_stranger(access(number))
            return await ledger.submit(work)

    log._ledger = Flood()
    for number in range(31):
        await log.record_stranger(access(number))
    async with asyncio.timeout(60):
        await log.flush()

    assert len(recorded(ledger)) == 31


async def test_a_flush_does_not_wait_for_what_comes_meanwhile(ledger):
    log = accesses(ledger)

    class Busy:
        async def submit(self, work):
            await log.record(access(len(ledger.read())))
            return await ledger.submit(work)

    log._ledger = Busy()
    await log.record(access())
    async with asyncio.timeout(60):
        await log.flush()

    assert len(recorded(ledger)) == 1
    assert log.waiting == 1


def test_strangers_are_counted_by_minute_by_address_and_in_all():
    strangers = Strangers()

    first = [strangers.tells("192.0.2.1", AT) for _ in range(40)]
    others = [strangers.tells(f"198.51.100.{each}", AT) for each in range(200)]
    later = strangers.tells("192.0.2.1", AT + timedelta(minutes=1))

    assert (sum(first), sum(others), later) == (30, 90, True)


async def test_what_was_answered_is_kept_while_the_disk_fails(ledger):
    failing = FailingLedger(ledger, [LogUnavailableError("The disk failed.")])
    log = accesses(failing, limit=1)
    await log.record(access())
    with pytest.raises(OverloadedError):
        log.require_room()

    with pytest.raises(LogUnavailableError):
        await log.flush()
    assert log.waiting == 1
    await log.flush()

    assert [each.topic for each in recorded(ledger)] == [
        AccessRecorded.topic,
        AccessesUnrecorded.topic,
    ]


async def test_an_answer_that_must_be_recorded_first_is_refused_by_a_failing_disk(
    ledger,
):
    failing = FailingLedger(ledger, [LogUnavailableError("The disk failed.")])
    log = accesses(failing, gathering_s=0)
    worker = asyncio.create_task(log.run())

    async with asyncio.timeout(60):
        with pytest.raises(LogUnavailableError):
            await log.record(access(1))
        await log.record(access(2))

    assert [each.event.status for each in recorded(ledger)[:1]] == [200]
    assert recorded(ledger)[1].event.count == 1
    assert not worker.done()
    worker.cancel()
    await asyncio.wait([worker])


async def test_a_worker_that_cannot_append_stops_so_that_the_service_is_not_ready(
    ledger,
):
    failing = FailingLedger(ledger, [LogUnavailableError("The disk failed.")])
    log = accesses(failing, gathering_s=0.001)
    await log.record(access())

    async with asyncio.timeout(60):
        with pytest.raises(LogUnavailableError):
            await log.run()


async def test_an_overloaded_log_is_asked_again(ledger):
    failing = FailingLedger(ledger, [OverloadedError("Wait.")])
    log = accesses(failing)
    await log.record(access())

    await log.flush()

    assert len(recorded(ledger)) == 1


async def test_a_flush_that_was_cut_off_does_not_record_twice(ledger):
    log = accesses(ledger)
    for number in range(200):
        await log.record(access(number))
    cut = asyncio.create_task(log.flush())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    cut.cancel()
    await asyncio.wait([cut])
    await log.flush()

    assert [each.request for each in recorded(ledger)] == [f"r-{n}" for n in range(200)]


async def test_a_unit_tells_its_caller_what_it_appends(ledger):
    heard = []
    context = Context(at=AT, actor="a", request="r", note=heard.extend)

    await ledger.submit(
        lambda session: session.append(
            "s", [access().event], subject="", context=context
        )
    )

    assert heard == [access().event]
    assert context == Context(at=AT, actor="a", request="r")


async def test_events_that_a_reader_does_not_want_are_not_opened(ledger):
    log = accesses(ledger)
    await log.record(access())
    await log.flush()

    (passed,) = ledger.read(unread=frozenset({AccessRecorded.topic}))

    assert (passed.position, passed.version) == (1, 1)
    assert passed.topic == AccessRecorded.topic
    assert not hasattr(passed, "event")


async def test_nobody_who_reads_resources_waits_for_what_others_read(ledger):
    log = accesses(ledger)
    await log.record(access())
    before = ledger.shown

    await log.flush()

    assert (ledger.shown, ledger.head) == (before, 1)
    assert AccessRecorded.quiet
    assert AccessesUnrecorded.quiet
