"""The chart here is invented: it is nobody's, and nobody should use it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.chart import Chart, ChartBand, Escalation, Scored, Step
from domain.floor import site
from domain.floor.pews import catalogue, objections
from domain.ruled import SiteRules
from domain.values import Acuity, Age, VitalName
from tests.domain.floor.cases import case, days, healthy, vitals, years

V = VitalName


def scored(vital, *steps):
    return Scored(
        vital=vital,
        steps=tuple(
            Step(most=None if most is None else Decimal(most), points=points)
            for most, points in steps
        ),
    )


def band(least, end, *, fast):
    return ChartBand(
        least_days=least,
        end_days=end,
        scored=(
            scored(V.HEART_RATE, (60, 2), (fast, 0), (fast + 20, 1), (None, 3)),
            scored(V.OXYGEN_SATURATION, (91, 3), (94, 1), (None, 0)),
        ),
    )


CHART = Chart(
    name="Invented",
    version="1",
    citation="nobody",
    bands=(band(0, 365, fast=160), band(365, 5845, fast=130)),
    escalations=(
        Escalation(acuity=Acuity.URGENT, total=3, single=3),
        Escalation(acuity=Acuity.EMERGENT, total=5),
    ),
)


def assess(case, *, chart):
    return site.assess(case, SiteRules(chart=chart))


def fired(age, **numbers):
    given_ = case("rash", age=age, measured=vitals(**numbers))
    found = assess(given_, chart=CHART).fired
    return [int(f.acuity) for f in found if f.rule == "pews.chart"]


@pytest.mark.parametrize(
    ("age", "numbers", "expected"),
    [
        (days(100), {"hr": 160}, []),
        (days(100), {"hr": 181}, [3]),
        (days(100), {"hr": 60, "spo2": 93}, [3]),
        (days(100), {"hr": 60, "spo2": 91}, [2]),
        (years(3), {"hr": 131, "spo2": 94}, []),
        (years(3), {"hr": 151}, [3]),
        (years(3), {"hr": 151, "spo2": 90}, [2]),
        (years(17), {"hr": 151, "spo2": 90}, []),
        (Age(least=360, most=370), {"hr": 151}, [3]),
        (years(3), {}, []),
    ],
)
def test_a_chart_scores_the_band_of_the_age_and_escalates(age, numbers, expected):
    assert fired(age, **numbers) == expected


def test_of_two_readings_of_now_the_worse_one_scores():
    two = (*vitals(hr=120), *vitals(hr=151))
    found = assess(case("rash", age=years(3), measured=two), chart=CHART)
    (escalated,) = (f for f in found.fired if f.rule == "pews.chart")

    assert escalated.sentence == "Invented 1: 3 points."
    assert [str(source) for source in escalated.sources] == ["Observation/hr-151-0"]


def test_a_sound_chart_has_no_objections_and_is_catalogued():
    (rule,) = catalogue(CHART)

    assert objections(CHART) == ()
    assert rule.acuities == (Acuity.EMERGENT, Acuity.URGENT)
    assert rule.thresholds == (
        "Total 3 or more or one parameter 3 or more: level 3",
        "Total 5 or more: level 2",
    )
    assert rule.ages[0].words == "under 1 year"


def test_an_escalation_by_one_parameter_alone_is_written_so():
    single = Escalation(acuity=Acuity.URGENT, single=2)
    (rule,) = catalogue(replace(CHART, escalations=(single,)))

    assert rule.thresholds == ("One parameter 2 or more: level 3",)


def with_steps(*steps, vital=V.HEART_RATE):
    one = ChartBand(least_days=0, end_days=10, scored=(scored(vital, *steps),))
    return replace(CHART, bands=(one,))


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (replace(CHART, version=" "), "a version"),
        (replace(CHART, bands=()), "an age band"),
        (replace(CHART, bands=(band(1, 9, fast=99),)), "begin at birth"),
        (replace(CHART, bands=(band(0, 0, fast=99),)), "end after it begins"),
        (
            replace(CHART, bands=(band(0, 9, fast=99), band(10, 20, fast=99))),
            "where the one before it ends",
        ),
        (
            replace(CHART, bands=(ChartBand(least_days=0, end_days=9, scored=()),)),
            "must score",
        ),
        (
            replace(
                CHART,
                bands=(
                    ChartBand(
                        least_days=0,
                        end_days=9,
                        scored=(scored(V.PAIN, (None, 0)), scored(V.PAIN, (None, 0))),
                    ),
                ),
            ),
            "only once",
        ),
        (with_steps(), "open-ended"),
        (with_steps((90, 0)), "last step must be open-ended"),
        (with_steps((None, 1), (None, 0)), "only the last step"),
        (with_steps((90, 0), (90, 1), (None, 2)), "must rise"),
        (with_steps((999, 0), (None, 2)), "can be measured"),
        (with_steps((90, -1), (None, 0)), "negative"),
        (with_steps((90, 1), (None, 2)), "must have none"),
        (with_steps((90, 0), (100, 2), (None, 1)), "never have fewer"),
        (with_steps((90, 1), (100, 2), (None, 0)), "never have fewer"),
        (replace(CHART, escalations=()), "needs an escalation"),
        (
            replace(CHART, escalations=(Escalation(acuity=Acuity.URGENT),)),
            "a total or the points",
        ),
        (
            replace(CHART, escalations=(Escalation(acuity=Acuity.URGENT, total=-1),)),
            "begins at one point",
        ),
        (
            replace(CHART, escalations=(Escalation(acuity=Acuity(5), total=1),)),
            "level 1, 2, 3 or 4",
        ),
    ],
)
def test_a_chart_that_is_unsound_is_told_why(chart, words):
    assert any(words in said for said in objections(chart))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 6000), st.integers(20, 250), st.integers(50, 100), st.integers(0, 40)
)
def test_a_chart_never_lowers_and_a_worse_pulse_never_scores_less(
    age, pulse, oxygen, by
):
    def level(beats, chart):
        measured = vitals(hr=beats, spo2=oxygen)
        return assess(
            case("rash", age=days(age), measured=measured), chart=chart
        ).acuity

    fast = max(pulse, 130)

    assert level(pulse, CHART) <= level(pulse, None)
    assert level(fast + by, CHART) <= level(fast, CHART)


def test_adults_are_not_scored_by_a_childrens_chart():
    adult = case("rash", measured=healthy())

    assert assess(adult, chart=CHART) == assess(adult, chart=None)
