import asyncio
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from domain.events import REGISTRY, RecordAccepted
from domain.values import Reference
from gateway.projections import projector as projector_module
from gateway.projections import resources
from gateway.projections.database import FILE, Database, remove
from gateway.projections.projector import Projector
from gateway.store.errors import CiphertextError, LogUnavailableError
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from tests.gateway_inside import gateway_inside
from tests.patients import MRN, fresh_record, patient, transaction, visit
from tests.worklist import completed, open_task

CONTEXT = Context(at=datetime(2026, 3, 1, tzinfo=UTC), actor="test", request="r")


def accepted(identity, body=b'{"resourceType":"Patient"}'):
    reference = Reference(type="Patient", id=identity, version=1)
    return RecordAccepted(reference=reference, received=body)


@asynccontextmanager
async def projecting(folder, server=None):
    """Open a log and its read models without a gateway around them."""
    ledger = Ledger.open(folder, registry=REGISTRY, server=server)
    database = Database(folder / FILE, ledger.derive("projections"))
    try:
        yield ledger, database, Projector(ledger, database)
    finally:
        database.close()
        ledger.close()


async def append(ledger, name, *events):
    await ledger.submit(
        lambda session: session.append(name, events, subject="", context=CONTEXT)
    )


def shown(database):
    with database.reader() as connection:
        found = resources.every(database, connection)
        return sorted(str(each.reference) for each in found)


async def test_a_projector_follows_the_log(tmp_path):
    async with projecting(tmp_path) as (ledger, database, projector):
        following = asyncio.create_task(projector.run())
        for name in ("a", "b", "c"):
            await append(ledger, f"record/Patient/{name}", accepted(name))
            await projector.reach_head()

        assert shown(database) == [f"Patient/{name}/_history/1" for name in "abc"]
        following.cancel()
        await asyncio.wait([following])


async def test_progress_is_told_and_batches_end_at_the_head(tmp_path):
    async with projecting(tmp_path) as (ledger, _, projector):
        for number in range(3):
            events = [accepted(f"p{number}-{n}") for n in range(400)]
            for event in events[:1]:
                await append(ledger, f"record/Patient/{number}", event)
            await append(ledger, f"record/Patient/x{number}", *events[1:])
        told = []

        await projector.catch_up(told.append)

        assert told[-1] == ledger.head == 1200
        assert told == sorted(told)


@pytest.fixture(params=["sqlite", "postgres"])
def server(request):
    """Where the log is, beside the read models: None stands for their folder."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgres").fresh()


@pytest.mark.parametrize(
    "poison",
    [
        accepted("bad", b"not JSON at all"),
        accepted("bad", b"[]"),
        accepted("bad", b"{}"),
    ],
    ids=["no JSON", "no object", "no type"],
)
async def test_one_bad_event_does_not_stop_what_nurses_see(tmp_path, poison, server):
    async with projecting(tmp_path, server) as (ledger, database, projector):
        await append(ledger, "record/Patient/a", accepted("a"))
        await append(ledger, "record/Patient/bad", poison)
        await append(ledger, "record/Patient/c", accepted("c"))

        await projector.catch_up()

        assert projector.poisoned() == 1
        assert projector.position == ledger.head
        assert shown(database) == ["Patient/a/_history/1", "Patient/c/_history/1"]


@pytest.fixture
def faulty(monkeypatch):
    """Let what stores the resource `bad` raise, until nothing more is to be raised."""
    faults, plain = [], resources.store

    def store(database, rows, *, reference, **named):
        if faults and reference.id == "bad":
            raise faults[0]
        return plain(database, rows, reference=reference, **named)

    monkeypatch.setattr(resources, "store", store)
    return faults


@pytest.mark.parametrize(
    "fault",
    [
        AttributeError("a fault of the program"),
        AssertionError("another one"),
        RecursionError("a third one"),
        sqlite3.ProgrammingError("type 'list' is not supported"),
        sqlite3.IntegrityError("UNIQUE"),
        CiphertextError("damaged"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_at_one_event_does_not_stop_the_others(tmp_path, faulty, fault):
    faulty.append(fault)
    async with projecting(tmp_path) as (ledger, database, projector):
        for name in ("a", "bad", "c"):
            await append(ledger, f"record/Patient/{name}", accepted(name))

        await projector.catch_up()

        assert (projector.poisoned(), projector.position) == (1, ledger.head)
        assert shown(database) == ["Patient/a/_history/1", "Patient/c/_history/1"]


@pytest.mark.parametrize(
    "fault",
    [
        LogUnavailableError("the disk failed"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.DatabaseError("database disk image is malformed"),
        psycopg.OperationalError("the server closed the connection"),
        OSError(28, "no space left"),
        MemoryError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_of_the_machine_is_no_events_fault(tmp_path, faulty, fault):
    faulty.append(fault)
    async with projecting(tmp_path) as (ledger, database, projector):
        for name in ("a", "bad", "c"):
            await append(ledger, f"record/Patient/{name}", accepted(name))
        with pytest.raises(type(fault)):
            await projector.catch_up()
        before = projector.position

        faulty.clear()
        await projector.catch_up()

        assert before == projector.poisoned() == 0
        assert len(shown(database)) == ledger.head == 3


async def test_catching_up_ends_where_it_was_told_though_the_log_grows(tmp_path):
    async with projecting(tmp_path) as (ledger, _, projector):
        await append(ledger, "record/Patient/0", accepted("0"))

        def another(position):
            name = f"record/Patient/{position}"
            event = [accepted(str(position))]
            ledger.submit_sync(
                lambda session: session.append(name, event, subject="", context=CONTEXT)
            )

        await projector.catch_up(another, until=1)

        assert (projector.position, ledger.head) == (1, 2)


async def test_a_version_that_is_there_already_is_poison_and_no_end(tmp_path):
    async with projecting(tmp_path) as (ledger, database, projector):
        await append(ledger, "record/Patient/a", accepted("a"))
        await append(ledger, "record/Patient/b", accepted("a"))
        await append(ledger, "record/Patient/c", accepted("c"))

        await projector.catch_up()

        assert projector.poisoned() == 1
        assert shown(database) == ["Patient/a/_history/1", "Patient/c/_history/1"]


async def test_a_restarted_projector_goes_on_where_it_was(tmp_path):
    async with projecting(tmp_path) as (ledger, _, projector):
        await append(ledger, "record/Patient/a", accepted("a"))
        await projector.catch_up()
        await append(ledger, "record/Patient/b", accepted("b"))

    async with projecting(tmp_path) as (ledger, database, projector):
        assert projector.position == 1
        await projector.catch_up()

        assert projector.position == ledger.head == 2
        assert shown(database) == ["Patient/a/_history/1", "Patient/b/_history/1"]


async def test_read_models_that_were_dropped_are_rebuilt_the_same(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        answer = await caller.push(visit(fresh_record(), "cough", ("8867-4", 90)))
        whom = answer.locations[0].partition("/_history")[0]
        task = await open_task(caller, whom)
        await completed(caller, task, decision="overridden", acuity=1)
        before = await everything(caller)

    remove(tmp_path)

    async with gateway_inside(tmp_path, dev=True) as caller:
        assert await everything(caller) == before


async def everything(caller):
    kinds = ("Patient", "Encounter", "Task", "ClinicalImpression", "Provenance")
    return [(await caller.search(f"{kind}?_sort=_lastUpdated"))[0] for kind in kinds]


async def test_a_restarted_gateway_finishes_what_waited(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        record = fresh_record()
        await caller.push(visit(record, "cough", ("8867-4", 90)))

    async with gateway_inside(tmp_path, dev=True) as caller:
        (whom,) = await caller.search(f"Patient?identifier={MRN}|{record}")
        assert await open_task(caller, f"Patient/{whom['id']}")


async def test_a_gateway_that_stops_under_load_closes_in_order(tmp_path):
    for _ in range(5):
        async with gateway_inside(tmp_path, dev=True) as caller:
            bundles = [transaction(patient(fresh_record())) for _ in range(20)]
            taken = await asyncio.gather(*map(caller.push, bundles))
            taken.append(
                await caller.push(visit(fresh_record(), "cough", ("8867-4", 90)))
            )
        assert {each.status for each in taken} == {200}


async def test_readers_in_many_threads_take_no_connection_from_each_other(tmp_path):
    async with projecting(tmp_path) as (_, database, _):
        switching = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            with ThreadPoolExecutor(8) as threads:
                asked = [threads.submit(positions, database) for _ in range(8)]
        finally:
            sys.setswitchinterval(switching)

        assert [each.result() for each in asked] == [[0] * 400] * 8


def positions(database):
    found = []
    for _ in range(400):
        with database.reader() as connection:
            found.append(database.position(connection))
    return found


async def test_who_stood_still_while_projecting_does_not_rest_for_longer(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(projector_module, "_LONGEST_REST_S", 0.01)
    async with projecting(tmp_path) as (ledger, database, _):
        for name in ("a", "b", "c"):
            await append(ledger, f"record/Patient/{name}", accepted(name))
        following = Projector(ledger, database, batch=1, leisure=1e6)

        async with asyncio.timeout(60):  # the first rest would be minutes
            await following.catch_up()

        assert following.position == ledger.head
