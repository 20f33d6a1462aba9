"""A Task that no nurse takes in its time is escalated, also across a restart."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer

from gateway.app import build
from gateway.http.services import SERVICES
from gateway.settings import Settings
from gateway.store.errors import CiphertextError, LogUnavailableError
from gateway.workers.escalation import EscalationWorker
from tests.callers import CLIENTS, FEED, NURSE, Caller, caller_session
from tests.patients import visit
from tests.store.samples import attack
from tests.worklist import open_task, step, until

SPOIL_THE_FIRST_CASE = (
    "UPDATE stored_events SET state = CAST(substr(state, 1, 60) AS BLOB) "
    "WHERE position = (SELECT MIN(position) FROM stored_events "
    "WHERE topic = 'case.opened.v1')"
)


class Clock:
    """Real time, set forward as a test likes."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


class Running:
    """A gateway in this process, whose clock can be set."""

    def __init__(self, app, caller, clock):
        self.services, self.caller, self.clock = app[SERVICES], caller, clock

    def worker(self):
        return EscalationWorker(
            ledger=self.services.ledger,
            database=self.services.database,
            projector=self.services.projector,
            metrics=self.services.metrics,
            clock=self.clock,
        )

    async def look(self):
        """Let the worker look, as if its pause were over."""
        return await self.worker().look()

    async def arrive(self, number="1"):
        """Send a patient with chest pain; return her Task and her address."""
        sent = await self.caller.called(FEED).push(visit(number))
        whose = sent.locations[0].partition("/_history")[0]
        return await open_task(self.caller.called(NURSE), whose), whose

    async def task(self, task):
        return await self.caller.called(NURSE).read(f"Task/{task['id']}")

    async def metric(self, name):
        lines = (await self.caller.get("/metrics")).body.decode().splitlines()
        found = [line for line in lines if line.startswith(f"triage_gateway_{name}")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def running(tmp_path, clock):
    """Give a way to run gateways, one after another, on one folder."""

    @asynccontextmanager
    async def run():
        settings = Settings(
            data=tmp_path / "data",
            model="none",
            read_models_apart=False,
            clients=CLIENTS,
        )
        app = build(settings, clock=clock)
        async with TestServer(app) as server, caller_session() as session:
            caller = Caller(session, str(server.make_url("")).rstrip("/"))
            yield Running(app, caller, clock)

    return run


async def test_a_task_that_nobody_takes_is_overdue_and_more_urgent(running, clock):
    async with running() as gateway:
        task, _ = await gateway.arrive()
        assert task["priority"] == "asap"
        await gateway.look()
        assert (await gateway.task(task))["meta"] == task["meta"]
        clock.ahead = timedelta(minutes=11)

        await gateway.look()
        await gateway.services.projector.reach_head()
        late = await gateway.task(task)

        assert late["priority"] == "stat"
        assert late["businessStatus"]["coding"][0]["code"] == "overdue"
        assert late["description"].startswith("Overdue since ")
        assert late["restriction"] == task["restriction"]
        assert await gateway.metric("overdue_tasks") == 1
        assert await gateway.metric("task_escalations_total") == 1


async def test_looking_again_escalates_nothing_twice(running, clock):
    async with running() as gateway:
        task, _ = await gateway.arrive()
        clock.ahead = timedelta(hours=9)
        await gateway.look()
        once = gateway.services.ledger.head

        await gateway.look()

        assert gateway.services.ledger.head == once
        assert (await gateway.task(task))["priority"] == "stat"


async def test_a_nurse_can_take_a_task_that_is_overdue(running, clock):
    async with running() as gateway:
        task, _ = await gateway.arrive()
        clock.ahead = timedelta(minutes=11)
        await gateway.look()
        late = await gateway.task(task)

        stale = await step(gateway.caller.called(NURSE), task, "accepted")
        taken = await step(gateway.caller.called(NURSE), late, "accepted")

        assert stale.status == 412
        assert taken.json["priority"] == "stat"
        assert "businessStatus" not in taken.json
        assert await gateway.metric("overdue_tasks") == 0


async def test_what_became_due_while_the_gateway_was_down_is_escalated(running, clock):
    async with running() as gateway:
        task, _ = await gateway.arrive()
    clock.ahead = timedelta(hours=1)
    async with running() as gateway:

        async def late():
            found = await gateway.task(task)
            return found if found["priority"] == "stat" else None

        assert await until(late)
        assert await gateway.metric("task_escalations_total") == 1


async def test_it_sleeps_until_the_next_task_is_due_and_no_longer(running, clock):
    async with running() as gateway:
        assert await gateway.look() == timedelta(seconds=30)
        await gateway.arrive()
        clock.ahead = timedelta(minutes=9, seconds=55)

        assert timedelta(0) < await gateway.look() < timedelta(seconds=6)


async def test_a_case_that_cannot_be_read_keeps_nobody_behind_it_waiting(
    running, clock, tmp_path
):
    async with running() as gateway:
        await gateway.arrive("1")
        second, _ = await gateway.arrive("2")
        attack(tmp_path / "data", SPOIL_THE_FIRST_CASE)
        clock.ahead = timedelta(minutes=11)

        await gateway.look()
        await gateway.services.projector.reach_head()

        assert (await gateway.task(second))["priority"] == "stat"


class Damaged:
    """The states of cases, none of which can be read."""

    def __init__(self):
        self.asked = []

    def of(self, case_id):
        self.asked.append(case_id)
        raise CiphertextError("A row was changed.")


async def test_a_case_that_cannot_be_read_is_not_read_at_each_look(running):
    async with running() as gateway:
        await gateway.arrive()
        # Ahead for this worker alone: the gateway's own one is to escalate nothing.
        gateway.clock = Clock()
        gateway.clock.ahead = timedelta(minutes=11)
        worker = gateway.worker()
        worker._states = damaged = Damaged()
        for _ in range(3):
            await worker.look()

    assert len(damaged.asked) == 1


class RefusingOnce:
    """The states of cases, of a log that refuses the first that is read."""

    def __init__(self, states):
        self._states, self._refused = states, False

    def of(self, case_id):
        if self._refused:
            return self._states.of(case_id)
        self._refused = True
        raise LogUnavailableError("The disk refuses.")


async def test_a_disk_that_refuses_is_told_once_all_were_tried(running):
    async with running() as gateway:
        first, _ = await gateway.arrive("1")
        second, _ = await gateway.arrive("2")
        # Ahead for this worker alone: the gateway's own one is to escalate nothing.
        gateway.clock = Clock()
        gateway.clock.ahead = timedelta(minutes=11)
        worker = gateway.worker()
        worker._states = RefusingOnce(worker._states)

        with pytest.raises(LogUnavailableError):
            await worker.look()
        await gateway.services.projector.reach_head()

        assert (await gateway.task(first))["priority"] == "asap"
        assert (await gateway.task(second))["priority"] == "stat"
