"""Asks the language model about every case that the floor has judged."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
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
from gateway.workers.cases import state_of
from inference.pipeline import Pipeline, Proposal, Withholding

ACTOR = "gateway-model"
NO_MODEL = "no language model is configured"
_NO_CASE = "there was no assessed case to ask about"
_FAULT = "the gateway failed while it asked the model"
_AGAIN_S = 0.2
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
        self._database = database
        self._projector = projector
        self._metrics = metrics
        self._clock = clock
        self._pipeline = pipeline
        self._concurrency = concurrency
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        seen = -1
        try:
            while True:
                await self._start_waiting()
                advanced = asyncio.ensure_future(self._projector.beyond(seen))
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

    async def _start_waiting(self) -> None:
        free = self._concurrency - len(self._running)
        if free <= 0:
            return
        for waiting in await in_thread(self._waiting):
            if free and waiting.case_id not in self._running:
                task = asyncio.create_task(self._assess(waiting))
                self._running[waiting.case_id] = task
                free -= 1

    def _collect(self) -> None:
        """Forget what is done; a failure of ours ends the worker, visibly."""
        done = [name for name, task in self._running.items() if task.done()]
        for name in done:
            self._running.pop(name).result()

    def _waiting(self) -> list[Waiting]:
        with self._database.reader() as connection:
            return worklist.without_answer(
                connection, limit=self._concurrency + len(self._running)
            )

    async def _assess(self, waiting: Waiting) -> None:
        state = await in_thread(state_of, self._ledger, waiting.case_id)
        if state.revision != waiting.revision or state.reviewed:
            await asyncio.sleep(_AGAIN_S)  # the read models will say so in a moment
            return
        began = time.perf_counter()
        command = await self._ask(state)
        unit = CaseUnit(
            case_id=waiting.case_id,
            command=command,
            context=Context(at=self._clock(), actor=ACTOR, request=str(uuid4())),
        )
        told = await self._ledger.submit(unit)
        with suppress(ReadModelsBehindError):
            await self._projector.reach_head()
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
