import pytest

from domain.values import Consciousness
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


@pytest.mark.parametrize(
    ("rule", "level", "broken", "kept"),
    [
        ("apnoea", 1, {"rr": 3}, {"rr": 4}),
        ("slow-breathing", 2, {"rr": 8}, {"rr": 9}),
        ("fast-breathing", 2, {"rr": 30}, {"rr": 29}),
        ("pulseless", 1, {"hr": 19}, {"hr": 20}),
        ("bradycardia", 2, {"hr": 40}, {"hr": 41}),
        ("slow-heart", 3, {"hr": 50}, {"hr": 51}),
        ("tachycardia", 2, {"hr": 150}, {"hr": 149}),
        ("hypoxia", 2, {"spo2": 89}, {"spo2": 90}),
        ("hypotension", 2, {"sbp": 90}, {"sbp": 91}),
        ("severe-hypotension", 1, {"sbp": 70}, {"sbp": 71}),
        ("systolic-hypertension", 3, {"sbp": 200}, {"sbp": 199}),
        ("diastolic-hypertension", 3, {"dbp": 120}, {"dbp": 119}),
        ("no-pressure", 1, {"sbp": 39}, {"sbp": 40}),
        ("hyperpyrexia", 2, {"t": "41.0"}, {"t": "40.9"}),
        ("hypothermia", 3, {"t": "34.9"}, {"t": "35.0"}),
        ("deep-hypothermia", 2, {"t": "31.9"}, {"t": "32.0"}),
        ("coma-scale", 2, {"gcs": 14}, {"gcs": 15}),
        ("coma", 1, {"gcs": 8}, {"gcs": 9}),
        ("hypoglycaemia", 2, {"glucose": "2.9"}, {"glucose": "3.0"}),
        ("low-glucose", 3, {"glucose": "3.9"}, {"glucose": "4.0"}),
        ("hyperglycaemia", 2, {"glucose": "30.0"}, {"glucose": "29.9"}),
        ("lactate", 2, {"lactate": "4.0"}, {"lactate": "3.9"}),
        ("pain", 3, {"pain": 7}, {"pain": 6}),
        ("ketosis", 3, {"ketones": "3.0"}, {"ketones": "2.9"}),
        ("no-mean-pressure", 1, {"sbp": 91, "dbp": 36}, {"sbp": 91, "dbp": 37}),
        ("low-mean-pressure", 3, {"sbp": 95, "dbp": 49}, {"sbp": 95, "dbp": 50}),
    ],
)
def test_an_extreme_value_fires_at_its_limit_and_not_before(rule, level, broken, kept):
    assert levels(adult(**broken))[f"extreme.{rule}"] == level
    assert f"extreme.{rule}" not in rules(adult(**kept))


@pytest.mark.parametrize(
    ("grade", "acuity"),
    [
        (Consciousness.ALERT, 5),
        (Consciousness.CONFUSED, 2),
        (Consciousness.VOICE, 2),
        (Consciousness.PAIN, 1),
        (Consciousness.UNRESPONSIVE, 1),
    ],
)
def test_each_grade_of_consciousness_has_its_level(grade, acuity):
    given = case("sore toe", measured=(*healthy()[:-1], awake(grade)))

    assert floor(given).acuity == acuity


@pytest.mark.parametrize(
    ("age", "temperature", "rule", "level"),
    [
        (days(10), "38.1", "extreme.feverish-infant", 2),
        (days(80), "38.1", "extreme.feverish-infant", 2),
        (days(80), "35.9", "extreme.cold-infant", 2),
        (years(1), "39.1", "extreme.feverish-toddler", 3),
        (years(4), "39.1", "extreme.feverish-toddler", 3),
        (years(4), "35.9", "extreme.cold-child", 3),
    ],
)
def test_infants_are_urgent_with_fever_or_cold(age, temperature, rule, level):
    given = case(age=age, measured=vitals(t=temperature))

    assert levels(given)[rule] == level


@pytest.mark.parametrize(
    ("age", "temperature"),
    [
        (days(80), "38.0"),
        (days(80), "36.0"),
        (days(95), "38.1"),
        (years(1), "39.0"),
        (years(4), "36.0"),
        (years(5), "39.1"),
    ],
)
def test_infant_fever_rules_end_at_their_limits_and_ages(age, temperature):
    fired = rules(case(age=age, measured=vitals(t=temperature)))

    assert not {r for r in fired if r.startswith("extreme.")}


def test_low_saturation_with_fast_breathing_is_resuscitation():
    assert levels(adult(spo2=88, rr=26))["extreme.respiratory-failure"] == 1


def test_low_saturation_with_words_of_distress_is_resuscitation():
    given = adult("can't breathe", spo2=88)

    assert levels(given)["extreme.respiratory-failure"] == 1


def test_low_saturation_without_compromise_is_emergent():
    assert floor(adult(spo2=88)).acuity == 2


@pytest.mark.parametrize(
    "given",
    [
        adult("cold sweaty skin", sbp=80),
        adult(sbp=80, refill=4),
        adult(sbp=80, lactate=5),
        adult("confused", sbp=80),
    ],
)
def test_a_very_low_pressure_with_hypoperfusion_is_resuscitation(given):
    assert levels(given)["extreme.decompensated-shock"] == 1


def test_a_very_low_pressure_alone_is_emergent():
    assert floor(adult(sbp=80, refill=2, lactate=1)).acuity == 2
    assert "extreme.decompensated-shock" not in rules(adult("confused", sbp=81))


def test_low_glucose_with_an_altered_state_is_resuscitation():
    assert floor(adult("drowsy", glucose="2.9")).acuity == 1
    assert floor(adult(glucose="2.9", gcs=14)).acuity == 1
    assert floor(adult(glucose="2.9")).acuity == 2


@pytest.mark.parametrize(
    "given",
    [
        adult("vomiting since yesterday", glucose="13.9"),
        adult(glucose="20", rr=24),
        adult(glucose="11", ketones="3.0"),
        case("vomiting", conditions=("diabetes",), measured=healthy(rr=24)),
        case("sore toe", conditions=("diabetes",), measured=healthy(ketones=4)),
    ],
)
def test_the_pattern_of_ketoacidosis_is_emergent(given):
    assert levels(given)["extreme.ketoacidosis-pattern"] == 2


@pytest.mark.parametrize(
    "given",
    [
        adult("vomiting", glucose="13.8"),
        adult(glucose="20"),
        case("vomiting", measured=healthy(rr=24)),
        case("vomiting", conditions=("diabetes",), measured=healthy()),
    ],
)
def test_half_the_pattern_of_ketoacidosis_is_not_it(given):
    assert "extreme.ketoacidosis-pattern" not in rules(given)


def test_an_extreme_that_a_newer_value_replaced_stays_a_red_flag_of_level_2():
    given = (*healthy(), awake(Consciousness.UNRESPONSIVE, minutes=60))
    fired = levels(case("x", measured=given))

    assert fired["extreme.unresponsive"] == 2
    assert floor(case("x", measured=given)).acuity == 2


def test_an_extreme_keeps_its_level_when_it_is_stale_and_nothing_is_newer():
    given = (*healthy(), vital("glucose", "2.5", minutes=600))

    assert levels(case("x", measured=given))["extreme.hypoglycaemia"] == 2


def test_the_guides_own_missed_emergency_is_urgent():
    given = case("unwell", measured=vitals(rr=40, t=41, sbp=91, hr=149, spo2=90))

    assert floor(given).acuity <= 2


def test_a_failing_mind_with_a_failing_breath_is_resuscitation():
    rule = "extreme.airway-at-risk"

    assert levels(adult(spo2=91, rr=24, gcs=13))[rule] == 1
    assert levels(case("confused", measured=vitals(spo2=91, rr=24)))[rule] == 1
    assert rule not in rules(adult(spo2=91, rr=24, gcs=14))
    assert rule not in rules(adult("confused", spo2=91, rr=24))
    assert rule not in rules(adult(spo2=92, rr=24, gcs=13))
    assert rule not in rules(adult(spo2=91, rr=20, gcs=13))


@pytest.mark.parametrize(
    "given",
    [
        adult("weakness", sbp=100),
        adult("fainted", sbp=100),
        adult("weakness", sbp=101, dbp=46),
        adult("weakness", hr=49),
    ],
)
def test_weakness_with_a_circulation_that_does_not_suffice_is_emergent(given):
    assert levels(given)["extreme.weak-and-low"] == 2


def test_weakness_or_a_low_pressure_alone_is_not():
    assert "extreme.weak-and-low" not in rules(adult("weakness", sbp=101, hr=50))
    assert "extreme.weak-and-low" not in rules(adult(sbp=99))


def test_a_slow_pulse_is_urgent_and_with_what_it_does_emergent():
    assert floor(adult(hr=45)).acuity == 3
    assert levels(adult("chest pain", hr=45))["extreme.slow-and-ill"] == 2


@pytest.mark.parametrize(
    "given",
    [
        adult(t="38.0", hr=91),
        adult(t="38.0", sbp=100),
        case("sore toe", age=years(65), measured=healthy(t="38.0")),
    ],
)
def test_a_fever_that_the_body_answers_is_urgent(given):
    assert levels(given)["extreme.adult-fever"] == 3


def test_a_fever_that_it_bears_is_not():
    assert "extreme.adult-fever" not in rules(adult(t="38.5", hr=90, sbp=101))
