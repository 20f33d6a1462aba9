"""Makes Tasks overdue that no nurse has taken in the time of their level.

When a Task is due follows from the log alone; the clock only says whether that has
come. So a restart forgets nothing: what became due meanwhile is escalated at the start.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from domain.assessment import Assessment
from domain.assessment.escalation import next_due, raised
from domain.commands import EscalateTask
from gateway.intake.review import CaseUnit
from gateway.metrics import Metrics
from gateway.projections import worklist
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.projections.threads import in_thread
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.cases import CaseStates, handed_in
from gateway.workers.passed_over import PassedOver

ACTOR: Final = "gateway-escalation"
_TOGETHER: Final = 100
_LONGEST: Final = timedelta(seconds=30)  # until it looks again: a clock may be set
_LOG = structlog.get_logger()


class EscalationWorker:
    """Watches the Tasks that wait; escalating one twice changes nothing."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        projector: Projector,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._states = CaseStates(ledger)
        self._database = database
        self._projector = projector
        self._metrics = metrics
        self._clock = clock
        self._passed = PassedOver("escalation")

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            seen = self._projector.position
            pause = await self.look()
            await self._wait(seen, pause)

    async def look(self) -> timedelta:
        """Escalate what is due; return for how long nothing else will be.

        A case that cannot be read does not keep those behind it waiting.
        """
        at = self._clock()
        late, following = await in_thread(self._due, at)
        away: list[Exception] = []
        for case_id in late:
            try:
                await self._escalate(case_id, at)
            except Exception as error:  # noqa: BLE001 (the others first, then raised)
                away += self._passed.of_others(error, case_id)
            else:
                self._passed.done(case_id)
        for each in away:
            raise each
        if following is None:
            return _LONGEST
        return min(max(following - at, timedelta(0)), _LONGEST)

    async def _escalate(self, case_id: str, at: datetime) -> None:
        while await self._escalated(case_id, at):
            pass

    async def _wait(self, seen: int, pause: timedelta) -> None:
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await self._projector.beyond(seen)
        except TimeoutError:
            return

    def _due(self, at: datetime) -> tuple[list[str], datetime | None]:
        with self._database.reader() as connection:
            late = worklist.due_by(connection, at, _TOGETHER + len(self._passed))
            following = worklist.next_due(connection, at)
        return [each for each in late if not self._passed.rests(each)], following

    async def _escalated(self, case_id: str, at: datetime) -> bool:
        """Escalate a case's Task once, if it is due; say whether it was."""
        state = await in_thread(self._states.of, case_id)
        due = next_due(state)
        if due is None or due > at:
            return False  # taken meanwhile: the read models will soon say so
        command = EscalateTask(task=state.task.number, step=_step(state), at=at)
        unit = CaseUnit(
            case_id=case_id,
            command=command,
            context=Context(at=at, actor=ACTOR, request=str(uuid4())),
        )
        if not await handed_in(self._ledger, unit):
            return False
        level = int(raised(state))
        self._metrics.escalations.labels(str(level)).inc()
        _LOG.warning("task.escalated", case=case_id, acuity=level)
        return True


def _step(state: Assessment) -> int:
    return state.task.overdue.step + 1 if state.task.overdue else 1
