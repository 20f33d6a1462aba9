import pytest

from tests.domain.floor.cases import adult, case, levels, rules, vitals, years

CHILD = "shock-index.child"


@pytest.mark.parametrize(
    "text", ["vomiting blood", "fainted", "stab wound to the chest", "wound infection"]
)
def test_a_pulse_that_reaches_the_pressure_is_emergent_with_a_cause_of_shock(text):
    rule = "shock-index.with-cause"

    assert levels(adult(text, hr=110, sbp=110))[rule] == 2
    assert rule not in rules(adult(text, hr=109, sbp=110))


def test_it_is_urgent_without_a_cause():
    assert levels(adult(hr=110, sbp=110))["shock-index.alone"] == 3
    assert "shock-index.with-cause" not in rules(adult(hr=110, sbp=110))
    assert "shock-index.alone" not in rules(adult(hr=109, sbp=110))


def test_four_fifths_are_urgent_where_there_is_bleeding():
    rule = "shock-index.raised-bleeding"

    assert levels(adult("nosebleed", hr=88, sbp=110))[rule] == 3
    assert rule not in rules(adult("nosebleed", hr=87, sbp=110))
    assert rule not in rules(adult(hr=88, sbp=110))


@pytest.mark.parametrize(
    ("age", "pulse"), [(4, 122), (6, 122), (7, 100), (12, 100), (13, 90), (15, 90)]
)
def test_an_injured_child_has_an_index_of_its_age(age, pulse):
    def given(text, beats):
        return case(text, age=years(age), measured=vitals(hr=beats, sbp=100))

    assert levels(given("hit by a car", pulse))[CHILD] == 2
    assert CHILD not in rules(given("hit by a car", pulse - 1))
    assert CHILD not in rules(given("rash", pulse))


def test_pulse_or_pressure_alone_make_no_index():
    fired = rules(case("vomiting blood", measured=vitals(hr=140)))

    assert not any(rule.startswith("shock-index") for rule in fired)
