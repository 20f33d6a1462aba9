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
INFECTED = "paediatric.high-risk-and-infection.heart-rate"
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
    assert levels(case("fever", age=age, measured=vitals(hr=heart)))[INFECTED] == 2
    assert INFECTED not in rules(case("fever", age=age, measured=vitals(hr=heart - 1)))


def test_a_fast_heart_without_signs_of_infection_is_urgent_only():
    given = case("fell on his arm", age=years(2), measured=vitals(hr=150, t="36.8"))

    assert levels(given)[HEART] == 3
    assert INFECTED not in rules(given)


def test_a_fast_heart_with_a_measured_fever_is_emergent():
    given = case("unwell", age=years(2), measured=vitals(hr=150, t="38.0"))

    assert levels(given)[INFECTED] == 2


@pytest.mark.parametrize(
    ("age", "heart", "breath"),
    [
        (days(200), 150, 50),
        (years(2), 140, 40),
        (years(4), 130, 35),
        (years(5), 120, 24),
        (years(7), 110, 24),
        (years(10), 105, 22),
        (years(13), 91, 21),
    ],
)
def test_moderate_risk_rates_are_urgent_with_infection_only(age, heart, breath):
    rule = "paediatric.moderate-risk-and-infection"

    def fired(text, **numbers):
        found = levels(case(text, age=age, measured=vitals(**numbers)))
        return {k: v for k, v in found.items() if k.startswith(rule)}

    assert fired("fever", hr=heart) == {f"{rule}.heart-rate": 3}
    assert fired("fever", rr=breath) == {f"{rule}.respiratory-rate": 3}
    assert fired("fever", hr=heart - 1, rr=breath - 1) == {}
    assert fired("sore toe", hr=heart, rr=breath) == {}


def test_moderate_oxygen_and_fever_at_three_months_are_urgent():
    low = case("fever", age=years(2), measured=vitals(spo2=91))
    hot = case("unwell", age=days(120), measured=vitals(t="39.0"))

    assert levels(low)["paediatric.moderate-risk-and-infection.oxygen-saturation"] == 3
    assert levels(hot)["paediatric.infant-fever"] == 3
    assert "paediatric.infant-fever" not in rules(
        case("unwell", age=days(120), measured=vitals(t="38.9"))
    )


def test_a_cold_child_with_a_told_infection_is_emergent_under_5():
    rule = "paediatric.cold-and-infected"
    cold = {"measured": vitals(t="35.9")}

    assert levels(case("fever at home", age=years(3), **cold))[rule] == 2
    assert rule not in rules(case("sore toe", age=years(3), **cold))
    assert rule not in rules(case("fever at home", age=years(7), **cold))


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
