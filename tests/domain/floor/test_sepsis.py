import pytest

from tests.domain.floor.cases import (
    adult,
    case,
    floor,
    healthy,
    levels,
    rules,
    vitals,
    years,
)


@pytest.mark.parametrize(
    ("rule", "broken", "kept"),
    [
        ("respiratory-rate", {"rr": 25}, {"rr": 24}),
        ("heart-rate", {"hr": 131}, {"hr": 130}),
        ("systolic", {"sbp": 90}, {"sbp": 91}),
        ("lactate", {"lactate": "2.1"}, {"lactate": "2.0"}),
    ],
)
def test_suspected_infection_with_a_high_risk_sign_is_emergent(rule, broken, kept):
    assert levels(adult("pneumonia", **broken))[f"sepsis.{rule}"] == 2
    assert f"sepsis.{rule}" not in rules(adult("pneumonia", **kept))
    assert f"sepsis.{rule}" not in rules(adult("sore toe", **broken))


@pytest.mark.parametrize("temperature", ["38.0", "35.9"])
def test_a_measured_temperature_alone_suggests_infection(temperature):
    assert "sepsis.heart-rate" in rules(adult(hr=131, t=temperature))


@pytest.mark.parametrize("text", ["fever, confused", "urosepsis, mottled"])
def test_infection_with_an_altered_or_mottled_patient_is_emergent(text):
    assert levels(adult(text))["sepsis.appearance"] == 2


def test_qsofa_is_a_marker_beside_the_rules_and_needs_two_points():
    two = floor(adult("cellulitis", rr=22, sbp=100)).doubts
    three = floor(adult("confused", rr=22, sbp=100)).doubts

    assert two == ("qSOFA is 2: a marker; a lower one reassures not",)
    assert three[0].startswith("qSOFA is 3")
    assert floor(adult("cellulitis", rr=22)).doubts == ()
    assert not any("qsofa" in rule for rule in rules(adult("confused", rr=22, sbp=99)))


def test_infection_with_a_low_mean_pressure_or_much_oxygen_is_emergent():
    low = adult("cellulitis", sbp=98, dbp=48)

    assert levels(low)["sepsis.mean-pressure"] == 2
    assert "sepsis.mean-pressure" not in rules(adult("cellulitis", sbp=98, dbp=49))
    assert levels(adult("cellulitis", fio2=40))["sepsis.oxygen"] == 2
    assert "sepsis.oxygen" not in rules(adult("cellulitis", fio2=35))


@pytest.mark.parametrize(
    ("numbers", "age", "level"),
    [
        ({}, 40, None),
        ({"rr": 29, "sbp": 91, "dbp": 61}, 40, None),
        ({"rr": 30}, 40, 3),
        ({"sbp": 89}, 40, 3),
        ({"dbp": 60}, 40, 3),
        ({}, 65, 3),
        ({"rr": 30, "dbp": 60}, 40, 3),
        ({"rr": 30, "dbp": 60}, 65, 2),
    ],
)
def test_crb_65_counts_what_is_known_of_a_pneumonia(numbers, age, level):
    given = case("pneumonia", age=years(age), measured=healthy(**numbers))

    assert levels(given).get("sepsis.crb-65") == level
    assert "sepsis.crb-65" not in rules(
        case("sore toe", age=years(age), measured=healthy(**numbers))
    )


@pytest.mark.parametrize(
    "known", ["neutropenia", "kidney transplant", "acute leukaemia", "on chemotherapy"]
)
def test_fever_with_lowered_immunity_is_emergent_at_any_age(known):
    hot = {"measured": healthy(t="38.0"), "conditions": (known,)}

    assert levels(case("unwell", **hot))["sepsis.lowered-immunity"] == 2
    assert (
        levels(case("fever", conditions=(known,), age=years(4)))[
            "sepsis.lowered-immunity"
        ]
        == 2
    )
    assert "sepsis.lowered-immunity" not in rules(
        case("unwell", measured=healthy(), conditions=(known,))
    )


def test_childrens_sepsis_is_judged_by_their_own_tables():
    given = case("fever", age=years(6), measured=vitals(rr=26, hr=132))

    assert "sepsis.respiratory-rate" not in rules(given)
