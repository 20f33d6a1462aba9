"""Judges every case by the rules as soon as its data are there."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from domain.assessment import Assessment
from domain.commands import RecordFloor
from domain.floor.compose import RULES_VERSION
from domain.floor.site import assess
from domain.rulebook import Rulebook
from domain.ruled import Standing
from domain.values import Acuity, Case, Fired, Floor, Reference
from gateway.intake.review import CaseUnit
from gateway.intake.rulebook import RULEBOOK
from gateway.metrics import Metrics
from gateway.projections import worklist
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.projections.threads import in_thread
from gateway.projections.worklist import Waiting
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.cases import (
    CaseStates,
    all_ended,
    changed,
    claimed,
    data_of,
    handed_in,
)
from gateway.workers.current import Current
from gateway.workers.passed_over import PassedOver, is_of_a_case

ACTOR = "gateway-floor"
_TOGETHER = 64
_AT_ONCE = 1000
_LOG = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One revision of a case, what was read of the patient, and the rules' verdict."""

    waiting: Waiting
    case: Case
    floor: Floor
    standing: Standing


class FloorWorker:
    """Answers within a second of the commit that asks for it.

    Cases that wait together are read and judged in one turn of one thread and share a
    commit: threads of their own would take the interpreter from each other.
    """

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
        self._states = CaseStates(ledger)
        self._rules = Current(ledger, RULEBOOK)
        self._database = database
        self._projector = projector
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._passed = PassedOver("floor")
        self._seen = 0  # where the read models were that named the cases

    async def run(self) -> None:
        """Work until cancelled."""
        seen, others = -1, False
        while True:
            seen = await changed(self._projector, seen, others=others)
            cases = await in_thread(self._waiting)
            due = [each for each in cases if not self._rests(each)]
            others = False
            for start in range(0, len(due), _TOGETHER):
                part = due[start : start + _TOGETHER]
                async with claimed(self._ledger, "floor", part) as own:
                    await self._assess(own)
                others = others or len(own) < len(part)
            others = others or any(map(self._is_passed, cases))

    def _waiting(self) -> list[Waiting]:
        with self._database.reader() as connection:
            limit = _AT_ONCE + len(self._passed)
            self._seen = self._database.position(connection)
            return worklist.without_floor(connection, limit)

    def _is_passed(self, waiting: Waiting) -> bool:
        return self._passed.has(waiting.case_id, waiting.revision)

    def _rests(self, waiting: Waiting) -> bool:
        return self._passed.rests(waiting.case_id, waiting.revision)

    async def _assess(self, part: Sequence[Waiting]) -> None:
        """Judge some cases and record what the rules say.

        A case whose data the disk refuses does not keep the others waiting: it stops
        the worker, visibly, once they are done. One whose own events are damaged is
        named and passed over: of it the log takes nothing more.
        """
        began = time.perf_counter()
        at = self._clock()
        judged, unread = await in_thread(self._judge_all, part, at)
        await all_ended(self._record(each, at, began) for each in judged)
        for error in unread:
            raise error

    async def _record(self, judged: Judged, at: datetime, began: float) -> None:
        """Record a verdict; where the log cannot take it, the fail-safe one."""
        try:
            await self._hand_in(judged, at, began)
        except Exception as error:
            if not is_of_a_case(error):
                raise
            await self._record_failure(judged, error, at, began)

    async def _record_failure(
        self, judged: Judged, failure: Exception, at: datetime, began: float
    ) -> None:
        waiting = judged.waiting
        case, floor = self._fail_safe(judged.case.patient, waiting, failure, at)
        judged = replace(judged, case=case, floor=floor)
        try:
            await self._hand_in(judged, at, began)
        except Exception as error:
            if self._passed.of_others(error, waiting.case_id, waiting.revision):
                raise

    async def _hand_in(self, judged: Judged, at: datetime, began: float) -> None:
        waiting, floor = judged.waiting, judged.floor
        command = RecordFloor(
            revision=waiting.revision,
            case=judged.case,
            floor=floor,
            standing=judged.standing,
        )
        unit = CaseUnit(
            case_id=waiting.case_id,
            command=command,
            context=Context(at=at, actor=ACTOR, request=str(uuid4())),
        )
        told = await handed_in(self._ledger, unit)
        self._passed.done(waiting.case_id)
        if not told:
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

    def _judge_all(
        self, part: Sequence[Waiting], at: datetime
    ) -> tuple[list[Judged], list[Exception]]:
        judged: list[Judged] = []
        unread: list[Exception] = []
        book = self._rules.now()
        standing = book.standing()
        for waiting in part:
            try:
                state = self._states.of(waiting.case_id)
                if state.revision != waiting.revision or _is_floored(state):
                    self._passed.done(waiting.case_id)
                    continue  # Newer data, or done: the read models will soon say so.
                case, floor = self._judge(state, waiting, at, book)
            except Exception as error:  # noqa: BLE001 (no case may cost another its own)
                unread += self._passed.of_others(
                    error, waiting.case_id, waiting.revision
                )
            else:
                judged.append(
                    Judged(waiting=waiting, case=case, floor=floor, standing=standing)
                )
        return judged, unread

    def _judge(
        self, state: Assessment, waiting: Waiting, at: datetime, book: Rulebook
    ) -> tuple[Case, Floor]:
        patient = state.patient or Reference(type="Patient", id="unknown")
        try:
            case = data_of(
                self._database,
                patient,
                state.encounter,
                at=at,
                window=self._settings.window,
                questions=self._settings.complaint_questions,
                least=self._seen,
            )
            return case, assess(case, book.site)
        except Exception as error:
            if not is_of_a_case(error):
                raise
            return self._fail_safe(patient, waiting, error, at)

    def _fail_safe(
        self, patient: Reference, waiting: Waiting, error: Exception, at: datetime
    ) -> tuple[Case, Floor]:
        name = type(error).__name__
        if not self._is_passed(waiting):
            _LOG.error("floor.failed", case=waiting.case_id, error=name)
        return Case(patient=patient, at=at, inputs=(patient,)), failed(name)


def _is_floored(state: Assessment) -> bool:
    return state.floored == state.revision


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
