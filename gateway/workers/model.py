"""Asks the language model about every case that the floor has judged."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from uuid import uuid4

import structlog

from domain.assessment import Assessment
from domain.commands import MachineCommand, ProposeImpression, WithholdImpression
from gateway.intake.review import CaseUnit
from gateway.metrics import Metrics
from gateway.projections import worklist
from gateway.projections.database import Database
from gateway.projections.projector import Projector, ReadModelsBehindError
from gateway.projections.threads import in_thread
from gateway.projections.worklist import Waiting
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.cases import CaseStates, all_ended, changed, claimed, handed_in
from inference.pipeline import Pipeline, Proposal, Withholding

ACTOR = "gateway-model"
NO_MODEL = "no language model is configured"
_NO_CASE = "there was no assessed case to ask about"
_FAULT = "the gateway failed while it asked the model"
_AGAIN_S = 0.2
_TOGETHER = 64
_OTHERS = 32  # cases that other gateways may be at, beside ours
_WORK = "model"
_FLOORS_FIRST_S = 5.0
_LOG = structlog.get_logger()


class ModelWorker:
    """Lets a bounded number of cases wait for the model at once, urgent ones first.

    `pipeline` is a sentence where there is no model: every case is told so.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        projector: Projector,
        metrics: Metrics,
        clock: Callable[[], datetime],
        pipeline: Pipeline | str,
        concurrency: int,
    ) -> None:
        self._ledger = ledger
        self._states = CaseStates(ledger)
        self._database = database
        self._projector = projector
        self._metrics = metrics
        self._clock = clock
        self._pipeline = pipeline
        self._concurrency = concurrency
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        if isinstance(self._pipeline, str):
            await self._withhold_from_all(self._pipeline)
        else:
            await self._ask_about_all()

    async def _withhold_from_all(self, reason: str) -> None:
        """Tell every case that there is no model; those that wait share a commit.

        Floors go first: what is urgent stands in the worklist before it is said that
        nothing will be added to it. One that cannot be made does not hold up the rest.
        """
        seen = -1
        while True:
            seen = await self._projector.beyond(seen)
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
        await self._tell(waiting, command, began)

    async def _ask_about_all(self) -> None:
        seen = -1
        try:
            while True:
                others = await self._start_waiting()
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

    async def _start_waiting(self) -> bool:
        """Begin as many as may be; say whether others work on some that wait."""
        others = False
        for waiting in await in_thread(self._waiting, self._concurrency + _OTHERS):
            if len(self._running) >= self._concurrency:
                break
            if waiting.case_id in self._running:
                continue
            held = AsyncExitStack()
            claim = claimed(self._ledger, _WORK, [waiting])
            if await held.enter_async_context(claim):
                task = asyncio.create_task(self._assess_held(waiting, held))
                self._running[waiting.case_id] = task
            else:
                others = True
                await held.aclose()
        return others

    async def _assess_held(self, waiting: Waiting, held: AsyncExitStack) -> None:
        async with held:
            await self._assess(waiting)

    def _collect(self) -> None:
        """Forget what is done; a failure of ours ends the worker, visibly."""
        done = [name for name, task in self._running.items() if task.done()]
        for name in done:
            self._running.pop(name).result()

    def _lacks_floor(self) -> bool:
        with self._database.reader() as connection:
            return bool(worklist.without_floor(connection, limit=1))

    def _waiting(self, limit: int) -> list[Waiting]:
        with self._database.reader() as connection:
            return worklist.without_answer(connection, limit=limit)

    async def _assess(self, waiting: Waiting) -> None:
        state = await in_thread(self._states.of, waiting.case_id)
        if state.revision != waiting.revision or _is_done(state):
            await asyncio.sleep(_AGAIN_S)  # the read models will say so in a moment
            return
        began = time.perf_counter()
        command = await self._ask(state)
        await self._tell(waiting, command, began)
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

    async def _ask(self, state: Assessment) -> MachineCommand:
        if isinstance(self._pipeline, str) or not state.case or not state.floor:
            reason = self._pipeline if isinstance(self._pipeline, str) else _NO_CASE
            return WithholdImpression(revision=state.revision, reasons=(reason,))
        try:
            answer = await self._pipeline.assess(state.case, state.floor)
        except Exception as error:  # noqa: BLE001 (one case must not stop the others)
            _LOG.error("model.failed", case=state.case_id, error=type(error).__name__)
            return WithholdImpression(revision=state.revision, reasons=(_FAULT,))
        match answer:
            case Proposal(draft=draft, run=run):
                return ProposeImpression(revision=state.revision, run=run, draft=draft)
            case Withholding(reasons=reasons, run=run):
                return WithholdImpression(
                    revision=state.revision, reasons=reasons, run=run
                )

    def _measure(
        self, waiting: Waiting, command: MachineCommand, seconds: float, *, told: int
    ) -> None:
        withheld = isinstance(command, WithholdImpression)
        self._metrics.answers.labels("withheld" if withheld else "proposed").inc()
        self._metrics.model_seconds.observe(seconds)
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
