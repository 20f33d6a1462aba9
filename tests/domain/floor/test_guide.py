"""What the guide's own code got wrong with numbers, and what is done instead.

Each line was tried against the code that the guide prints; here it gives the safe
result. What it got wrong with words stands in `test_red_flags.py`.
"""

import pytest

from domain.values import Quality
from tests.domain.floor.cases import (
    adult,
    awake,
    case,
    days,
    floor,
    healthy,
    levels,
    rules,
    vital,
    vitals,
    years,
)


def test_fast_breathing_at_41_degrees_with_a_falling_pressure_is_an_emergency():
    given = case("unwell", measured=vitals(rr=40, t=41, sbp=91, hr=149, spo2=90))

    assert floor(given).acuity == 2
    assert {"extreme.fast-breathing", "extreme.hyperpyrexia", "news2.high"} <= set(
        rules(given)
    )


def test_a_two_month_old_with_a_pulse_of_151_is_judged_by_infants_tables():
    measured = (*vitals(hr=151, rr=40, spo2=98, t="36.9"), awake())
    fired = floor(case("rash", age=days(60), measured=measured)).fired

    assert not any("heart" in each.rule or "tachy" in each.rule for each in fired)
    assert not any(each.rule.startswith("news2") for each in fired)


def test_the_same_pulse_of_an_adult_is_an_emergency():
    assert levels(adult(hr=151))["extreme.tachycardia"] == 2


@pytest.mark.parametrize(
    ("spo2", "acuity"), [("94.5", 4), ("91.9", 2), ("89.9", 2), (94, 4), (96, 5)]
)
def test_a_saturation_with_a_fraction_is_judged_and_never_rounded_to_safety(
    spo2, acuity
):
    assert floor(adult(spo2=spo2)).acuity == acuity


@pytest.mark.parametrize("unread", ["105 bpm", "94 % RA", "n/a"])
def test_a_value_that_nobody_could_read_is_asked_for_again_and_never_below_3(unread):
    lost = vital("hr", None, quality=Quality.UNREADABLE, source=unread[:2])
    given = case("sore toe", measured=(*healthy(hr=None), lost))

    assert floor(given).acuity == 3
    assert floor(given).missing == ("heart-rate",)
    assert floor(given).doubts == (
        "heart-rate: a value that cannot be read, measure again",
    )


@pytest.mark.parametrize(
    ("changes", "acuity"),
    [
        ({"sbp": 90}, 2),
        ({"sbp": 89}, 2),
        ({"hr": 40}, 2),
        ({"hr": 131}, 3),
        ({"hr": 150}, 2),
        ({"spo2": 90}, 2),
        ({"spo2": 91}, 2),
        ({"rr": 25}, 3),
        ({"rr": 8}, 2),
        ({"t": "41.0"}, 2),
        ({"gcs": 14}, 2),
        ({"glucose": "2.9"}, 2),
        ({"sbp": 220}, 3),
    ],
)
def test_what_the_guides_limits_left_out_or_excluded_at_the_edge_is_seen(
    changes, acuity
):
    assert floor(adult(**changes)).acuity == acuity


def test_no_value_and_no_word_at_all_is_never_a_middle_level_by_default():
    nothing = floor(case())

    assert nothing.acuity == 3
    assert {each.rule for each in nothing.fired} == {
        "baseline.no-vitals",
        "baseline.no-complaint",
    }
    assert not nothing.complete


def test_limits_of_adults_are_not_those_of_children():
    pulse = vitals(hr=125)

    assert floor(case("rash", age=years(2), measured=pulse)).acuity == 4
    assert floor(case("rash", age=years(30), measured=pulse)).acuity == 3
