"""What a recall means to a case: a nurse looks again, and nothing becomes less urgent.

A case that waits for its nurse has a Task, which now says so; of a case that was closed
a new Task asks. The assessment itself stays as it is until she has decided.
"""

from domain.assessment.state import Assessment
from domain.commands import RecallAssessment
from domain.events import AssessmentEvent, AssessmentRecalled


def decide_recall(
    command: RecallAssessment, state: Assessment
) -> list[AssessmentEvent]:
    """Ask for another look, once for each version that used what was recalled."""
    if state.assessed == 0 or _is_known(command, state):
        return []
    return [
        AssessmentRecalled(
            by=command.by,
            matched=command.matched,
            reason=command.reason,
            version=command.version,
            at=command.at,
        )
    ]


def _is_known(command: RecallAssessment, state: Assessment) -> bool:
    return any(
        each.matched == command.matched and each.version >= command.version
        for each in state.recalls
    )
