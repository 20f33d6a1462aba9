import pytest

from domain.floor.ages import OLDEST, bounded, years
from domain.floor.esi_vitals import ZONES
from domain.values import Age
from tests.domain.floor.cases import (
    AT,
    PATIENT,
    adult,
    case,
    days,
    floor,
    healthy,
    levels,
    rules,
    vital,
    vitals,
)
from tests.domain.floor.cases import years as aged

HEART = "esi.danger-zone.heart-rate"
BREATH = "esi.danger-zone.respiratory-rate"
OXYGEN = "esi.danger-zone.oxygen-saturation"
SEVERAL = "esi.danger-zone.several"


@pytest.mark.parametrize(
    ("age", "heart", "breath"),
    [
        (days(10), 190, 60),
        (days(60), 180, 55),
        (aged(2), 140, 40),
        (aged(4), 120, 35),
        (aged(8), 120, 30),
        (aged(14), 100, 20),
        (aged(50), 100, 20),
    ],
)
def test_each_age_has_its_own_danger_zone_which_begins_above_the_limit(
    age, heart, breath
):
    assert HEART not in rules(case(age=age, measured=vitals(hr=heart)))
    assert levels(case(age=age, measured=vitals(hr=heart + 1)))[HEART] == 3
    assert BREATH not in rules(case(age=age, measured=vitals(rr=breath)))
    assert levels(case(age=age, measured=vitals(rr=breath + 1)))[BREATH] == 3


@pytest.mark.parametrize("age", [days(10), aged(2), aged(14), aged(50)])
def test_low_saturation_is_emergent_at_every_age(age):
    assert levels(case(age=age, measured=vitals(spo2=91)))[OXYGEN] == 2
    assert OXYGEN not in rules(case(age=age, measured=vitals(spo2=92)))


def test_saturation_is_not_rounded_out_of_the_danger_zone():
    assert OXYGEN in rules(adult(spo2="91.6"))


def test_two_vitals_in_the_danger_zone_are_emergent():
    assert levels(adult(hr=111, rr=21))[SEVERAL] == 2
    assert levels(adult(hr=101, rr=23))[SEVERAL] == 2
    assert levels(adult(hr=101, spo2=91))[SEVERAL] == 2


def test_two_rates_just_over_their_limits_are_urgent_where_all_else_is_normal():
    assert levels(adult(hr=104, rr=22))[SEVERAL] == 3
    assert floor(adult(hr=104, rr=22)).acuity == 3
    assert levels(adult(hr=104, rr=22, t="38.5"))[SEVERAL] == 2
    assert levels(adult(hr=104, rr=22, t=None))[SEVERAL] == 2
    assert levels(adult(hr=104, rr=22, spo2=None))[SEVERAL] == 3


def test_one_fast_pulse_is_urgent_and_no_more():
    assert floor(adult("unwell", hr=105)).acuity == 3
    assert floor(adult("cough", hr=105)).acuity == 3


@pytest.mark.parametrize("text", ["sprained ankle", "cut finger", "toothache"])
def test_a_pulse_just_over_its_limit_with_a_minor_injury_alone_is_measured_again(text):
    assert floor(adult(text, hr=110)).acuity == 4
    assert levels(adult(text, hr=110))[HEART] == 4
    assert floor(adult(text, hr=110, spo2=None)).acuity == 4


@pytest.mark.parametrize(
    "given",
    [
        adult("sprained ankle", hr=111),
        adult("sprained ankle", hr=105, t=None),
        adult("sprained ankle", hr=105, t="38.4"),
        adult("sprained ankle", hr=105, spo2=95),
        adult("sprained ankle, cough", hr=105),
        case("sprained ankle", "fell off a ladder", measured=healthy(hr=105)),
        case("sprained ankle", "blurb", measured=healthy(hr=105)),
        case(measured=healthy(hr=105)),
    ],
)
def test_a_fast_pulse_is_not_put_down_to_pain_where_anything_else_is_open(given):
    assert levels(given)[HEART] == 3


@pytest.mark.parametrize(
    ("age", "vital_", "limit"),
    [
        (days(20), "hr", 180),
        (days(20), "rr", 50),
        (days(60), "rr", 50),
        (days(200), "hr", 160),
        (days(200), "rr", 40),
        (aged(10), "hr", 100),
        (aged(10), "rr", 20),
    ],
)
def test_a_rate_beyond_the_older_edition_alone_is_measured_again(age, vital_, limit):
    def fired(value):
        given = case("rash", age=age, measured=vitals(**{vital_: value}))
        return {k: v for k, v in levels(given).items() if k.startswith("esi")}

    assert list(fired(limit + 1).values()) == [4]
    assert fired(limit) == {}


def test_both_rates_beyond_the_older_edition_are_urgent():
    both = case("rash", age=aged(10), measured=vitals(hr=101, rr=21))

    assert levels(both)["esi-v4.danger-zone.several"] == 3


def test_a_two_month_old_with_heart_rate_151_is_judged_by_infants_tables_only():
    given = case("vaccination", age=days(60), measured=vitals(hr=151, rr=40, spo2=98))

    assert not any("heart" in rule or "news2" in rule for rule in rules(given))
    assert "extreme.tachycardia" not in rules(given)


def test_a_partial_birth_date_is_judged_by_the_more_urgent_band():
    given = case(age=Age(least=300, most=800), measured=vitals(hr=150))

    assert HEART in rules(given)


def test_an_unknown_age_is_judged_by_every_band():
    given = case(measured=vitals(hr=105))
    unknown = type(given)(patient=PATIENT, at=AT, vitals=given.vitals)

    assert HEART in rules(unknown)


def test_an_interval_written_backwards_is_still_an_interval():
    assert bounded(Age(least=900, most=-5)) == Age(least=0, most=900)
    assert bounded(Age(least=0, most=10**9)).most == OLDEST - 1


def test_on_a_birthday_both_bands_apply_and_on_no_day_neither():
    fifth = years(5, 12).least

    for day in range(OLDEST):
        assert any(zone.ages.meets(Age(least=day, most=day)) for zone in ZONES)
    assert years(3, 5).meets(days(fifth))
    assert years(5, 12).meets(days(fifth))
    assert not years(5, 12).meets(days(fifth - 1))
    assert not years(3, 5).meets(days(fifth + 1))


def test_a_stale_pulse_is_no_danger_zone_but_missing():
    old = (*healthy(hr=None), vital("hr", 110, minutes=300))

    assert HEART not in rules(case("sore toe", measured=old))
    assert "heart-rate" in floor(case("sore toe", measured=old)).missing


def test_the_newest_reading_counts():
    better = (*healthy(), vital("hr", 120, minutes=30))
    worse = (*healthy(hr=None), vital("hr", 120), vital("hr", 80, minutes=30))

    assert HEART not in rules(case("sore toe", measured=better))
    assert HEART in rules(case("sore toe", measured=worse))


def test_a_reading_of_unknown_time_may_be_the_newest():
    given = case("sore toe", measured=(*healthy(), vital("hr", 120, minutes=None)))

    assert HEART in rules(given)
