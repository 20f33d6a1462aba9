"""Another look at an assessment, as a unit of work."""

from dataclasses import dataclass

from domain import assessment
from domain.commands import RecallAssessment
from domain.values import Reference
from gateway.intake.streams import case_stream
from gateway.intake.triage import load_case
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context
from gateway.store.session import Session


@dataclass(frozen=True, kw_only=True)
class Noted:
    """The Task that asks for another look, whose it is, and whether it was news."""

    case_id: str
    task: Reference
    patient: str
    news: bool


@dataclass(frozen=True, kw_only=True)
class RecallUnit:
    """Lets one case decide on a recall; doing it again changes nothing."""

    case_id: str
    command: RecallAssessment
    context: Context

    def __call__(self, session: Session) -> Noted:
        """Append what the case decides."""
        state = load_case(session, self.case_id)
        events = assessment.decide(self.command, state)
        patient = str(state.patient or "")
        session.append(
            case_stream(self.case_id), events, subject=patient, context=self.context
        )
        number = load_case(session, self.case_id).task.number
        return Noted(
            case_id=self.case_id,
            task=Reference(type="Task", id=f"{self.case_id}-{number}"),
            patient=patient,
            news=bool(events),
        )

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({case_stream(self.case_id)}, set())
