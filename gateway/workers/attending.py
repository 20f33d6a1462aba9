"""The model as it attends to cases: admitted, switched on, and watched while it does.

It is asked about a case only while nothing stands against it; what it answers is
counted, and what the counts say becomes an event.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog

from domain.answers import ModelRun
from domain.assessment import Assessment
from domain.commands import (
    MachineCommand,
    ProposeImpression,
    RecordFloor,
    WithholdImpression,
)
from domain.registry import Registry
from domain.served import ModelSuspended
from domain.serving import Serving
from domain.switching import CountRaises, NoteIndex, ServingCommand, SuspendModel
from domain.values import Acuity
from gateway.intake.registry import RELEASES
from gateway.intake.release import asking
from gateway.intake.serving import MODEL, ServingUnit
from gateway.metrics import Metrics
from gateway.projections.threads import in_thread
from gateway.settings.model_checks import ModelChecks
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.admission import ACTOR, Admission, Candidate
from gateway.workers.current import Current
from gateway.workers.vigilance import Vigilance, answered
from inference.pipeline import NO_INDEX, Proposal, Withholding

_NO_CASE: Final = "there was no assessed case to ask about"
_FAULT: Final = "the gateway failed while it asked the model"
_CHANGED: Final = "the language model is tested again: its server names another one"
_DOUBTED: Final = 3  # failures to answer, one after the other
_LOG = structlog.get_logger()


class Attending:
    """One model behind its self-test, its switch and its alarm budget."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        candidate: Candidate,
        checks: ModelChecks,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._candidate = candidate
        self._metrics = metrics
        self._clock = clock
        self._serving = Current(ledger, MODEL)
        self._releases = Current(ledger, RELEASES)
        self._asking = asking()
        self._vigilance = Vigilance(checks)
        self._admission = Admission(
            ledger=ledger, candidate=candidate, checks=checks, clock=clock
        )
        self._failures = 0
        self.run = self._admission.run
        self.settled = self._admission.settled

    async def objection(self) -> str:
        """Return why the model may not be asked now; "" where it may."""
        now = await in_thread(self._serving.now)
        said = suspension(now.suspended) if now.suspended else self._admission.objection
        self._metrics.gauges["model_in_service"].set(not said)
        self._metrics.gauges["model_suspended"].set(now.suspended is not None)
        return said

    async def ask(self, state: Assessment) -> MachineCommand:
        """Ask the model about a case; whatever happens, there is an answer."""
        if not state.case or not state.floor:
            return WithholdImpression(revision=state.revision, reasons=(_NO_CASE,))
        try:
            answer = await self._candidate.pipeline.assess(state.case, state.floor)
        except Exception as error:  # noqa: BLE001 (one case must not stop the others)
            _LOG.error("model.failed", case=state.case_id, error=type(error).__name__)
            return WithholdImpression(revision=state.revision, reasons=(_FAULT,))
        match answer:
            case Proposal(draft=draft, run=run):
                known = self._declared(run)
                return await self._proposed(
                    ProposeImpression(revision=state.revision, run=known, draft=draft)
                )
            case Withholding(reasons=reasons, run=run):
                return WithholdImpression(
                    revision=state.revision,
                    reasons=reasons,
                    run=self._declared(run) if run else None,
                )

    async def note(
        self, command: MachineCommand, floor: Acuity, seconds: float
    ) -> None:
        """Count an answer, and let the log say what the counts say."""
        if isinstance(command, RecordFloor):
            return
        if command.run is None:
            self._unanswered(command)
            return
        self._failures = 0
        self._metrics.model_runs.count(command.run)
        now, releases = await in_thread(self._standing)
        shadow = releases.settled(command.run).shadow
        draft = command.draft if isinstance(command, ProposeImpression) else None
        said = answered(draft, floor, seconds, shadow=shadow)
        self._metrics.disagreements.inc(said.disagrees)
        self._vigilance.note(said)
        await self._recognise(command.run, now)
        await self._switch(now)
        await self._warn(now)

    def _declared(self, run: ModelRun) -> ModelRun:
        """Say of an answer what it is of; the log says whether that counts."""
        sha256 = self._candidate.adapter_sha256
        return replace(run, adapter_sha256=sha256, asking=self._asking)

    def _standing(self) -> tuple[Serving, Registry]:
        return self._serving.now(), self._releases.now()

    async def _proposed(self, command: ProposeImpression) -> ProposeImpression:
        """Tell the nurse of a case where the model raises more than it should.

        Of an answer that does not count the log drops it.
        """
        exceeded = (await in_thread(self._serving.now)).exceeded
        if exceeded is None:
            return command
        raises = self._vigilance.raises() or exceeded.raises
        return replace(command, raises=raises)

    def _unanswered(self, command: WithholdImpression | ProposeImpression) -> None:
        self._failures += 1
        if self._failures >= _DOUBTED and isinstance(command, WithholdImpression):
            self._failures = 0
            self._admission.doubt(command.reasons[0])

    async def _recognise(self, run: ModelRun, now: Serving) -> None:
        """Notice that something else answers than what was tested."""
        served = now.served
        if served is None:
            return
        tested = (served.name, served.adapter, served.weights, served.server)
        base = run.model.name.partition(":")[0]
        if tested != (base, run.model.adapter, run.model.weights, run.model.server):
            self._admission.doubt(_CHANGED)
        elif run.index not in (served.index, NO_INDEX):
            await self._submit(NoteIndex(index=run.index, at=self._clock()))

    async def _switch(self, now: Serving) -> None:
        figures = self._vigilance.crossed() if self._candidate.watched else ()
        if not figures or now.suspended:
            return
        self._vigilance.forget()
        command = SuspendModel(by="", reason="", figures=figures, at=self._clock())
        after = await self._submit(command)
        if after.suspended:
            _LOG.error("model.suspended", reason=suspension(after.suspended))

    async def _warn(self, now: Serving) -> None:
        """Tell operator and nurses of raises beyond their budget, and of their end."""
        raises = self._vigilance.raises()
        if raises is None:
            return
        self._metrics.gauges["model_raise_share"].set(raises.raised / raises.answered)
        if raises.too_many == (now.exceeded is not None):
            return
        await self._submit(CountRaises(raises=raises, at=self._clock()))
        name = "model.raises-exceeded" if raises.too_many else "model.raises-subsided"
        _LOG.warning(name, count=raises.raised)

    async def _submit(self, command: ServingCommand) -> Serving:
        context = Context(at=command.at, actor=ACTOR, request=str(uuid4()))
        return await self._ledger.submit(ServingUnit(command=command, context=context))


def suspension(event: ModelSuspended) -> str:
    """Say why the model is switched off, for whoever reads an assessment."""
    if event.figures:
        figures = "; ".join(
            f"{each.name} {each.value:g}, limit {each.limit:g}"
            for each in event.figures
        )
        return f"the language model was switched off by its figures: {figures}"
    return f"the language model was switched off by hand: {event.reason}"
