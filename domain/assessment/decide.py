"""Grant or refuse every command to a case. All rules of its life stand here."""

from typing import assert_never

from domain.assessment.escalation import decide_escalation
from domain.assessment.machine import decide_machine
from domain.assessment.nurse import decide_nurse
from domain.assessment.recall import decide_recall
from domain.assessment.state import Assessment
from domain.commands import (
    AcceptTask,
    AssessmentCommand,
    CompleteTask,
    DeclineTask,
    EscalateTask,
    InformCase,
    OpenCase,
    ProposeImpression,
    RecallAssessment,
    RecordFloor,
    ReleaseTask,
    StartTask,
    WithholdImpression,
)
from domain.errors import IllegalTransitionError
from domain.events import AssessmentEvent, CaseInformed, CaseOpened


def decide(command: AssessmentCommand, state: Assessment) -> list[AssessmentEvent]:
    """Return the events that the command brings about; none where it is too late.

    Raises:
        RuleError: the narrowest subclass, with what the caller has to do instead.

    """
    match command:
        case OpenCase() | InformCase():
            return _data(command, state)
        case RecordFloor() | ProposeImpression() | WithholdImpression():
            return decide_machine(command, state)
        case (
            AcceptTask() | StartTask() | ReleaseTask() | DeclineTask() | CompleteTask()
        ):
            return decide_nurse(command, state)
        case RecallAssessment():
            return decide_recall(command, state)
        case EscalateTask():
            return decide_escalation(command, state)
        case _:
            assert_never(command)


def _data(command: OpenCase | InformCase, state: Assessment) -> list[AssessmentEvent]:
    if isinstance(command, OpenCase):
        return _open(command, state)
    return _inform(command, state)


def _open(command: OpenCase, state: Assessment) -> list[AssessmentEvent]:
    if state.exists:
        return []
    opened = CaseOpened(
        case_id=command.case_id,
        patient=command.patient,
        encounter=command.encounter,
        previous=command.previous,
        triggers=command.triggers,
        at=command.at,
    )
    return [opened]


def _inform(command: InformCase, state: Assessment) -> list[AssessmentEvent]:
    if state.reviewed or not state.exists:
        raise IllegalTransitionError(
            "A nurse has reviewed this case; new data open a new one."
        )
    return [CaseInformed(encounter=command.encounter, triggers=command.triggers)]
