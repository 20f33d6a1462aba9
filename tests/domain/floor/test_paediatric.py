import pytest

from tests.domain.floor.cases import (
    case,
    days,
    floor,
    levels,
    rules,
    vitals,
    years,
)

HEART = "paediatric.high-risk.heart-rate"
BREATH = "paediatric.high-risk.respiratory-rate"
PRESSURE = "paediatric.hypotension"


@pytest.mark.parametrize(
    ("age", "heart", "breath"),
    [
        (days(200), 160, 60),
        (years(1), 150, 50),
        (years(2), 150, 50),
        (years(3), 140, 40),
        (years(5), 130, 29),
        (years(7), 120, 27),
        (years(10), 115, 25),
        (years(13), 131, 25),
    ],
)
def test_each_age_has_its_high_risk_rates_which_begin_at_the_limit(age, heart, breath):
    assert levels(case(age=age, measured=vitals(rr=breath)))[BREATH] == 2
    assert BREATH not in rules(case(age=age, measured=vitals(rr=breath - 1)))
    assert levels(case("fever", age=age, measured=vitals(hr=heart)))[HEART] == 2
    assert HEART not in rules(case("fever", age=age, measured=vitals(hr=heart - 1)))


def test_a_fast_heart_without_signs_of_infection_is_urgent_only():
    given = case("fell on his arm", age=years(2), measured=vitals(hr=150, t="36.8"))

    assert levels(given)[HEART] == 3


def test_a_fast_heart_with_a_measured_fever_is_emergent():
    given = case("unwell", age=years(2), measured=vitals(hr=150, t="38.0"))

    assert levels(given)[HEART] == 2


@pytest.mark.parametrize(
    ("age", "least"),
    [
        (days(10), 60),
        (days(200), 70),
        (years(1), 72),
        (years(5), 80),
        (years(9), 88),
        (years(12), 90),
    ],
)
def test_hypotension_is_judged_by_age(age, least):
    assert levels(case(age=age, measured=vitals(sbp=least - 1)))[PRESSURE] == 2
    assert PRESSURE not in rules(case(age=age, measured=vitals(sbp=least)))


def test_a_slow_heart_is_emergent_under_12():
    rule = "paediatric.slow-heart"

    assert levels(case(age=years(8), measured=vitals(hr=59)))[rule] == 2
    assert rule not in rules(case(age=years(8), measured=vitals(hr=60)))
    assert rule not in rules(case(age=years(13), measured=vitals(hr=59)))


def test_slow_capillary_refill_is_urgent_and_emergent_with_fever():
    calm = case(age=years(2), measured=vitals(refill=3, t="36.8"))
    hot = case(age=years(2), measured=vitals(refill=3, t="38.5"))

    assert floor(calm).acuity == 3
    assert levels(hot)["paediatric.poor-perfusion"] == 2


def test_a_feverish_child_who_looks_ill_is_emergent():
    given = case("fever and mottled", age=years(2))

    assert levels(given)["paediatric.ill-appearance"] == 2


def test_a_carers_concern_is_heard():
    given = case("he is just different than usual", age=years(2))

    assert levels(given)["paediatric.carer-concern"] == 3


def test_childrens_rules_end_at_16():
    given = {"measured": vitals(rr=26, hr=140, sbp=80, refill=5)}
    fired = rules(case("fever, mottled, not acting right", age=years(17), **given))

    assert not {rule for rule in fired if rule.startswith("paediatric")}
