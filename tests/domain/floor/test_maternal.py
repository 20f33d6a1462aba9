import pytest

from domain.values import Pregnancy, Sex
from tests.domain.floor.cases import case, healthy, levels, rules, vitals, years

PREGNANT = {"pregnancy": Pregnancy.PREGNANT, "sex": Sex.FEMALE}


@pytest.mark.parametrize(
    ("rule", "broken", "kept"),
    [
        ("low-systolic", {"sbp": 89}, {"sbp": 90}),
        ("high-systolic", {"sbp": 151}, {"sbp": 150}),
        ("severe-systolic", {"sbp": 160}, {"sbp": 159}),
        ("high-diastolic", {"dbp": 101}, {"dbp": 100}),
        ("severe-diastolic", {"dbp": 110}, {"dbp": 109}),
        ("slow-heart", {"hr": 49}, {"hr": 50}),
        ("fast-heart", {"hr": 121}, {"hr": 120}),
        ("slow-breathing", {"rr": 9}, {"rr": 10}),
        ("fast-breathing", {"rr": 31}, {"rr": 30}),
        ("low-oxygen", {"spo2": 94}, {"spo2": 95}),
    ],
)
@pytest.mark.parametrize("status", [Pregnancy.PREGNANT, Pregnancy.POSTPARTUM])
def test_maternal_limits_are_emergent_in_pregnancy_and_after_birth(
    status, rule, broken, kept
):
    given = {"sex": Sex.FEMALE, "pregnancy": status}

    assert levels(case(measured=vitals(**broken), **given))[f"maternal.{rule}"] == 2
    assert f"maternal.{rule}" not in rules(case(measured=vitals(**kept), **given))


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "shortness of breath",
        "abdominal pain",
        "bad headache",
        "vaginal bleeding",
        "seeing spots",
    ],
)
def test_warning_complaints_in_pregnancy_are_emergent(text):
    assert case(text, **PREGNANT) is not None
    fired = levels(case(text, **PREGNANT))

    assert 2 in {v for k, v in fired.items() if k.startswith("maternal.")}


def test_pregnancy_in_words_counts_where_no_status_says_otherwise():
    words = case("34 weeks pregnant, headache", sex=Sex.FEMALE)
    excluded = case(
        "34 weeks pregnant, headache",
        sex=Sex.FEMALE,
        pregnancy=Pregnancy.NOT_PREGNANT,
    )

    assert "maternal.headache" in rules(words)
    assert "maternal.headache" not in rules(excluded)


def test_maternal_limits_are_for_nobody_else():
    fired = rules(case("headache", measured=healthy(sbp=155), sex=Sex.FEMALE))

    assert not {rule for rule in fired if rule.startswith("maternal")}


@pytest.mark.parametrize(
    "text",
    [
        "abdominal pain and vaginal bleeding",
        "lower abdominal pain, missed period",
        "belly pain then passed out",
        "6 weeks since last period, vaginal spotting",
    ],
)
def test_a_pregnancy_nobody_knows_of_may_be_ectopic(text):
    rule = "maternal.possible-ectopic"

    assert levels(case(text, sex=Sex.FEMALE, age=years(30)))[rule] == 2
    assert rule not in rules(case(text, sex=Sex.MALE, age=years(30)))
    assert rule not in rules(case(text, sex=Sex.FEMALE, age=years(70)))
    assert rule not in rules(
        case(text, sex=Sex.FEMALE, pregnancy=Pregnancy.NOT_PREGNANT)
    )


def test_abdominal_pain_alone_is_not_called_ectopic():
    given = case("abdominal pain", sex=Sex.FEMALE)

    assert "maternal.possible-ectopic" not in rules(given)


def test_a_pregnant_patient_who_is_not_alert_is_emergent():
    given = case("confused", **PREGNANT)

    assert levels(given)["maternal.altered-state"] == 2


def test_a_seizure_with_a_high_pressure_is_eclampsia_until_excluded():
    rule = "maternal.eclampsia"

    assert levels(case("seizure", measured=vitals(sbp=140), **PREGNANT))[rule] == 1
    assert levels(case("seizure", measured=vitals(dbp=90), **PREGNANT))[rule] == 1
    assert rule not in rules(case("seizure", measured=vitals(sbp=139), **PREGNANT))


def test_bleeding_and_unstable_in_pregnancy_is_resuscitation():
    rule = "maternal.bleeding-and-shock"
    told = "vaginal bleeding"

    assert levels(case(told, measured=vitals(sbp=89), **PREGNANT))[rule] == 1
    assert levels(case(told, measured=vitals(sbp=100, hr=90), **PREGNANT))[rule] == 1
    assert rule not in rules(case(told, measured=vitals(sbp=100, hr=89), **PREGNANT))


def test_fever_in_pregnancy_is_urgent_and_with_a_fast_pulse_emergent():
    slow = levels(case("unwell", measured=vitals(t="38.0", hr=100), **PREGNANT))
    fast = levels(case("unwell", measured=vitals(t="38.0", hr=101), **PREGNANT))

    assert slow["maternal.fever"] == 3
    assert "maternal.fever-and-fast-heart" not in slow
    assert fast["maternal.fever-and-fast-heart"] == 2


def test_the_six_weeks_after_birth_are_counted_in_days():
    def given(days):
        measured = vitals(sbp=155)
        return case("sore toe", measured=measured, sex=Sex.FEMALE, postpartum=days)

    assert "maternal.high-systolic" in rules(given(42))
    assert "maternal.high-systolic" not in rules(given(43))


@pytest.mark.parametrize(
    ("stage", "gestation", "raised"),
    [
        (Pregnancy.PREGNANT, 139, False),
        (Pregnancy.PREGNANT, 140, True),
        (Pregnancy.PREGNANT, 141, True),
        (Pregnancy.PREGNANT, None, True),
        (Pregnancy.POSTPARTUM, None, True),
        (Pregnancy.NOT_PREGNANT, None, False),
    ],
)
@pytest.mark.parametrize("pressure", [{"sbp": 140}, {"dbp": 90}])
def test_a_raised_pressure_counts_from_20_weeks(stage, gestation, raised, pressure):
    measured = healthy(**pressure)
    given = case("sore toe", measured=measured, pregnancy=stage, gestation=gestation)

    assert ("maternal.raised-pressure" in rules(given)) is raised
    assert (levels(given).get("maternal.raised-pressure") == 3) is raised


def test_a_pressure_below_140_and_90_in_late_pregnancy_is_not_raised():
    measured = healthy(sbp=139, dbp=89)
    given = case(
        "sore toe", measured=measured, pregnancy=Pregnancy.PREGNANT, gestation=200
    )

    assert "maternal.raised-pressure" not in rules(given)
