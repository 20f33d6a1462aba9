"""A Task that nobody takes becomes overdue, ever more urgent, and never less."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import assessment
from domain.answers import Decision, Review, Reviewer
from domain.assessment import Assessment
from domain.assessment.escalation import is_overdue, next_due, priority
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    EscalateTask,
    OpenCase,
    RecallAssessment,
    RecordFloor,
    ReleaseTask,
    StartTask,
)
from domain.ruled import UNKNOWN, Standing
from domain.values import Acuity, Case, Floor, Reference
from tests.domain.given import Given

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENT = Reference(type="Patient", id="p")
NURSE = Reviewer(name="nurse-jo", reference="Practitioner/jo", display="Jo")
OPEN = OpenCase(
    case_id="c", patient=PATIENT, encounter=None, previous=None, triggers=(), at=AT
)
QUICK = Standing(minutes=(0, 5, 20, 45, 90))


def floored(acuity, standing=UNKNOWN):
    floor = RecordFloor(
        revision=1,
        case=Case(patient=PATIENT, at=AT),
        floor=Floor(acuity=acuity, rules="1"),
        standing=standing,
    )
    return machine().after(OPEN).after(floor)


def machine():
    return Given(assessment.decide, assessment.evolve, Assessment())


def minutes(count):
    return AT + timedelta(minutes=count)


def late(case, count, *, step=1, task=1):
    return case.after(EscalateTask(task=task, step=step, at=minutes(count)))


def nurse(kind, case, **more):
    task = case.state.task
    return kind(task=task.number, version=task.version, by=NURSE, **more)


def escalations(case):
    """Return minutes and levels at which a Task that nobody takes is escalated."""
    found = []
    while (due := next_due(case.state)) is not None:
        step = len(found) + 1
        case = case.after(EscalateTask(task=1, step=step, at=due))
        found.append(((due - AT) / timedelta(minutes=1), int(priority(case.state))))
    return found


@pytest.mark.parametrize(
    ("acuity", "expected"),
    [
        (1, [(1, 1)]),
        (2, [(10, 1)]),
        (3, [(30, 2), (40, 1)]),
        (4, [(60, 3), (90, 2), (100, 1)]),
        (5, [(120, 4), (180, 3), (210, 2), (220, 1)]),
    ],
)
def test_each_level_waits_its_time_and_ends_at_the_most_urgent(acuity, expected):
    assert escalations(floored(Acuity(acuity))) == expected


def test_a_site_that_shortened_the_times_waits_for_less_long():
    assert escalations(floored(Acuity.URGENT, QUICK)) == [(20, 2), (25, 1)]


def test_before_the_time_is_over_nothing_happens():
    case = floored(Acuity.URGENT)

    assert case.when(EscalateTask(task=1, step=1, at=minutes(29.99))) == []
    assert len(case.when(EscalateTask(task=1, step=1, at=minutes(30)))) == 1


def test_escalating_twice_changes_nothing():
    case = late(floored(Acuity.LESS_URGENT), 60)

    assert case.when(EscalateTask(task=1, step=1, at=minutes(1000))) == []
    assert case.state.task.version == 2


def test_a_case_without_a_floor_has_nothing_to_escalate():
    opened = machine().after(OPEN)

    assert next_due(opened.state) is None
    assert opened.when(EscalateTask(task=0, step=1, at=minutes(1000))) == []
    assert priority(opened.state) is None


def test_a_task_that_was_taken_is_not_overdue_and_keeps_its_priority():
    case = late(floored(Acuity.URGENT), 30)
    taken = case.after(nurse(AcceptTask, case))

    assert is_overdue(case.state)
    assert not is_overdue(taken.state)
    assert priority(taken.state) is Acuity.EMERGENT
    assert next_due(taken.state) is None


def test_a_task_that_is_handed_back_is_overdue_again():
    case = late(floored(Acuity.URGENT), 30)
    taken = case.after(nurse(AcceptTask, case))
    back = taken.after(nurse(ReleaseTask, taken))

    assert is_overdue(back.state)
    assert next_due(back.state) == minutes(40)


def test_declining_does_not_begin_the_wait_anew():
    case = late(floored(Acuity.URGENT), 30)
    declined = case.after(nurse(DeclineTask, case))

    assert declined.state.task.number == 2
    assert is_overdue(declined.state)
    assert priority(declined.state) is Acuity.EMERGENT


def test_a_more_urgent_floor_counts_above_the_escalation():
    case = late(floored(Acuity.LESS_URGENT), 60)
    worse = replace(case.state, floor=Floor(acuity=Acuity.RESUSCITATION, rules="1"))

    assert priority(worse) is Acuity.RESUSCITATION
    assert next_due(worse) is None


def test_the_task_of_a_recall_waits_anew():
    case = late(floored(Acuity.URGENT), 30)
    for kind, more in (
        (AcceptTask, {}),
        (StartTask, {}),
        (
            CompleteTask,
            {"review": Review(decision=Decision.ACCEPTED, acuity=Acuity.URGENT)},
        ),
    ):
        case = case.after(nurse(kind, case, **more))
    recall = RecallAssessment(
        by=NURSE, matched=(("rules", "1"),), reason="wrong", version=1, at=minutes(500)
    )
    again = case.after(recall)

    assert next_due(case.state) is None
    assert next_due(again.state) == minutes(530)
    assert late(again, 530, task=2).state.task.overdue.step == 1
