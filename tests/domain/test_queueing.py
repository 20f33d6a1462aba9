"""A Task stands where level, data and disagreement put it; never further back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import Draft
from domain.assessment import Assessment
from domain.assessment.machine import compose
from domain.assessment.queueing import disagrees, place
from domain.values import Acuity, Case, Floor, Reference
from tests.model_runs import RUN

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEVELS = st.sampled_from(list(Acuity))


def case(floor, model=None, *, shadow=False, missing=(), withheld=()):
    """Return a case that the rules and perhaps a model have judged."""
    run = replace(RUN, shadow=shadow) if model is not None else None
    draft = Draft(acuity=model) if model is not None else None
    return Assessment(
        revision=1,
        floored=1,
        case=Case(patient=Reference(type="Patient", id="p"), at=AT),
        floor=Floor(acuity=floor, rules="1", missing=missing),
        run=run,
        draft=draft,
        proposed=compose(floor, draft, shadow=shadow) if draft else None,
        withheld=withheld,
    )


@pytest.mark.parametrize("withheld", [(), ("the model server cannot be reached",)])
@pytest.mark.parametrize("level", list(Acuity))
def test_incomplete_data_are_at_least_urgent_when_the_model_is_silent(level, withheld):
    state = case(level, missing=("respiratory-rate",), withheld=withheld)

    assert place(state) == min(level, Acuity.URGENT)
    assert state.acuity == level


@pytest.mark.parametrize("level", list(Acuity))
def test_complete_data_stand_at_their_level(level):
    assert place(case(level)) is level


@pytest.mark.parametrize(
    ("floor", "model", "expected"),
    [(2, 4, 1), (3, 5, 2), (4, 2, 1), (5, 3, 2), (1, 3, 1), (2, 3, 2), (3, 2, 2)],
)
def test_two_levels_of_difference_bring_a_task_forward(floor, model, expected):
    state = case(Acuity(floor), Acuity(model))

    assert place(state) == expected
    assert disagrees(state) == (abs(floor - model) >= 2)


def test_a_model_in_shadow_brings_nothing_forward():
    state = case(Acuity.EMERGENT, Acuity.NON_URGENT, shadow=True)

    assert disagrees(state)
    assert place(state) is Acuity.EMERGENT


def test_before_the_rules_there_is_no_place():
    assert place(Assessment(revision=1)) is None


@given(LEVELS, LEVELS, st.booleans(), st.sampled_from([(), ("age",)]))
def test_no_answer_of_a_model_puts_a_task_further_back(floor, model, shadow, missing):
    silent = place(case(floor, missing=missing))

    assert place(case(floor, model, shadow=shadow, missing=missing)) <= silent
