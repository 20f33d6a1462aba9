"""Nobody is judged by the group, and not everybody is an emergency."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.floor.compose import assess
from domain.floor.red_flags import FLAGS
from domain.values import Sex
from tests.domain.floor.cases import adult, case, floor, healthy, years
from tests.domain.floor.test_properties import ANY_CASE

OF_ONE_SEX = {flag.rule for flag in FLAGS if flag.not_for} | {
    "maternal.possible-ectopic"
}
"""Rules for organs that one sex has: the only ones that ask for it."""


@settings(max_examples=150, deadline=None)
@given(ANY_CASE, st.sampled_from(Sex))
def test_sex_changes_nothing_but_the_rules_for_organs_of_one_sex(case, sex):
    other = replace(case, sex=sex)

    def fired(given):
        found = {each.rule for each in assess(given).fired} - OF_ONE_SEX
        return {rule for rule in found if not rule.startswith("baseline.")}

    assert fired(other) == fired(case)


@settings(max_examples=100, deadline=None)
@given(ANY_CASE)
def test_a_sex_that_nobody_stated_is_never_less_urgent_than_one_that_is(case):
    unknown = assess(replace(case, sex=Sex.UNKNOWN)).acuity

    assert all(unknown <= assess(replace(case, sex=sex)).acuity for sex in Sex)


@pytest.mark.parametrize("saturation", [92, 93, 94, 95])
def test_a_saturation_that_a_probe_may_flatter_never_reassures(saturation):
    """Probes read up to 4 % too high in dark skin (Sjoding, NEJM 2020;383:2477)."""
    assert floor(adult("sore toe", spo2=96)).acuity == 5
    assert floor(adult("sore toe", spo2=saturation)).acuity < 5


@pytest.mark.parametrize("age", [20, 40, 70])
@pytest.mark.parametrize(
    "text",
    [
        *("sore toe", "cough and runny nose", "ear ache", "ingrown toenail"),
        *("insect bite on arm", "sore throat", "sprained ankle", "dressing change"),
        *("medication refill", "suture removal", "rash on arm, no fever"),
        *("no chest pain, sore toe", "mother had a stroke, sore toe"),
    ],
)
def test_an_ordinary_complaint_with_normal_vital_signs_is_no_emergency(text, age):
    given = case(text, age=years(age), measured=healthy())

    assert floor(given).acuity >= 4
