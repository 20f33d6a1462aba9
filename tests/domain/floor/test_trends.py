import pytest

from tests.domain.floor.cases import SHORT, case, floor, healthy, levels, rules, vital


def turned(name, before, now, *, minutes=60):
    measured = (*healthy(**{name: None}), vital(name, before, minutes=minutes))
    return case("sore toe", measured=(*measured, vital(name, now)))


@pytest.mark.parametrize(
    ("name", "before", "now", "kept", "level"),
    [
        ("sbp", 150, 110, 111, 2),
        ("gcs", 15, 13, 14, 2),
        ("hr", 71, 101, 100, 3),
        ("rr", 13, 21, 20, 3),
        ("spo2", 99, 95, 96, 3),
    ],
)
def test_a_vital_that_worsens_fast_is_urgent(name, before, now, kept, level):
    rule = f"trend.{SHORT[name]}"

    assert levels(turned(name, before, now))[rule] == level
    assert rule not in rules(turned(name, before, kept))
    assert rule not in rules(turned(name, now, before))


def test_a_pressure_that_comes_down_to_normal_is_no_trend():
    assert "trend.systolic" not in rules(turned("sbp", 190, 130))


def test_a_reading_of_the_day_before_tells_of_no_trend():
    assert "trend.heart-rate" in rules(turned("hr", 70, 105, minutes=240))
    assert "trend.heart-rate" not in rules(turned("hr", 70, 105, minutes=241))


def test_readings_of_unknown_time_tell_of_no_trend():
    earlier = vital("hr", 60, minutes=60)
    measured = (*healthy(), earlier, vital("hr", 120, minutes=None))

    assert "trend.heart-rate" not in rules(case("sore toe", measured=measured))


def test_the_steepest_change_is_told_with_both_readings():
    measured = (
        *healthy(hr=None),
        vital("hr", 60, minutes=90),
        vital("hr", 72, minutes=60),
        vital("hr", 105),
    )
    fired = floor(case("sore toe", measured=measured)).fired
    found = next(f for f in fired if f.rule == "trend.heart-rate")

    assert found.sentence == "Heart rate went from 60 to 105."
    assert len(found.sources) == 2
