"""What rules and models may add to a case: an assessment, never a decision.

A machine's command names the revision it worked on. When the data have moved on, or
a nurse has decided, it comes too late and changes nothing.
"""

from typing import assert_never

from domain.answers import Draft
from domain.assessment.state import Assessment
from domain.commands import (
    MachineCommand,
    ProposeImpression,
    RecordFloor,
    WithholdImpression,
)
from domain.events import (
    AssessmentEvent,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
)
from domain.values import Acuity


def compose(floor: Acuity, draft: Draft, *, shadow: bool) -> Acuity:
    """Return the more urgent of floor and model; a model in shadow does not count."""
    if shadow or draft.acuity is None:
        return floor
    return min(floor, draft.acuity)


def decide_machine(command: MachineCommand, state: Assessment) -> list[AssessmentEvent]:
    """Add an assessment to the case, unless it comes too late."""
    if state.reviewed or command.revision != state.revision:
        return []
    match command:
        case RecordFloor():
            return _floor(command, state)
        case ProposeImpression():
            return _propose(command, state)
        case WithholdImpression():
            return _withhold(command, state)
        case _:
            assert_never(command)


def _floor(command: RecordFloor, state: Assessment) -> list[AssessmentEvent]:
    if state.floored == command.revision:
        return []
    return [
        FloorAssessed(
            revision=command.revision,
            case=command.case,
            floor=command.floor,
            standing=command.standing,
        )
    ]


def _propose(command: ProposeImpression, state: Assessment) -> list[AssessmentEvent]:
    if not _awaits_model(state) or state.floor is None:
        return []
    acuity = compose(state.floor.acuity, command.draft, shadow=command.run.shadow)
    return [
        ImpressionProposed(
            revision=command.revision,
            run=command.run,
            draft=command.draft,
            acuity=acuity,
            raises=command.raises,
        )
    ]


def _withhold(command: WithholdImpression, state: Assessment) -> list[AssessmentEvent]:
    if not _awaits_model(state):
        return []
    return [
        ImpressionWithheld(
            revision=command.revision, reasons=command.reasons, run=command.run
        )
    ]


def _awaits_model(state: Assessment) -> bool:
    return state.floored == state.revision != state.answered
