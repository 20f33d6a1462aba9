"""What a nurse may do with the Task of a case (FHIR R4, task.html#statemachine)."""

from typing import assert_never

from domain.answers import Decision, Review
from domain.assessment.state import Assessment
from domain.assessment.task import Status
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    NurseCommand,
    ReleaseTask,
    StartTask,
)
from domain.errors import (
    IllegalTransitionError,
    IncompleteReviewError,
    NotYoursError,
    StaleVersionError,
)
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    ReviewEvent,
    TaskAccepted,
    TaskDeclined,
    TaskReleased,
    TaskStarted,
)
from domain.values import Acuity

_HELD = (Status.ACCEPTED, Status.IN_PROGRESS)


def decide_nurse(command: NurseCommand, state: Assessment) -> list[AssessmentEvent]:
    """Move the Task, or close the case by a review.

    Raises:
        StaleVersionError: the Task, or the data behind it, changed since it was read.
        NotYoursError: another nurse holds the Task.
        IllegalTransitionError: the Task's status does not allow the step.
        IncompleteReviewError: the review lacks what its decision needs.

    """
    _require_current(command, state)
    _require_holder(command, state)
    match command:
        case AcceptTask():
            _require_status(state, "accepted", Status.REQUESTED)
            return [TaskAccepted(by=command.by, received=command.received)]
        case StartTask():
            _require_status(state, "in-progress", Status.ACCEPTED)
            return [TaskStarted(by=command.by, received=command.received)]
        case ReleaseTask():
            _require_status(state, "requested", *_HELD)
            return [TaskReleased(by=command.by, received=command.received)]
        case DeclineTask():
            _require_status(state, "rejected", Status.REQUESTED, Status.ACCEPTED)
            return [TaskDeclined(by=command.by, received=command.received)]
        case CompleteTask():
            _require_status(state, "completed", Status.IN_PROGRESS)
            return [_reviewed(command, state)]
        case _:
            assert_never(command)


def _require_current(command: NurseCommand, state: Assessment) -> None:
    task = state.task
    if command.task != task.number:
        raise IllegalTransitionError(
            "This Task is closed. Look for the case's open Task and work on that."
        )
    if command.version != task.version:
        raise StaleVersionError(
            f"The Task is at version {task.version}, not {command.version}: read it "
            "and the assessment again before you decide."
        )
    if state.floored != state.revision:
        raise StaleVersionError(
            "New data arrived and are being assessed: read the Task again in a moment."
        )


def _require_holder(command: NurseCommand, state: Assessment) -> None:
    holder = state.task.holder
    if holder is None or holder.name == command.by.name:
        return
    if state.task.status is Status.COMPLETED:
        return
    raise NotYoursError(
        "Another nurse holds this Task. Ask for it to be handed back (status "
        "'requested') before you take it."
    )


def _require_status(state: Assessment, wanted: str, *allowed: Status) -> None:
    if state.task.status in allowed:
        return
    names = " or ".join(f"'{each.value}'" for each in allowed)
    raise IllegalTransitionError(
        f"A Task becomes '{wanted}' from {names}; this one is "
        f"'{state.task.status.value}'."
    )


def _reviewed(command: CompleteTask, state: Assessment) -> ReviewEvent:
    review = command.review
    _require_reason(review, state)
    match review.decision:
        case Decision.ACCEPTED:
            _require_unchanged(review, state)
            kind: type[ReviewEvent] = AssessmentAccepted
        case Decision.OVERRIDDEN:
            _require_other_acuity(review, state)
            kind = AssessmentOverridden
        case Decision.CORRECTED:
            _require_correction(review)
            kind = AssessmentCorrected
        case _:
            assert_never(review.decision)
    return kind(by=command.by, review=review, received=command.received)


def _require_reason(review: Review, state: Assessment) -> None:
    floor = state.floor.acuity if state.floor else Acuity.RESUSCITATION
    if review.reason.strip():
        return
    if review.acuity > floor:
        raise IncompleteReviewError(
            f"Acuity {review.acuity} is less urgent than the floor's {floor}: add an "
            "output 'reason' that says why."
        )
    if state.review is not None and review.acuity > state.review.acuity:
        raise IncompleteReviewError(
            f"Acuity {review.acuity} is less urgent than the nurse's before, "
            f"{state.review.acuity}: add an output 'reason' that says why."
        )


def _require_unchanged(review: Review, state: Assessment) -> None:
    if review.correction.strip():
        raise IncompleteReviewError(
            "An assessment that is accepted stands as it is; to replace its content, "
            "send the decision 'corrected'."
        )
    if review.acuity != state.stands:
        raise IncompleteReviewError(
            f"The assessment says acuity {state.stands}; to give another one, send "
            "the decision 'overridden'."
        )


def _require_other_acuity(review: Review, state: Assessment) -> None:
    if review.acuity == state.stands:
        raise IncompleteReviewError(
            "The decision 'overridden' needs another acuity than the assessment's; "
            "send 'accepted', or 'corrected' where only the content differs."
        )


def _require_correction(review: Review) -> None:
    if not review.correction.strip():
        raise IncompleteReviewError(
            "The decision 'corrected' needs an output 'correction' with the content "
            "that replaces the assessment's."
        )
