"""What is known of a case, and how each event adds to it. No rule lives here."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from domain.answers import Draft, ModelRun, Review, Reviewer
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    TaskAccepted,
    TaskDeclined,
    TaskReleased,
    TaskStarted,
)
from domain.values import Acuity, Case, Floor, Reference


class Status(StrEnum):
    """The Task's status as FHIR names it; ABSENT until the floor has answered."""

    ABSENT = "absent"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True)
class TaskState:
    """The one Task of the case that is not closed: its number and FHIR version."""

    number: int = 0
    version: int = 0
    status: Status = Status.ABSENT
    holder: Reviewer | None = None


@dataclass(frozen=True, kw_only=True)
class Raise:
    """How far a model raised urgency on earlier data, and which run did so."""

    acuity: Acuity
    run: ModelRun


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The case; `revision` counts the states of the data that were to be assessed."""

    case_id: str = ""
    patient: Reference | None = None
    encounter: Reference | None = None
    previous: str | None = None
    opened: datetime | None = None
    revision: int = 0
    floored: int = 0  # the revision that `floor` belongs to
    answered: int = 0  # the revision that the model's answer belongs to
    case: Case | None = None
    floor: Floor | None = None
    run: ModelRun | None = None
    draft: Draft | None = None
    proposed: Acuity | None = None
    raised: Raise | None = None  # stays until the model has answered the newer data
    withheld: tuple[str, ...] = ()
    impression: int = 0  # FHIR version of ClinicalImpression and RiskAssessment
    task: TaskState = field(default_factory=TaskState)
    review: Review | None = None
    reviewer: Reviewer | None = None

    @property
    def exists(self) -> bool:
        """Say whether the case was opened."""
        return self.revision > 0

    @property
    def reviewed(self) -> bool:
        """Say whether a nurse has decided, which closes the case."""
        return self.review is not None

    @property
    def acuity(self) -> Acuity | None:
        """Return the machine's composed level; None until the floor has answered.

        A model's raise is not taken back by silence: new data alone, or a model that
        is down, leave it standing until the model answers again or a nurse decides.
        """
        if self.floor is None:
            return None
        composed = self.proposed or self.floor.acuity
        return min(composed, self.raised.acuity) if self.raised else composed


def evolve(state: Assessment, event: AssessmentEvent) -> Assessment:
    """Remember what happened to the case."""
    match event:
        case CaseOpened() | CaseInformed():
            return _informed(state, event)
        case FloorAssessed() | ImpressionProposed() | ImpressionWithheld():
            return _assessed(state, event)
        case TaskAccepted() | TaskStarted() | TaskReleased() | TaskDeclined():
            return replace(state, task=_moved(state.task, event))
        case AssessmentAccepted() | AssessmentOverridden() | AssessmentCorrected():
            return replace(
                state,
                review=event.review,
                reviewer=event.by,
                impression=state.impression + 1,
                task=_next(state.task, Status.COMPLETED, event.by),
            )
        case _:
            assert_never(event)


def _informed(state: Assessment, event: CaseOpened | CaseInformed) -> Assessment:
    match event:
        case CaseOpened():
            return Assessment(
                case_id=event.case_id,
                patient=event.patient,
                encounter=event.encounter,
                previous=event.previous,
                opened=event.at,
                revision=1,
            )
        case CaseInformed():
            encounter = state.encounter or event.encounter
            return replace(state, encounter=encounter, revision=state.revision + 1)
        case _:
            assert_never(event)


def _assessed(
    state: Assessment, event: FloorAssessed | ImpressionProposed | ImpressionWithheld
) -> Assessment:
    newer = replace(state, impression=state.impression + 1, task=_rewritten(state.task))
    match event:
        case FloorAssessed():
            return replace(
                newer,
                floored=event.revision,
                raised=_raise_of(state),
                case=event.case,
                floor=event.floor,
                run=None,
                draft=None,
                proposed=None,
                withheld=(),
            )
        case ImpressionProposed():
            return replace(
                newer,
                answered=event.revision,
                run=event.run,
                draft=event.draft,
                proposed=event.acuity,
                raised=None if event.draft.acuity is not None else state.raised,
            )
        case ImpressionWithheld():
            return replace(
                newer,
                answered=event.revision,
                run=event.run,
                withheld=event.reasons,
            )
        case _:
            assert_never(event)


def _raise_of(state: Assessment) -> Raise | None:
    """Return the model's raise above the floor, or the one that still stands."""
    if state.floor is None or state.proposed is None or state.run is None:
        return state.raised
    if state.proposed < state.floor.acuity:
        return Raise(acuity=state.proposed, run=state.run)
    return state.raised


def _rewritten(task: TaskState) -> TaskState:
    """Return the Task with the content of a new assessment; who holds it stays."""
    if task.number == 0:
        return TaskState(number=1, version=1, status=Status.REQUESTED)
    return replace(task, version=task.version + 1)


def _moved(
    task: TaskState, event: TaskAccepted | TaskStarted | TaskReleased | TaskDeclined
) -> TaskState:
    match event:
        case TaskAccepted():
            return _next(task, Status.ACCEPTED, event.by)
        case TaskStarted():
            return _next(task, Status.IN_PROGRESS, event.by)
        case TaskReleased():
            return _next(task, Status.REQUESTED, None)
        case TaskDeclined():
            return TaskState(number=task.number + 1, version=1, status=Status.REQUESTED)
        case _:
            assert_never(event)


def _next(task: TaskState, status: Status, holder: Reviewer | None) -> TaskState:
    return replace(task, version=task.version + 1, status=status, holder=holder)
