"""What must hold after every fault."""

import asyncio
import json
import sqlite3
from contextlib import closing
from decimal import Decimal

from domain.events import CaseOpened, RecordAccepted, RecordCorrected
from gateway.audit.replay import replay
from gateway.projections import worklist
from gateway.projections.database import AUDIT_FILE, FILE
from gateway.store.reading import snapshot
from gateway.store.verification import verify
from tests.worklist import until

_AT_ONCE = 16
_SAMPLE = 200
_GONE = (404, 410)
_PAUSE_S = 0.1
_PATIENCE_S = 120  # of a worker that paused for longer and longer through the faults


class UnkeptError(AssertionError):
    """A promise was broken."""


async def everything_acknowledged_is_there(caller, journal, written):
    """Read versions: their content as sent, and the same bytes as at any time."""

    async def check(each):
        answer = await _answered(caller, each.location)
        _same_content(each, answer.body)
        journal.read(each, answer.body)

    await _each(check, written)


async def _answered(caller, address):
    answer = await caller.get(f"/fhir/{address}")
    if answer.status != 200:
        said = f"{address} was acknowledged, and is {answer.status}."
        raise UnkeptError(said)
    return answer


def some(things):
    """Return every so manieth of many."""
    return things[:: max(1, len(things) // _SAMPLE)]


def of_round(number, things):
    """Return what was acknowledged in a round, and some of what was before."""
    fresh = [each for each in things if each.round == number]
    return fresh + some([each for each in things if each.round < number])


async def the_newest_is_shown(caller, journal, written):
    """Read resources as they stand: each is the last version that was acknowledged."""

    async def check(each):
        answer = await _answered(caller, each.address)
        shown = answer.json["meta"]["versionId"]
        if shown != str(each.version):
            raise UnkeptError(f"{each.location} is hidden by version {shown}.")
        journal.read(each, answer.body)

    await _each(check, written)


async def nobody_comes_back(caller, journal):
    """Whatever was of an erased patient is gone, and she has no case."""

    async def look(location):
        answer = await caller.get(f"/fhir/{location}")
        if answer.status not in _GONE:
            raise UnkeptError(f"{location} was erased, and is {answer.status}.")

    addresses = {each.partition("/_history/")[0] for each in journal.erased}
    await _each(look, [*journal.erased, *addresses])
    for whom in journal.gone:
        if found := await caller.search(f"Task?patient={whom}"):
            raise UnkeptError(f"{whom} was erased, and has {len(found)} Tasks.")


def _same_content(written, body):
    stored = json.loads(body, parse_float=Decimal)
    sent = json.loads(json.dumps(written.content), parse_float=Decimal)
    if {**sent, "id": stored["id"], "meta": stored["meta"]} != stored:
        raise UnkeptError(f"{written.location} is not what was acknowledged.")
    if stored["meta"]["versionId"] != str(written.version):
        raise UnkeptError(f"{written.location} calls itself another version.")


async def all_is_done(data, patience=_PATIENCE_S):
    """Wait until the read models show all of the log and no worker owes anything."""

    async def look():
        await asyncio.sleep(_PAUSE_S)  # the gateway needs the processor more
        return await asyncio.to_thread(_is_done, data)

    await until(look, patience)


def _is_done(data):
    with snapshot(data) as log:
        (head,) = log.execute("SELECT MAX(position) FROM stored_events").fetchone()
    with _opened(data / AUDIT_FILE) as audits, _opened(data / FILE) as models:
        shown = [_position(each) for each in (audits, models)]
        owed = [*worklist.without_floor(models), *worklist.without_answer(models)]
    return shown == [head, head] and not owed


def _opened(file):
    return closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True))


def _position(models):
    return models.execute("SELECT position FROM progress").fetchone()[0]


async def nothing_is_there_twice(caller, patients):
    """Every patient has one case: one impression, one Task; `all_is_done` before."""

    async def look(whom):
        tasks = await caller.search(f"Task?patient={whom}")
        impressions = await caller.search(f"ClinicalImpression?patient={whom}")
        if len(tasks) != 1 or len(impressions) != 1:
            said = f"{whom} has {len(tasks)} Tasks, {len(impressions)} cases."
            raise UnkeptError(said)

    await _each(look, patients)


async def nobody_is_there_twice(caller, journal):
    """An identifier that many created under a condition has one Patient."""
    for name, location in journal.shared.items():
        found = await caller.search(f"Patient?identifier={name}")
        if [f"Patient/{each['id']}" for each in found] != [
            location.partition("/_history/")[0]
        ]:
            raise UnkeptError(f"{name} is {len(found)} Patients.")


def order_is_gapless(data):
    """Positions are 1 to n, and each stream's versions too."""
    with snapshot(data) as log:
        count, first, last = log.execute(
            "SELECT COUNT(*), MIN(position), MAX(position) FROM stored_events"
        ).fetchone()
        (holes,) = log.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM stored_events GROUP BY originator_id "
            "HAVING MIN(originator_version) <> 1 "
            "OR MAX(originator_version) <> COUNT(*)) AS broken"
        ).fetchone()
    if (first, last) != (1, count) or holes:
        said = f"{count} events from {first} to {last}; {holes} streams broken."
        raise UnkeptError(said)


def nothing_is_there_unasked(data, journal):
    """No write and no case is there twice, under whatever id; `all_is_done` before."""
    locations = [*journal.written, *journal.erased]
    created = sum(each.endswith("/_history/1") for each in locations)
    cases = len(journal.patients) + len(journal.gone)
    with snapshot(data) as log:
        for event, asked in (
            (RecordAccepted, created),
            (RecordCorrected, len(locations) - created),
            (CaseOpened, cases),
        ):
            query = "SELECT COUNT(*) FROM stored_events WHERE topic = ?"
            (held,) = log.execute(query, (event.topic,)).fetchone()
            if held != asked:
                said = f"{held} times {event.topic}; {asked} were acknowledged."
                raise UnkeptError(said)


def the_seal_holds(data, since):
    """Verify all of it, also against what was noted before; return the new note."""
    verdict = verify(data, since=since)
    if verdict.problems:
        raise UnkeptError(f"The log does not verify: {verdict.problems[:3]}")
    return verdict.note


def the_read_models_converge(data):
    """Make them anew from the log, and compare."""
    found = replay(data, progress=lambda _done, _total: None)
    if not found.same or not found.compared:
        raise UnkeptError(f"The replay differs: {found.findings[:3]}")
    return found.events


async def _each(check, things):
    """Check some at once, never so many that the gateway refuses."""
    among = asyncio.Semaphore(_AT_ONCE)

    async def one(thing):
        async with among:
            await check(thing)

    async with asyncio.TaskGroup() as checking:
        for thing in things:
            checking.create_task(one(thing))
