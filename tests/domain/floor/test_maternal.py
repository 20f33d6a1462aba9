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
