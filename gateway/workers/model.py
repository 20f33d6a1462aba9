"""Asks the language model about every case that the floor has judged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from uuid import uuid4

import structlog

from domain.assessment import Assessment
from domain.commands import MachineCommand, RecordFloor, WithholdImpression
from gateway.intake.review import CaseUnit
from gateway.metrics import Metrics
from gateway.projections import worklist
from gateway.projections.database import Database
from gateway.projections.projector import Projector, ReadModelsBehindError
from gateway.projections.threads import in_thread
from gateway.projections.worklist import Waiting
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.admission import ACTOR
from gateway.workers.attending import Attending
from gateway.workers.cases import CaseStates, all_ended, changed, claimed, handed_in
from gateway.workers.passed_over import PassedOver

NO_MODEL = "no language model is configured"
_AGAIN_S = 0.2
_TOGETHER = 64
_OTHERS = 32  # cases that other gateways may be at, beside ours
_WORK = "model"
_FLOORS_FIRST_S = 5.0
_LOG = structlog.get_logger()


class ModelWorker:
    """Lets a bounded number of cases wait for the model at once, urgent ones first.

    `model` is a sentence where there is none: every case is told so. While something
    stands against a model that there is, every case is told that.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        projector: Projector,
        metrics: Metrics,
        clock: Callable[[], datetime],
        model: Attending | str,
        concurrency: int,
    ) -> None:
        self._ledger = ledger
        self._states = CaseStates(ledger)
        self._database = database
        self._projector = projector
        self._metrics = metrics
        self._clock = clock
        self._model = model
        self._concurrency = concurrency
        self._running: dict[str, asyncio.Task[None]] = {}
        self._passed = PassedOver("model")

    async def run(self) -> None:
        """Work until cancelled."""
        if isinstance(self._model, str):
            await self._withhold_from_all(self._model)
            return
        works = (self._model.run(), self._attend(self._model))
        tasks = [asyncio.create_task(each) for each in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _attend(self, model: Attending) -> None:
        await model.settled()
        await self._ask_about_all(model)

    async def _withhold_from_all(self, reason: str) -> None:
        """Tell every case that there is no model; those that wait share a commit.

        Floors go first: what is urgent stands in the worklist before it is said that
        nothing will be added to it. One that cannot be made does not hold up the rest.
        """
        seen = -1
        while True:
            seen = await self._projector.beyond(seen)
            await self._withhold_from_waiting(reason)

    async def _withhold_from_waiting(self, reason: str) -> None:
        await self._floors_first()
        while waiting := await in_thread(self._waiting, _TOGETHER):
            async with claimed(self._ledger, _WORK, waiting) as own:
                await all_ended(self._withhold(each, reason) for each in own)
            if not own:
                await asyncio.sleep(_AGAIN_S)
            with suppress(ReadModelsBehindError):
                await self._projector.reach_head()

    async def _floors_first(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLOORS_FIRST_S):
                while await in_thread(self._lacks_floor):
                    await self._projector.beyond(self._projector.position)

    async def _withhold(self, waiting: Waiting, reason: str) -> None:
        began = time.perf_counter()
        command = WithholdImpression(revision=waiting.revision, reasons=(reason,))
        await self._passing(waiting, self._tell(waiting, command, began))

    async def _ask_about_all(self, model: Attending) -> None:
        seen = -1
        try:
            while True:
                others = await self._start_waiting(model)
                changes = changed(self._projector, seen, others=others)
                advanced = asyncio.ensure_future(changes)
                await asyncio.wait(
                    [advanced, *self._running.values()],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                seen = self._projector.position
                advanced.cancel()
                self._collect()
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_waiting(self, model: Attending) -> bool:
        """Begin as many as may be; say whether others work on some that wait."""
        if objection := await model.objection():
            await self._withhold_from_waiting(objection)
        others = False
        for waiting in await in_thread(self._waiting, self._concurrency + _OTHERS):
            if len(self._running) >= self._concurrency:
                break
            if waiting.case_id in self._running:
                continue
            held = AsyncExitStack()
            claim = claimed(self._ledger, _WORK, [waiting])
            if await held.enter_async_context(claim):
                task = asyncio.create_task(self._assess_held(model, waiting, held))
                self._running[waiting.case_id] = task
            else:
                others = True
                await held.aclose()
        return others

    async def _assess_held(
        self, model: Attending, waiting: Waiting, held: AsyncExitStack
    ) -> None:
        async with held:
            await self._passing(waiting, self._assess(model, waiting))

    async def _passing(self, waiting: Waiting, work: Awaitable[None]) -> None:
        """Do something for a case; one at fault itself keeps no other waiting."""
        try:
            await work
        except Exception as error:
            if self._passed.of_others(error, waiting.case_id, waiting.revision):
                raise
        else:
            self._passed.done(waiting.case_id)

    def _collect(self) -> None:
        """Forget what is done; the disk's failure ends the worker, visibly."""
        done = [name for name, task in self._running.items() if task.done()]
        for name in done:
            self._running.pop(name).result()

    def _lacks_floor(self) -> bool:
        with self._database.reader() as connection:
            return bool(worklist.without_floor(connection, limit=1))

    def _waiting(self, limit: int) -> list[Waiting]:
        with self._database.reader() as connection:
            limit += len(self._passed)
            found = worklist.without_answer(connection, limit=limit)
        rests = self._passed.rests
        return [each for each in found if not rests(each.case_id, each.revision)]

    async def _assess(self, model: Attending, waiting: Waiting) -> None:
        state = await in_thread(self._states.of, waiting.case_id)
        if state.revision != waiting.revision or _is_done(state):
            await asyncio.sleep(_AGAIN_S)  # the read models will say so in a moment
            return
        began = time.perf_counter()
        objection = await model.objection()
        command = (
            WithholdImpression(revision=state.revision, reasons=(objection,))
            if objection
            else await model.ask(state)
        )
        await self._tell(waiting, command, began)
        if state.floor and not objection:
            taken = time.perf_counter() - began
            await model.note(command, state.floor.acuity, taken)
        with suppress(ReadModelsBehindError):
            await self._projector.reach_head()

    async def _tell(
        self, waiting: Waiting, command: MachineCommand, began: float
    ) -> None:
        unit = CaseUnit(
            case_id=waiting.case_id,
            command=command,
            context=Context(at=self._clock(), actor=ACTOR, request=str(uuid4())),
        )
        told = await handed_in(self._ledger, unit)
        if not told:
            await asyncio.sleep(_AGAIN_S)  # the read models will say so in a moment
        seconds = time.perf_counter() - began
        self._measure(waiting, command, seconds, told=told)

    def _measure(
        self, waiting: Waiting, command: MachineCommand, seconds: float, *, told: int
    ) -> None:
        withheld = isinstance(command, WithholdImpression)
        self._metrics.answers.labels("withheld" if withheld else "proposed").inc()
        self._metrics.model_seconds.observe(seconds)
        run = None if isinstance(command, RecordFloor) else command.run
        for flag in run.flags if run else ():
            self._metrics.input_flags.labels(flag.kind).inc()
        _LOG.info(
            "assessment.answered",
            case=waiting.case_id,
            revision=waiting.revision,
            withheld=withheld,
            count=told,
            milliseconds=round(seconds * 1000),
        )


def _is_done(state: Assessment) -> bool:
    return state.reviewed or state.answered == state.revision
