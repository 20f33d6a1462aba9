from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.answers import (
    Decision,
    Draft,
    Review,
    Reviewer,
)
from domain.assessment import Assessment, Status, decide, evolve
from domain.assessment.machine import compose
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    InformCase,
    OpenCase,
    ProposeImpression,
    RecordFloor,
    ReleaseTask,
    StartTask,
    WithholdImpression,
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
from tests.domain.given import Given
from tests.model_runs import RUN

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVE = Reference(type="Patient", id="eve")
VISIT = Reference(type="Encounter", id="visit")
SIGN = (Reference(type="Observation", id="o", version=1),)
JO = Reviewer(name="jo", reference="Practitioner/jo", display="Jo")
KIM = Reviewer(name="kim", reference="", display="Kim")
CASE = Case(patient=EVE, at=AT)

OPEN = OpenCase(
    case_id="c", patient=EVE, encounter=None, previous="b", triggers=SIGN, at=AT
)
INFORM = InformCase(encounter=VISIT, triggers=SIGN)
FLOOR = RecordFloor(
    revision=1, case=CASE, floor=Floor(acuity=Acuity.EMERGENT, rules="1")
)
PROPOSE = ProposeImpression(revision=1, run=RUN, draft=Draft(acuity=Acuity.NON_URGENT))
WITHHOLD = WithholdImpression(revision=1, reasons=("It was down.",))

NOTHING = Given(decide, evolve, Assessment())
OPENED = NOTHING.after(OPEN)
FLOORED = OPENED.after(FLOOR)
PROPOSED = FLOORED.after(PROPOSE)


def ask(kind, past, by=JO, **more):
    """Return what a nurse asks who has read the Task as it stands."""
    task = past.state.task
    return kind(task=task.number, version=task.version, by=by, **more)


def moved(past, *kinds, by=JO):
    for kind in kinds:
        past = past.after(ask(kind, past, by))
    return past


REQUESTED = PROPOSED
TAKEN = moved(REQUESTED, AcceptTask)
BEGUN = moved(TAKEN, StartTask)


def review(past, decision, acuity, by=JO, **words):
    said = Review(decision=decision, acuity=acuity, **words)
    return ask(CompleteTask, past, by, review=said)


ACCEPT = review(BEGUN, Decision.ACCEPTED, Acuity.EMERGENT)
DONE = BEGUN.after(ACCEPT)


def test_a_case_opens():
    assert NOTHING.when(OPEN) == [
        CaseOpened(
            case_id="c", patient=EVE, encounter=None, previous="b", triggers=SIGN, at=AT
        )
    ]
    assert not NOTHING.state.exists
    assert (OPENED.state.exists, OPENED.state.revision) == (True, 1)
    assert OPENED.state.acuity is None


def test_a_case_opens_once():
    assert OPENED.when(OPEN) == []


def test_new_data_make_a_revision_and_tell_the_encounter():
    after = OPENED.after(INFORM)

    assert OPENED.when(INFORM) == [CaseInformed(encounter=VISIT, triggers=SIGN)]
    assert (after.state.revision, after.state.encounter) == (2, VISIT)
    other = after.after(InformCase(encounter=None, triggers=SIGN))
    assert other.state.encounter == VISIT


@pytest.mark.parametrize("past", [NOTHING, DONE])
def test_a_case_that_is_closed_or_unknown_takes_no_new_data(past):
    with pytest.raises(IllegalTransitionError, match="open a new one"):
        past.when(INFORM)


def test_the_floor_makes_the_task():
    assert OPENED.when(FLOOR) == [
        FloorAssessed(revision=1, case=CASE, floor=FLOOR.floor)
    ]
    assert FLOORED.state.task.status is Status.REQUESTED
    assert (FLOORED.state.task.number, FLOORED.state.task.version) == (1, 1)
    assert FLOORED.state.acuity is Acuity.EMERGENT


def test_the_floor_assesses_a_revision_once():
    assert FLOORED.when(FLOOR) == []


@pytest.mark.parametrize("command", [FLOOR, PROPOSE, WITHHOLD])
@pytest.mark.parametrize("past", [OPENED.after(INFORM), DONE, NOTHING])
def test_an_assessment_that_comes_too_late_changes_nothing(past, command):
    assert past.when(command) == []


@pytest.mark.parametrize("command", [PROPOSE, WITHHOLD])
@pytest.mark.parametrize("past", [OPENED, PROPOSED, FLOORED.after(WITHHOLD)])
def test_the_model_answers_once_and_after_the_floor(past, command):
    assert past.when(command) == []


def test_a_model_s_answer_is_the_next_version():
    assert FLOORED.when(PROPOSE) == [
        ImpressionProposed(
            revision=1, run=RUN, draft=PROPOSE.draft, acuity=Acuity.EMERGENT
        )
    ]
    assert (PROPOSED.state.impression, PROPOSED.state.task.version) == (2, 2)
    assert PROPOSED.state.draft == PROPOSE.draft


def test_a_withheld_answer_leaves_the_floor_and_its_reasons():
    after = FLOORED.after(WITHHOLD)

    assert FLOORED.when(WITHHOLD) == [
        ImpressionWithheld(revision=1, reasons=("It was down.",))
    ]
    assert after.state.withheld == ("It was down.",)
    assert after.state.acuity is Acuity.EMERGENT


@pytest.mark.parametrize(
    ("said", "shadow", "expected"),
    [
        (Acuity.RESUSCITATION, False, Acuity.RESUSCITATION),
        (Acuity.EMERGENT, False, Acuity.EMERGENT),
        (Acuity.NON_URGENT, False, Acuity.EMERGENT),
        (None, False, Acuity.EMERGENT),
        (Acuity.RESUSCITATION, True, Acuity.EMERGENT),
    ],
)
def test_a_model_may_raise_and_never_lower(said, shadow, expected):
    draft = Draft(acuity=said)

    assert compose(Acuity.EMERGENT, draft, shadow=shadow) is expected
    proposal = replace(PROPOSE, draft=draft, run=replace(RUN, shadow=shadow))
    assert FLOORED.after(proposal).state.acuity is expected


def test_new_data_forget_the_model_s_answer_and_keep_the_holder():
    informed = BEGUN.after(INFORM)

    after = informed.after(replace(FLOOR, revision=2))

    assert after.state.draft is None
    assert after.state.proposed is None
    assert after.state.task.holder == JO
    assert after.state.task.status is Status.IN_PROGRESS


URGENTLY = replace(PROPOSE, draft=Draft(acuity=Acuity.RESUSCITATION))
RAISED = FLOORED.after(URGENTLY).after(INFORM).after(replace(FLOOR, revision=2))


def test_a_raise_is_not_taken_back_by_new_data_or_by_a_model_that_is_down():
    withheld = RAISED.after(replace(WITHHOLD, revision=2))
    again = withheld.after(INFORM).after(replace(FLOOR, revision=3))

    assert RAISED.state.acuity is Acuity.RESUSCITATION
    assert withheld.state.acuity is Acuity.RESUSCITATION
    assert again.state.acuity is Acuity.RESUSCITATION


@pytest.mark.parametrize(
    ("said", "expected"),
    [(Acuity.URGENT, Acuity.EMERGENT), (None, Acuity.RESUSCITATION)],
)
def test_a_raise_ends_when_the_model_has_judged_the_new_data(said, expected):
    answered = RAISED.after(replace(PROPOSE, revision=2, draft=Draft(acuity=said)))

    assert answered.state.acuity is expected


def test_an_acceptance_that_also_corrects_is_refused():
    both = review(
        BEGUN, Decision.ACCEPTED, Acuity.EMERGENT, correction="Something else."
    )

    with pytest.raises(IncompleteReviewError, match="corrected"):
        BEGUN.when(both)


LEGAL = [
    (REQUESTED, AcceptTask, TaskAccepted, Status.ACCEPTED),
    (REQUESTED, DeclineTask, TaskDeclined, Status.REQUESTED),
    (TAKEN, StartTask, TaskStarted, Status.IN_PROGRESS),
    (TAKEN, ReleaseTask, TaskReleased, Status.REQUESTED),
    (TAKEN, DeclineTask, TaskDeclined, Status.REQUESTED),
    (BEGUN, ReleaseTask, TaskReleased, Status.REQUESTED),
]


@pytest.mark.parametrize(("past", "kind", "event", "status"), LEGAL)
def test_a_nurse_takes_begins_releases_and_declines(past, kind, event, status):
    command = ask(kind, past, received=b"sent")

    assert past.when(command) == [event(by=JO, received=b"sent")]
    assert past.after(command).state.task.status is status


@pytest.mark.parametrize(
    ("past", "kind"),
    [
        (REQUESTED, StartTask),
        (REQUESTED, ReleaseTask),
        (TAKEN, AcceptTask),
        (BEGUN, AcceptTask),
        (BEGUN, StartTask),
        (BEGUN, DeclineTask),
        (DONE, AcceptTask),
        (DONE, StartTask),
        (DONE, ReleaseTask),
        (DONE, DeclineTask),
    ],
)
def test_an_illegal_step_is_refused_and_says_what_is_legal(past, kind):
    with pytest.raises(IllegalTransitionError, match="A Task becomes"):
        past.when(ask(kind, past))


@pytest.mark.parametrize("past", [REQUESTED, TAKEN, DONE])
def test_only_a_task_in_progress_is_completed(past):
    with pytest.raises(IllegalTransitionError, match="from 'in-progress'"):
        past.when(review(past, Decision.ACCEPTED, Acuity.EMERGENT))


def test_a_declined_task_is_closed_and_a_new_one_asks():
    after = REQUESTED.after(ask(DeclineTask, REQUESTED))

    assert (after.state.task.number, after.state.task.version) == (2, 1)
    assert after.state.task.holder is None
    with pytest.raises(IllegalTransitionError, match="This Task is closed"):
        after.when(ask(AcceptTask, REQUESTED))


@pytest.mark.parametrize("past", [TAKEN, BEGUN])
@pytest.mark.parametrize("kind", [AcceptTask, StartTask, ReleaseTask, DeclineTask])
def test_a_second_nurse_is_refused(past, kind):
    with pytest.raises(NotYoursError, match="handed back"):
        past.when(ask(kind, past, KIM))


def test_a_second_nurse_takes_what_was_released():
    released = moved(BEGUN, ReleaseTask)

    assert moved(released, AcceptTask, by=KIM).state.task.holder == KIM


def test_a_second_nurse_hears_that_a_completed_task_is_completed():
    with pytest.raises(IllegalTransitionError, match="'completed'"):
        DONE.when(ask(AcceptTask, DONE, KIM))


def test_a_nurse_who_read_an_older_version_is_refused():
    with pytest.raises(StaleVersionError, match="at version 2, not 1"):
        REQUESTED.when(ask(AcceptTask, FLOORED))


def test_a_nurse_waits_until_new_data_are_assessed():
    informed = BEGUN.after(INFORM)

    with pytest.raises(StaleVersionError, match="New data arrived"):
        informed.when(review(informed, Decision.ACCEPTED, Acuity.EMERGENT))


def test_an_accepted_assessment_closes_the_case():
    assert BEGUN.when(ACCEPT) == [AssessmentAccepted(by=JO, review=ACCEPT.review)]
    assert DONE.state.reviewed
    assert DONE.state.reviewer == JO
    assert DONE.state.task.status is Status.COMPLETED
    assert DONE.state.impression == PROPOSED.state.impression + 1


@pytest.mark.parametrize("acuity", set(Acuity) - {Acuity.EMERGENT})
def test_another_acuity_is_no_acceptance(acuity):
    command = review(BEGUN, Decision.ACCEPTED, acuity, reason="x")

    with pytest.raises(IncompleteReviewError, match="overridden"):
        BEGUN.when(command)


def test_another_acuity_is_an_override():
    command = review(BEGUN, Decision.OVERRIDDEN, Acuity.RESUSCITATION)

    assert BEGUN.when(command) == [AssessmentOverridden(by=JO, review=command.review)]


def test_the_same_acuity_is_no_override():
    with pytest.raises(IncompleteReviewError, match="another acuity"):
        BEGUN.when(review(BEGUN, Decision.OVERRIDDEN, Acuity.EMERGENT))


def test_other_content_is_a_correction():
    command = review(BEGUN, Decision.CORRECTED, Acuity.EMERGENT, correction="Else.")

    assert BEGUN.when(command) == [AssessmentCorrected(by=JO, review=command.review)]


@pytest.mark.parametrize("correction", ["", "  \n"])
def test_a_correction_without_content_is_refused(correction):
    command = review(BEGUN, Decision.CORRECTED, Acuity.EMERGENT, correction=correction)

    with pytest.raises(IncompleteReviewError, match="'correction'"):
        BEGUN.when(command)


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("reason", ["", "  "])
def test_less_urgency_than_the_floor_s_needs_a_reason(decision, reason):
    command = review(BEGUN, decision, Acuity.URGENT, reason=reason, correction="Else.")

    with pytest.raises(IncompleteReviewError, match="'reason'"):
        BEGUN.when(command)


def test_less_urgency_than_the_floor_s_with_a_reason_is_the_nurse_s_right():
    command = review(BEGUN, Decision.OVERRIDDEN, Acuity.NON_URGENT, reason="Seen.")

    assert BEGUN.when(command)
