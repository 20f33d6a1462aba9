"""What is known of a case, and how each event adds to it. No rule lives here."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from domain.answers import Draft, ModelRun, Review, Reviewer
from domain.assessment.lasting import Again, Raise
from domain.assessment.task import Status, TaskState, after_step, moved, rewritten
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    AssessmentRecalled,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    ReviewEvent,
    TaskAccepted,
    TaskDeclined,
    TaskEscalated,
    TaskReleased,
    TaskStarted,
)
from domain.ruled import UNKNOWN, Standing
from domain.served import Raises
from domain.values import Acuity, Case, Floor, Reference


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
    standing: Standing = UNKNOWN
    run: ModelRun | None = None
    draft: Draft | None = None
    proposed: Acuity | None = None
    raised: Raise | None = None  # stays until the model has answered the newer data
    withheld: tuple[str, ...] = ()
    alarm: Raises | None = None  # where the model raised too many cases by then
    impression: int = 0  # FHIR version of ClinicalImpression and RiskAssessment
    assessed: int = 0  # the last of these versions that rules or model made
    task: TaskState = field(default_factory=TaskState)
    review: Review | None = None
    reviewer: Reviewer | None = None
    replaced: Review | None = None  # by which a nurse's words stand for the machine's
    words: int = 0  # FHIR version of the nurse's own ClinicalImpression
    recalls: tuple[AssessmentRecalled, ...] = ()
    settled: int = 0  # recalls before the Task that is open, or was the last
    again: Again | None = None

    @property
    def exists(self) -> bool:
        """Say whether the case was opened."""
        return self.revision > 0

    @property
    def reviewed(self) -> bool:
        """Say whether a nurse has decided, which closes the case."""
        return self.review is not None

    @property
    def stands(self) -> Acuity | None:
        """Return the level that counts: the nurse's once she has decided."""
        return self.review.acuity if self.review else self.acuity

    @property
    def recalled(self) -> tuple[AssessmentRecalled, ...]:
        """Return the recalls because of which the Task asks to look again."""
        return self.recalls[self.settled :]

    @property
    def since(self) -> datetime | None:
        """Return since when the Task waits."""
        return self.again.at if self.again else self.opened

    @property
    def urgency(self) -> Acuity | None:
        """Return how urgent the Task is; a recall makes nothing less urgent."""
        return self.again.acuity if self.again else self.acuity

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
        case (
            TaskAccepted()
            | TaskStarted()
            | TaskReleased()
            | TaskDeclined()
            | TaskEscalated()
        ):
            return replace(state, task=moved(state.task, event))
        case AssessmentAccepted() | AssessmentOverridden() | AssessmentCorrected():
            return _reviewed(state, event)
        case AssessmentRecalled():
            return _recalled(state, event)
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
    number = state.impression + 1
    counted = replace(state, impression=number, task=rewritten(state.task))
    if isinstance(event, FloorAssessed):
        return _floored(replace(counted, assessed=number), event)
    if event.revision != state.floored:
        return counted  # the floor that it answers to was erased
    return _answered(replace(counted, assessed=number), event)


def _floored(state: Assessment, event: FloorAssessed) -> Assessment:
    return replace(
        state,
        floored=event.revision,
        raised=_raise_of(state),
        case=event.case,
        floor=event.floor,
        standing=event.standing,
        run=None,
        draft=None,
        proposed=None,
        withheld=(),
        alarm=None,
    )


def _answered(
    state: Assessment, event: ImpressionProposed | ImpressionWithheld
) -> Assessment:
    answered = replace(state, answered=event.revision, run=event.run)
    match event:
        case ImpressionProposed():
            return replace(
                answered,
                draft=event.draft,
                proposed=event.acuity,
                alarm=event.raises,
                raised=None if event.draft.acuity is not None else state.raised,
            )
        case ImpressionWithheld():
            return replace(answered, withheld=event.reasons)
        case _:
            assert_never(event)


def _raise_of(state: Assessment) -> Raise | None:
    """Return the model's raise above the floor, or the one that still stands."""
    if state.floor is None or state.proposed is None or state.run is None:
        return state.raised
    if state.proposed < state.floor.acuity:
        return Raise(
            acuity=state.proposed,
            run=state.run,
            rules=state.floor.rules,
            inputs=state.case.inputs if state.case else (),
        )
    return state.raised


def _reviewed(state: Assessment, event: ReviewEvent) -> Assessment:
    """Remember a decision; a nurse's own words stay until another nurse's.

    Their versions are counted also where what she said was erased.
    """
    accepted = isinstance(event, AssessmentAccepted)
    replaced = state.replaced if accepted else event.review
    return replace(
        state,
        review=event.review,
        reviewer=event.by,
        replaced=replaced,
        words=state.words + (replaced is not None or state.words > 0),
        impression=state.impression + 1,
        task=after_step(state.task, Status.COMPLETED, event.by),
    )


def _recalled(state: Assessment, event: AssessmentRecalled) -> Assessment:
    """Remember a recall; of a case that is closed a new Task asks to look again."""
    known = replace(state, recalls=(*state.recalls, event))
    levels = [each for each in (state.acuity, state.stands) if each is not None]
    if state.task.status is not Status.COMPLETED or not levels:
        return replace(known, task=rewritten(state.task))
    number = state.task.number + 1
    return replace(
        known,
        settled=len(state.recalls),
        again=Again(at=event.at, acuity=min(levels)),
        task=TaskState(number=number, version=1, status=Status.REQUESTED),
    )
