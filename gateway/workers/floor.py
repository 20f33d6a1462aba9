"""Judges every case by the rules as soon as its data are there."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from uuid import uuid4

import structlog

from domain.assessment import Assessment
from domain.commands import RecordFloor
from domain.floor.compose import RULES_VERSION, assess
from domain.values import Acuity, Case, Fired, Floor, Reference
from gateway.intake.review import CaseUnit
from gateway.metrics import Metrics
from gateway.projections import worklist
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.projections.threads import in_thread
from gateway.projections.worklist import Waiting
from gateway.settings import Settings
from gateway.store.errors import OverloadedError, StoreError
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.cases import data_of, state_of

ACTOR = "gateway-floor"
_TOGETHER = 32
_AGAIN_S = 0.05
_PASSING = (StoreError, sqlite3.Error, OSError)
_LOG = structlog.get_logger()


class FloorWorker:
    """Answers within a second of the commit that asks for it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        projector: Projector,
        settings: Settings,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._projector = projector
        self._settings = settings
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        seen = -1
        while True:
            seen = await self._projector.beyond(seen)
            cases = await in_thread(self._waiting)
            for start in range(0, len(cases), _TOGETHER):
                part = cases[start : start + _TOGETHER]  # they share a commit
                await _all(map(self._assess, part))

    def _waiting(self) -> list[Waiting]:
        with self._database.reader() as connection:
            return worklist.without_floor(connection)

    async def _assess(self, waiting: Waiting) -> None:
        began = time.perf_counter()
        at = self._clock()
        state, case, floor = await in_thread(self._judge, waiting, at)
        if state.revision != waiting.revision:
            return  # Newer data arrived; the read models will say so in a moment.
        unit = CaseUnit(
            case_id=waiting.case_id,
            command=RecordFloor(revision=waiting.revision, case=case, floor=floor),
            context=Context(at=at, actor=ACTOR, request=str(uuid4())),
        )
        if not await self._submit(unit):
            return
        self._metrics.floors.labels(str(int(floor.acuity))).inc()
        self._metrics.floor_delay.observe(time.perf_counter() - began)
        _LOG.info(
            "assessment.floored",
            case=waiting.case_id,
            revision=waiting.revision,
            acuity=int(floor.acuity),
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
        )

    async def _submit(self, unit: CaseUnit) -> int:
        """Hand the floor in; a log that is overloaded is asked again at once."""
        while True:
            try:
                return await self._ledger.submit(unit)
            except OverloadedError:
                await asyncio.sleep(_AGAIN_S)

    def _judge(self, waiting: Waiting, at: datetime) -> tuple[Assessment, Case, Floor]:
        state = state_of(self._ledger, waiting.case_id)
        patient = state.patient or Reference(type="Patient", id="unknown")
        case = Case(patient=patient, at=at, inputs=(patient,))
        try:
            case = data_of(
                self._database,
                patient,
                state.encounter,
                at=at,
                window=self._settings.window,
                questions=self._settings.complaint_questions,
            )
            return state, case, assess(case)
        except Exception as error:
            if isinstance(error, _PASSING):
                raise
            name = type(error).__name__
            _LOG.error("floor.failed", case=waiting.case_id, error=name)
            return state, case, failed(name)


async def _all(assessments: Iterable[Coroutine[None, None, None]]) -> None:
    """Wait until every one has ended, also when one failed or all are cancelled.

    A plain gather returns at the first failure, and the service would close the read
    models under the threads of the others.
    """
    for result in await asyncio.gather(*assessments, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def failed(error: str) -> Floor:
    """Return the floor of a case on which the rules themselves failed.

    When unsure the patient is more urgent, not less.
    """
    fired = Fired(
        rule="floor.failed",
        acuity=Acuity.EMERGENT,
        sentence=f"The rules could not judge this case ({error}): look at the patient.",
        citation="triage-gateway: fail-safe default, docs/decisions.md",
    )
    return Floor(
        acuity=Acuity.EMERGENT,
        rules=RULES_VERSION,
        fired=(fired,),
        missing=("assessment by rules",),
    )
