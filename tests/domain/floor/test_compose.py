from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from domain.floor.compose import RULES, RULES_VERSION, assess
from domain.values import Case, Consciousness, Quality, Vital, VitalName
from tests.domain.floor.cases import (
    AT,
    NORMAL,
    NORMAL_CHILD,
    NORMAL_INFANT,
    PATIENT,
    adult,
    awake,
    case,
    code,
    complaint,
    days,
    floor,
    healthy,
    levels,
    ref,
    rules,
    vital,
    vitals,
    years,
)


def test_a_well_adult_with_a_complaint_and_all_vitals_is_non_urgent_with_a_reason():
    result = floor(adult())

    assert result.acuity == 5
    assert result.complete
    assert result.doubts == ()
    assert [fired.rule for fired in result.fired] == ["baseline.all-normal"]
    assert len(result.fired[0].sources) == len(healthy())
    assert result.rules == RULES_VERSION
    assert RULES


@pytest.mark.parametrize(
    ("age", "numbers"),
    [(years(2), NORMAL_CHILD), (days(100), NORMAL_INFANT), (years(13), NORMAL)],
)
def test_a_well_child_may_be_non_urgent_too(age, numbers):
    given = case("sore toe", age=age, measured=(*vitals(**numbers), awake()))

    assert floor(given).acuity == 5


def test_a_young_childs_blood_pressure_may_wait_but_a_teenagers_may_not():
    numbers = {k: v for k, v in NORMAL.items() if k != "sbp"}
    teenager = case("sore toe", age=years(13), measured=(*vitals(**numbers), awake()))

    assert floor(teenager).missing == ("systolic",)


@pytest.mark.parametrize("name", ["rr", "spo2", "sbp", "hr", "t"])
def test_a_missing_core_vital_is_never_normal(name):
    given = adult(**{name: None})

    assert floor(given).acuity == 4
    assert len(floor(given).missing) == 1
    assert rules(given) == {"baseline.incomplete"}


def test_the_coma_scale_stands_in_for_consciousness():
    with_scale = case("sore toe", measured=vitals(**NORMAL, gcs=15))
    without = case("sore toe", measured=vitals(**NORMAL))

    assert floor(with_scale).acuity == 5
    assert floor(without).missing == ("consciousness",)


def test_no_vitals_at_all_is_never_below_3():
    result = floor(case("sore toe"))

    assert result.acuity == 3
    assert result.fired[0].rule == "baseline.no-vitals"
    assert not result.complete


def test_a_complaint_that_was_not_sent_is_missing():
    silent = case(measured=healthy())
    blank = case("  ", measured=healthy())
    coded = case(complaint("", code("http://snomed.info/sct", "1")), measured=healthy())

    assert floor(silent).missing == floor(blank).missing == ("complaint",)
    assert floor(silent).acuity == 3
    assert rules(silent) == {"baseline.no-complaint"}
    assert floor(coded).missing == ()


@pytest.mark.parametrize(
    "told",
    [
        complaint("zzz"),
        complaint("something odd going on"),
        complaint("", code("http://snomed.info/sct", "1")),
    ],
)
def test_less_urgent_is_never_the_answer_to_words_that_no_rule_knows(told):
    assert levels(case(told, measured=healthy())) == {"baseline.not-understood": 3}
    assert floor(case(told, "sore toe", measured=healthy())).acuity == 3


def test_what_is_understood_but_less_urgent_leaves_the_other_complaint_at_3():
    given = case("blurb", "sore toe", measured=healthy(hr=105))

    assert floor(given).acuity == 3


def test_a_preliminary_or_partial_value_alarms_and_does_not_reassure():
    calm = vital("hr", 75, preliminary=True)
    fast = vital("hr", 160, preliminary=True)
    whole = case("sore toe", measured=(*healthy(hr=None), calm))

    assert floor(whole).missing == ("heart-rate",)
    assert floor(whole).doubts == ("heart-rate: not final or not whole, confirm it",)
    assert floor(whole).acuity == 4
    assert "extreme.tachycardia" in rules(
        case("sore toe", measured=(*healthy(hr=None), fast))
    )


def test_a_value_of_some_time_today_alarms_as_young_and_reassures_as_old():
    def today(value):
        return vital("hr", value, minutes=600, until=AT)

    calm = case("sore toe", measured=(*healthy(hr=None), today(75)))
    fast = case("sore toe", measured=(*healthy(), today(120)))

    assert floor(calm).missing == ("heart-rate",)
    assert "esi.danger-zone.heart-rate" in rules(fast)


def test_what_the_sender_marked_as_critical_is_emergent_even_unread():
    given = case(
        "sore toe", measured=(*healthy(), vital("glucose", None, critical=True))
    )

    assert levels(given)["extreme.marked-critical"] == 2


def test_an_unknown_age_is_missing():
    given = Case(patient=PATIENT, at=AT, vitals=healthy())

    assert "age" in floor(given).missing


@pytest.mark.parametrize(
    ("changes", "acuity"),
    [({"hr": 95}, 4), ({"spo2": 95}, 4), ({"pain": 4}, 4), ({"pain": 3}, 5)],
)
def test_a_value_outside_normal_that_breaks_no_limit_is_less_urgent(changes, acuity):
    assert floor(adult(**changes)).acuity == acuity


def test_a_childs_value_outside_normal_is_less_urgent():
    given = case(
        "sore toe",
        age=years(2),
        measured=(*vitals(**(NORMAL_CHILD | {"hr": 75})), awake()),
    )

    assert rules(given) == {"baseline.not-quite-normal"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hr", "351"),
        ("hr", "-1"),
        ("spo2", "0.97"),
        ("spo2", "0"),
        ("spo2", "101"),
        ("t", "98.6"),
        ("t", "NaN"),
        ("t", "sNaN"),
        ("rr", "Infinity"),
        ("rr", "121"),
        ("sbp", "376"),
    ],
)
def test_an_impossible_value_is_a_doubt_is_missing_and_is_never_below_3(name, value):
    given = case("sore toe", measured=(*healthy(**{name: None}), vital(name, value)))
    result = floor(given)

    assert result.acuity == 3
    assert "baseline.unread-vital" in rules(given)
    assert len(result.missing) == 1
    assert len(result.doubts) == 1


@pytest.mark.parametrize("quality", [Quality.IMPLAUSIBLE, Quality.UNREADABLE])
def test_a_value_that_the_reader_distrusts_is_not_judged(quality):
    given = case("sore toe", measured=(*healthy(), vital("hr", 180, quality=quality)))

    assert floor(given).acuity == 4
    assert len(floor(given).doubts) == 1


def test_a_consciousness_without_a_grade_is_unreadable():
    blank = Vital(name=VitalName.CONSCIOUSNESS, source=ref("a"), effective=AT)
    given = case("sore toe", measured=(*healthy()[:-1], blank))

    assert floor(given).doubts == (
        "consciousness: a value that cannot be read, measure again",
    )


def test_an_unread_value_with_a_good_one_beside_it_is_only_a_doubt():
    given = case("sore toe", measured=(*healthy(), vital("hr", None)))

    assert floor(given).acuity == 4


def test_two_readings_of_one_moment_that_are_far_apart_are_a_doubt():
    given = case("sore toe", measured=(*healthy(), vital("hr", 105)))

    assert floor(given).doubts == (
        "heart-rate: readings of the same time differ by 30",
    )
    assert "esi.danger-zone.heart-rate" in rules(given)


def test_readings_of_different_moments_may_differ():
    given = case("sore toe", measured=(*healthy(), vital("hr", 130, minutes=60)))

    assert floor(given).doubts == ()


def test_a_systolic_pressure_at_or_below_the_diastolic_is_a_doubt():
    assert floor(adult(dbp=125)).doubts == (
        "systolic: not above the diastolic pressure",
    )
    assert floor(adult(dbp=80)).doubts == ()


def test_an_alert_patient_with_a_low_coma_scale_is_a_doubt_and_urgent():
    result = floor(adult(gcs=12))

    assert "consciousness: does not agree with the Glasgow coma scale" in result.doubts
    assert result.acuity == 2
    assert floor(adult(gcs=15)).doubts == ()


def test_a_stale_value_is_doubtful_and_missing():
    given = case("sore toe", measured=(*healthy(hr=None), vital("hr", 75, minutes=241)))

    assert floor(given).acuity == 4
    assert floor(given).missing == ("heart-rate",)
    assert floor(given).doubts == ("heart-rate: older than 4 hours, measure again",)


def test_a_value_from_the_future_is_doubtful_and_still_judged():
    given = case("sore toe", measured=(*healthy(), vital("hr", 140, minutes=-30)))

    assert floor(given).doubts[0].startswith("heart-rate: ")
    assert "taken at a time that has not come" in " ".join(floor(given).doubts)
    assert "news2.single" in rules(given)


def test_clocks_that_run_a_little_ahead_are_no_doubt():
    given = case("sore toe", measured=(*healthy(hr=None), vital("hr", 75, minutes=-4)))

    assert floor(given).doubts == ()


def test_a_time_without_offset_is_read_as_utc():
    naive = AT.replace(tzinfo=None)
    vitals_ = tuple(
        Vital(
            name=v.name,
            value=v.value,
            consciousness=v.consciousness,
            source=v.source,
            effective=naive,
        )
        for v in healthy()
    )

    assert floor(case("sore toe", measured=vitals_)).acuity == 5
    assert assess(Case(patient=PATIENT, at=naive, vitals=healthy())).doubts == ()


@pytest.mark.parametrize("at", [datetime.min, datetime.max])  # noqa: DTZ901 (naive on purpose)
def test_times_at_the_end_of_the_calendar_do_no_harm(at):
    given = Case(patient=PATIENT, at=at, vitals=healthy())

    assert floor(given).acuity <= 4


def test_an_absurdly_precise_number_does_no_harm():
    tiny = Vital(
        name=VitalName.RESPIRATORY_RATE,
        value=Decimal("16." + "1" * 400),
        source=ref("r"),
        effective=AT,
    )
    small = vital("rr", Decimal("1E-999999"))

    assert floor(case("sore toe", measured=(*healthy(rr=None), tiny))).acuity == 5
    assert floor(case("sore toe", measured=(*healthy(rr=None), small))).acuity == 1


def test_the_same_observation_twice_changes_nothing():
    once = adult(sbp=85)
    twice = case("sore toe", measured=(*healthy(sbp=85), *healthy(sbp=85)))

    assert [(f.rule, f.sources) for f in floor(once).fired] == [
        (f.rule, f.sources) for f in floor(twice).fired
    ]


def test_fired_rules_are_sorted_most_urgent_first():
    fired = floor(adult("chest pain", hr=105, sbp=85)).fired

    assert list(fired) == sorted(fired, key=lambda f: (f.acuity, f.rule))
    assert len(fired) > 2


def test_every_fired_rule_has_a_sentence_and_a_citation():
    worst = case(
        "chest pain, cannot breathe, pregnant, bleeding, confused, overdose",
        measured=vitals(rr=40, hr=160, spo2=80, sbp=70, t=41, gcs=8, glucose=2),
        medications=("warfarin", "insulin"),
    )

    for fired in floor(worst).fired:
        assert fired.sentence.endswith(".")
        assert fired.citation
        assert fired.sources


def test_the_minutes_between_two_values_decide_which_is_newest():
    later = AT - timedelta(minutes=1)
    reading = Vital(
        name=VitalName.CONSCIOUSNESS,
        consciousness=Consciousness.ALERT,
        source=ref("z"),
        effective=later,
    )
    given = case(
        "x",
        measured=(
            *vitals(**NORMAL),
            reading,
            awake(Consciousness.VOICE, minutes=2),
        ),
    )

    assert levels(given) == {"extreme.not-alert": 2}
