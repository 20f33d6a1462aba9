"""What of a case is erased gives its numbers to nothing else."""

from dataclasses import replace
from functools import reduce
from itertools import product

import pytest

from domain.answers import Decision, Reviewer
from domain.assessment import Assessment, Status, decide, evolve, passed
from domain.commands import (
    AcceptTask,
    DeclineTask,
    RecallAssessment,
    RecordFloor,
    StartTask,
    WithholdImpression,
)
from domain.events import ImpressionWithheld
from domain.values import Acuity, Floor
from tests.domain.given import Given
from tests.domain.test_assessment import AT, CASE, INFORM, OPEN, ask, review

KIM = Reviewer(name="kim", reference="", display="Kim")
AGAIN = RecallAssessment(by=KIM, matched=(("a", "b"),), reason="x", version=4, at=AT)


def floor(revision):
    given = Floor(acuity=Acuity.EMERGENT, rules="1")
    return RecordFloor(revision=revision, case=CASE, floor=given)


def told(*commands):
    """Return the events of a case that was asked for one thing after another."""
    past = Given(decide, evolve, Assessment())
    events = []
    for command in commands:
        asked = command(past) if callable(command) else command
        new = past.when(asked)
        assert new
        events += new
        past = past.after(asked)
    return events


def step(kind):
    return lambda past: ask(kind, past)


def override(past, acuity):
    return review(past, Decision.OVERRIDDEN, acuity, reason="x")


LIFE = told(
    OPEN,
    floor(1),
    WithholdImpression(revision=1, reasons=("It was down.",)),
    step(DeclineTask),
    INFORM,
    floor(2),
    step(AcceptTask),
    step(StartTask),
    lambda past: override(past, Acuity.RESUSCITATION),
    AGAIN,
    step(AcceptTask),
    step(StartTask),
    lambda past: override(past, Acuity.URGENT),
)
OTHER = replace(AGAIN, matched=(("a", "c"),))
BEGUN = (OPEN, floor(1), step(AcceptTask), step(StartTask))
TAKEN = (step(AcceptTask), step(StartTask))


def accept(past):
    return review(past, Decision.ACCEPTED, past.state.stands)


def reviewed_thrice(first, second, third):
    return told(*BEGUN, first, AGAIN, *TAKEN, second, OTHER, *TAKEN, third)


def urgent(past):
    return override(past, Acuity.URGENT)


def most_urgent(past):
    return override(past, Acuity.RESUSCITATION)


LIVES = {
    "declined": LIFE,
    "accepted between": reviewed_thrice(most_urgent, accept, urgent),
    "accepted around": reviewed_thrice(accept, most_urgent, accept),
    "accepted first": reviewed_thrice(accept, accept, most_urgent),
}


def after(events, erased=()):
    def more(state, each):
        place, event = each
        if place in erased:
            return passed(state, event.topic)
        return evolve(state, event)

    return reduce(more, enumerate(events), Assessment())


def numbers(state):
    task = (state.task.number, state.task.version)
    return state.revision, state.impression, state.words, *task


def kept(life, erased=()):
    """Return the numbers that each event brought about which can still be read."""
    state, found = Assessment(), {}
    for place, event in enumerate(life):
        if place in erased:
            state = passed(state, event.topic)
        else:
            state = evolve(state, event)
            found[place] = numbers(state)
    return found


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_every_version_keeps_its_numbers_whatever_else_is_erased(life):
    whole = kept(life)
    for chosen in product([False, True], repeat=len(life) - 1):
        erased = {place for place, gone in enumerate(chosen, 1) if gone}
        for place, found in kept(life, erased).items():
            assert found == whole[place], (erased, place)


@pytest.mark.parametrize("first", range(1, len(LIFE)))
def test_what_comes_after_an_erased_end_has_numbers_of_its_own(first):
    given = [after(LIFE[:length]) for length in range(1, len(LIFE) + 1)]
    erased = after(LIFE, set(range(first, len(LIFE))))
    asked = replace(AGAIN, matched=(("c", "d"),))
    if not erased.reviewed:
        erased = evolve(erased, told(OPEN, INFORM)[-1])
        asked = floor(erased.revision)

    now = reduce(evolve, decide(asked, erased), erased)

    assert now.task.status is Status.REQUESTED
    grown = now.impression - max(each.impression for each in given)
    assert grown == (not erased.reviewed)  # a recall makes no assessment
    assert now.words >= max(each.words for each in given)
    task = (now.task.number, now.task.version)
    assert task > max((each.task.number, each.task.version) for each in given)


def test_nothing_is_known_of_a_case_whose_beginning_is_erased():
    assert after(LIFE, set(range(len(LIFE)))) == Assessment()


def test_an_answer_to_an_erased_floor_counts_and_says_nothing():
    bare = after([*LIFE[:6], ImpressionWithheld(revision=2, reasons=("x",))], {5})

    assert (bare.floor, bare.withheld) == (after(LIFE[:3]).floor, ("It was down.",))
    assert (bare.impression, bare.answered) == (4, 1)


def test_an_erased_escalation_is_counted():
    topic = "task.escalated.v1"

    assert passed(after(LIFE[:3]), topic).task.version == 3
