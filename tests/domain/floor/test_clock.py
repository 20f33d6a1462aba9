"""Two age limits: an old alarm still raises, an old normal value no longer calms."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.floor.compose import assess
from domain.values import Acuity, Consciousness, VitalName
from tests.domain.floor.cases import (
    AT,
    NORMAL,
    SHORT,
    awake,
    case,
    floor,
    healthy,
    rules,
    vital,
)
from tests.domain.floor.test_properties import measured_adults

ALARMS = {"rr": 25, "hr": 131, "spo2": 91, "sbp": 90, "t": "35.0"}
"""Values to which NEWS2 gives three points."""


def beside(name, found):
    """Return a normal adult of whom one vital sign is another one."""
    return case("sore toe", measured=(*healthy(**{name: None}), found))


def news2(given):
    return {rule for rule in rules(given) if rule.startswith("news2.")}


@pytest.mark.parametrize("name", NORMAL)
def test_a_normal_value_is_believed_for_an_hour_and_then_is_missing(name):
    young = floor(beside(name, vital(name, NORMAL[name], minutes=60)))
    old = floor(beside(name, vital(name, NORMAL[name], minutes=61)))

    assert (young.acuity, young.missing, young.doubts) == (5, (), ())
    assert (old.acuity, old.missing) == (4, (str(SHORT[name]),))
    assert old.doubts == (f"{SHORT[name]}: older than 60 minutes, measure again",)


@pytest.mark.parametrize("name", NORMAL)
def test_an_alarming_value_raises_for_four_hours(name):
    at_limit = beside(name, vital(name, ALARMS[name], minutes=240))
    beyond = beside(name, vital(name, ALARMS[name], minutes=241))
    now = beside(name, vital(name, ALARMS[name]))

    assert news2(at_limit) == news2(now) != set()
    assert news2(beyond) == set()
    assert floor(at_limit).acuity == floor(now).acuity <= 3
    assert floor(at_limit).missing == floor(beyond).missing == (str(SHORT[name]),)
    assert floor(beyond).doubts == (
        f"{SHORT[name]}: older than 4 hours, measure again",
    )


@pytest.mark.parametrize("minutes", [60, 61, 240, 241])
def test_alertness_and_confusion_have_the_same_two_limits(minutes):
    others = healthy()[:-1]
    alert = floor(case("sore toe", measured=(*others, awake(minutes=minutes))))
    confused = case(
        "sore toe", measured=(*others, awake(Consciousness.CONFUSED, minutes))
    )

    assert (alert.missing == ()) == (minutes <= 60)
    assert ("news2.single" in rules(confused)) == (minutes <= 240)


@pytest.mark.parametrize(("score", "minutes"), [(15, 60), (15, 61), (14, 240)])
def test_the_coma_scale_stands_in_for_alertness_as_long(score, minutes):
    others = healthy()[:-1]
    given = case("sore toe", measured=(*others, vital("gcs", score, minutes=minutes)))

    assert (floor(given).missing == ()) == (minutes <= 60)
    assert ("news2.single" in rules(given)) == (score < 15)


def test_a_newer_value_takes_the_doubt_of_an_older_one_away():
    older = [vital("hr", 80, minutes=minutes) for minutes in (61, 200, 300)]
    given = case("sore toe", measured=(*healthy(), *older))

    assert (floor(given).acuity, floor(given).doubts) == (5, ())


def test_a_day_is_as_old_as_its_first_minute_to_calm_and_as_its_last_to_alarm():
    span = {"effective": AT - timedelta(hours=9), "until": AT - timedelta(minutes=5)}
    calm = beside("hr", replace(vital("hr", 75), **span))
    alarm = beside("hr", replace(vital("hr", 131), **span))

    assert floor(calm).missing == ("heart-rate",)
    assert "news2.single" in rules(alarm)


def test_beyond_four_hours_an_extreme_still_raises():
    given = beside("spo2", vital("spo2", 85, minutes=600))

    assert floor(given).acuity == 2


def test_an_old_normal_value_does_not_replace_one_that_nobody_can_read():
    unread = vital("hr", None)
    fresh = case("sore toe", measured=(*healthy(), unread))
    old = case(
        "sore toe", measured=(*healthy(hr=None), vital("hr", 75, minutes=61), unread)
    )

    assert "baseline.unread-vital" not in rules(fresh)
    assert "baseline.unread-vital" in rules(old)


def test_air_breathed_an_hour_ago_is_not_known_now():
    def sentence(minutes):
        air = vital("oxygen", 0, minutes=minutes)
        found = floor(case("sore toe", measured=(*healthy(hr=131), air)))
        return next(f.sentence for f in found.fired if f.rule == "news2.single")

    assert "(not known: oxygen)" not in sentence(60)
    assert "(not known: oxygen)" in sentence(61)


@settings(max_examples=60, deadline=None)
@given(measured_adults(), st.sampled_from(list(VitalName)), st.integers(61, 2000))
def test_a_normal_value_that_grows_old_never_lowers_urgency(case, name, minutes):
    def aged(found):
        return replace(found, effective=AT - timedelta(minutes=minutes))

    old = replace(
        case,
        vitals=tuple(aged(v) if v.name is name else v for v in case.vitals),
        clock=AT,
    )
    without = replace(
        case, vitals=tuple(v for v in case.vitals if v.name is not name), clock=AT
    )

    assert assess(old).acuity <= assess(without).acuity
    assert assess(old).acuity < Acuity.NON_URGENT or assess(without).acuity == 5
