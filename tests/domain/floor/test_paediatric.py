from dataclasses import replace

import pytest

from domain.particulars import Author
from domain.values import Complaint, Finding
from tests.domain.floor.cases import (
    case,
    code,
    days,
    finding,
    floor,
    healthy,
    levels,
    ref,
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


WORRY = Complaint(
    text="I am worried about his breathing noise",
    source=ref("q", "QuestionnaireResponse"),
    author=Author.CARER,
)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (WORRY, True),
        (replace(WORRY, author=Author.PATIENT), False),
        (replace(WORRY, author=Author.UNKNOWN), False),
        (replace(WORRY, text="I am not worried, it is his ear"), False),
        (replace(WORRY, text="Gut feeling: not right", author=Author.UNKNOWN), True),
    ],
    ids=["a carer", "the patient", "nobody knows who", "denied", "said in the words"],
)
def test_worry_counts_as_a_carers_concern_where_a_carer_tells_it(said, heard):
    assert ("paediatric.carer-concern" in rules(case(said, age=years(4)))) is heard
    assert "paediatric.carer-concern" not in rules(case(said, age=years(30)))


def test_words_of_worry_alone_are_not_understood():
    given = case(replace(WORRY, text="worried"), age=years(30), measured=healthy())

    assert levels(given)["baseline.not-understood"] == 3


VACCINE = Finding(text="Unvaccinated: no MMR", source=ref("i", "Immunization"))
Z28 = code("http://hl7.org/fhir/sid/icd-10-cm", "Z28.3")
HOT = vitals(t="38.0")
LACKING = "paediatric.fever-and-unvaccinated"


def feverish(*texts, age=None, measured=HOT, conditions=()):
    given = case(*texts, age=age or days(500), measured=measured)
    return replace(given, conditions=conditions)


@pytest.mark.parametrize(
    "given",
    [
        feverish("cough", conditions=(VACCINE,)),
        feverish("cough", conditions=(finding("Underimmunised", Z28),)),
        feverish("cough, unvaccinated"),
        feverish("cough, not vaccinated"),
        feverish("cough", "shots not up to date"),
        feverish("cough, mother refused vaccines"),
        feverish("fever, no vaccinations", measured=()),
        feverish("cough, unvaccinated", age=days(92)),
    ],
)
def test_a_fever_without_vaccines_is_urgent_from_3_to_36_months(given):
    assert levels(given)[LACKING] == 3


@pytest.mark.parametrize(
    "given",
    [
        feverish("cough"),
        feverish("cough, vaccinated"),
        feverish("cough, unvaccinated", measured=vitals(t="37.9")),
        feverish("cough, unvaccinated", age=days(1200)),
        feverish("cough, unvaccinated", age=days(60)),
    ],
)
def test_without_fever_beyond_the_ages_or_where_nothing_is_said_it_is_not(given):
    assert LACKING not in rules(given)
