"""A nurse's step, or a machine's answer, as a unit of work."""

import re
from dataclasses import dataclass, replace

from domain import assessment
from domain.commands import (
    AssessmentCommand,
    ProposeImpression,
    RecordFloor,
    WithholdImpression,
)
from gateway.intake import registry
from gateway.intake.streams import case_stream
from gateway.intake.subjects import of_case
from gateway.intake.triage import load_case
from gateway.store.records import Context
from gateway.store.session import Session

_TASK = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})-([1-9]\d{0,5})"
)


@dataclass(frozen=True, kw_only=True)
class CaseUnit:
    """One command to one case."""

    case_id: str
    command: AssessmentCommand
    context: Context

    def __call__(self, session: Session) -> int:
        """Let the case decide; return how many events that brought about.

        Raises:
            RuleError: the case refuses the command.

        """
        state = load_case(session, self.case_id)
        events = assessment.decide(_settled(self.command, session), state)
        # The data that are judged: an answer is under the keys of its floor, so that
        # both can be read, or neither.
        judged = self.command if isinstance(self.command, RecordFloor) else state
        session.append(
            case_stream(self.case_id),
            events,
            subject=of_case(state.patient, judged.case),
            context=self.context,
        )
        return len(events)


def _settled(command: AssessmentCommand, session: Session) -> AssessmentCommand:
    """Let the log say, as it is at this place of it, whether a model's answer counts.

    It may have been activated or rolled back while the model was thinking.
    """
    match command:
        case ProposeImpression(run=run, raises=raises):
            run = registry.known(session).settled(run)
            return replace(command, run=run, raises=None if run.shadow else raises)
        case WithholdImpression(run=run) if run is not None:
            return replace(command, run=registry.known(session).settled(run))
        case _:
            return command


def case_of_task(identity: str) -> tuple[str, int] | None:
    """Return the case and number in the id of a case's Task, or None."""
    found = _TASK.fullmatch(identity)
    return (found[1], int(found[2])) if found else None
