import asyncio
import sqlite3

from gateway.store.errors import LogClosedError, LogUnavailableError
from gateway.workers import supervision
from gateway.workers.supervision import Supervisor


async def until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.005)


class Worker:
    """Fails with each of the given errors, then runs until it is cancelled."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.running = False
        self.gate = asyncio.Event()

    async def run(self):
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.running = True
        await asyncio.Event().wait()


async def test_a_worker_that_the_disk_stopped_comes_back(monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 0.01)
    worker = Worker(LogUnavailableError("full"), sqlite3.OperationalError("full"))
    supervisor = Supervisor()

    supervisor.start("floor", worker.run)
    worker.gate.set()
    await until(lambda: worker.running)

    assert supervisor.stopped() == []
    await supervisor.stop()


async def test_while_a_worker_pauses_the_service_is_not_ready(monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 60)
    worker = Worker(OSError("disk"))
    supervisor = Supervisor()

    supervisor.start("floor", worker.run)
    worker.gate.set()
    await until(supervisor.stopped)

    assert supervisor.stopped() == ["The worker 'floor' stopped."]
    await supervisor.stop()


async def test_the_service_is_ready_without_a_worker_that_no_patient_waits_for(
    monkeypatch,
):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 60)
    worker = Worker(OSError("disk"))
    supervisor = Supervisor()

    supervisor.start("witnesses", worker.run, vital=False)
    worker.gate.set()
    await until(lambda: not worker.errors)
    await asyncio.sleep(0)

    assert supervisor.stopped() == []
    await supervisor.stop()


async def test_a_fault_of_ours_ends_no_worker(monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 0.01)
    worker = Worker(KeyError("a bug"))
    supervisor = Supervisor()

    supervisor.start("floor", worker.run)
    worker.gate.set()
    await until(lambda: worker.running)

    assert supervisor.stopped() == []
    await supervisor.stop()


async def test_a_worker_ends_when_the_log_is_closed():
    worker = Worker(LogClosedError("closing"))
    supervisor = Supervisor()

    supervisor.start("floor", worker.run)
    worker.gate.set()
    await until(supervisor.stopped)

    assert not worker.running
    await supervisor.stop()


async def test_a_worker_that_swallows_a_cancellation_is_stopped_all_the_same(
    monkeypatch,
):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 0.01)
    swallowed = []

    async def stubborn():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.append(True)
            await asyncio.Event().wait()

    supervisor = Supervisor()
    supervisor.start("projector", stubborn)
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await supervisor.stop()

    assert swallowed == [True]
