from decimal import Decimal

import pytest

from domain.floor.news2_score import news2
from domain.values import Age, Consciousness, Pregnancy, VitalName
from tests.domain.floor.cases import (
    NORMAL,
    SHORT,
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


def score(*, oxygen=False, scale2=False, alert=True, **numbers):
    values = {SHORT[name]: Decimal(str(value)) for name, value in numbers.items()}
    values[VitalName.CONSCIOUSNESS] = Decimal(int(not alert))
    return news2(values, oxygen=oxygen, scale2=scale2)


def only(name, value, **more):
    return news2({SHORT[name]: Decimal(str(value))}, oxygen=None, **more).total


CALM = {"rr": 20, "sbp": 120, "hr": 80, "t": 37}


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"spo2": 89, "scale2": True}, 0),
        ({"spo2": 89}, 3),
        ({"spo2": 97, "oxygen": True, "scale2": True}, 5),
        ({"spo2": 97, "oxygen": True}, 2),
        ({"rr": 25, "spo2": 94}, 4),
        ({"rr": 18, "spo2": 96, "alert": False}, 3),
        (
            {
                "rr": 27,
                "spo2": 98,
                "oxygen": True,
                "sbp": 230,
                "hr": 150,
                "t": "40.0",
                "alert": False,
                "scale2": True,
            },
            19,
        ),
    ],
)
def test_published_vectors_give_their_totals(changes, total):
    result = score(**(CALM | changes))

    assert result.total == total
    assert result.missing == ()


@pytest.mark.parametrize(
    ("name", "edges"),
    [
        (
            "rr",
            [
                *[(7, 3), (8, 3), (9, 1), (10, 1), (11, 1), (12, 0), (13, 0), (19, 0)],
                *[(20, 0), (21, 2), (22, 2), (23, 2), (24, 2), (25, 3), (26, 3)],
            ],
        ),
        (
            "spo2",
            [(90, 3), (91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (97, 0)],
        ),
        (
            "sbp",
            [
                *[(89, 3), (90, 3), (91, 2), (92, 2), (99, 2), (100, 2), (101, 1)],
                *[(102, 1), (109, 1), (110, 1), (111, 0), (112, 0), (218, 0)],
                *[(219, 0), (220, 3), (221, 3)],
            ],
        ),
        (
            "hr",
            [
                *[(39, 3), (40, 3), (41, 1), (42, 1), (49, 1), (50, 1), (51, 0)],
                *[(52, 0), (89, 0), (90, 0), (91, 1), (92, 1), (109, 1), (110, 1)],
                *[(111, 2), (112, 2), (129, 2), (130, 2), (131, 3), (132, 3)],
            ],
        ),
        (
            "t",
            [
                *[("34.9", 3), ("35.0", 3), ("35.1", 1), ("35.2", 1), ("35.9", 1)],
                *[("36.0", 1), ("36.1", 0), ("36.2", 0), ("37.9", 0), ("38.0", 0)],
                *[("38.1", 1), ("38.2", 1), ("38.9", 1), ("39.0", 1), ("39.1", 2)],
                ("39.2", 2),
            ],
        ),
    ],
)
def test_every_band_edge_scores_as_printed(name, edges):
    assert [(value, only(name, value)) for value, _ in edges] == edges


def test_scale_2_on_air_never_counts_high_saturation():
    edges = [(82, 3), (83, 3), (84, 2), (85, 2), (86, 1), (87, 1), (88, 0), (89, 0)]
    edges += [(92, 0), (93, 0), (94, 0), (97, 0), (100, 0)]

    assert [(v, only("spo2", v, scale2=True)) for v, _ in edges] == edges


def test_scale_2_on_oxygen_counts_too_much_of_it():
    edges = [(83, 3), (84, 2), (85, 2), (86, 1), (87, 1), (88, 0), (91, 0), (92, 0)]
    edges += [(93, 1), (94, 1), (95, 2), (96, 2), (97, 3), (98, 3), (100, 3)]
    found = [(v, score(spo2=v, oxygen=True, scale2=True).total - 2) for v, _ in edges]

    assert found == edges


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("spo2", "94.5", 1),
        ("spo2", "91.5", 3),
        ("spo2", "95.4", 1),
        ("hr", "40.4", 3),
        ("hr", "130.5", 3),
        ("sbp", "90.1", 3),
        ("t", "38.04", 1),
        ("t", "35.06", 3),
        ("rr", "24.5", 3),
    ],
)
def test_a_value_between_two_bands_counts_as_the_more_urgent(name, value, points):
    assert only(name, value) == points


def test_what_was_not_measured_is_missing_and_not_normal():
    partial = news2({VitalName.RESPIRATORY_RATE: Decimal(26)}, oxygen=None)

    assert partial.total == 3
    assert partial.single
    assert "temperature" in partial.missing
    assert "oxygen" in partial.missing
    assert "temperature" not in partial.points


def test_a_high_total_is_emergent():
    given = adult(rr=23, spo2=93, hr=115, t="38.5")

    assert levels(given)["news2.high"] == 2


def test_a_medium_total_is_urgent_and_emergent_with_infection():
    given = {"rr": 22, "hr": 95, "sbp": 100}

    assert levels(adult(**given))["news2.medium"] == 3
    assert levels(adult("wound infection", **given))["news2.medium"] == 2


def test_one_parameter_with_three_points_is_urgent_and_emergent_with_infection():
    assert levels(adult(sbp=90))["news2.single"] == 3
    assert levels(adult("cellulitis", sbp=90))["news2.single"] == 2


def test_a_low_total_fires_nothing():
    assert not any("news2" in rule for rule in rules(adult(hr=95, rr=11)))


def test_three_or_four_points_are_urgent_where_nobody_watches_them_rise():
    assert levels(adult("unwell", hr=95, sbp=100))["news2.raised"] == 3
    assert levels(adult("cough, dizzy", hr=95, sbp=100))["news2.raised"] == 3


def test_three_or_four_points_of_a_minor_complaint_are_measured_again():
    assert levels(adult("sore toe", hr=95, sbp=100))["news2.raised"] == 4
    assert levels(adult("sore toe", hr=95, sbp=100, t=None))["news2.raised"] == 3
    assert levels(adult("sore toe", hr=95, sbp=100, spo2=None))["news2.raised"] == 4
    assert floor(adult("cellulitis", hr=95, sbp=100)).acuity == 3


@pytest.mark.parametrize(
    "known",
    [
        "hypercapnic respiratory failure",
        "type 2 respiratory failure",
        "COPD, target saturation 88-92 %",
        "CO2 retainer",
    ],
)
def test_scale_2_is_used_where_a_lower_target_is_recorded(known):
    low = {"measured": healthy(spo2=89, hr=95)}
    over = {"measured": healthy(spo2=97, flow=2)}

    assert not any("news2" in r for r in rules(case("x", conditions=(known,), **low)))
    assert "news2.single" in rules(case("x", conditions=("COPD",), **low))
    assert "news2.medium" in rules(case("sore toe", conditions=(known,), **over))
    assert "news2.medium" not in rules(case("sore toe", **over))


def test_words_of_a_complaint_never_choose_the_scale():
    given = case("hypercapnic respiratory failure", measured=healthy(spo2=89))

    assert any(rule.startswith("news2") for rule in rules(given))


def test_a_partial_score_that_reaches_a_threshold_fires_and_says_what_is_missing():
    given = case("sore toe", measured=vitals(rr=25, sbp=100, hr=115))
    sentence = next(f.sentence for f in floor(given).fired if f.rule == "news2.high")

    assert "not known" in sentence
    assert "oxygen" in sentence


@pytest.mark.parametrize("supply", [{"flow": 2}, {"fio2": 28}, {"oxygen": 1}])
def test_oxygen_by_flow_or_fraction_adds_two_points(supply):
    low = adult(spo2=92, hr=100, **supply)

    assert "news2.medium" in rules(low)
    assert "news2.medium" not in rules(adult(spo2=92, hr=100))


def test_room_air_that_was_recorded_adds_nothing():
    assert "news2.medium" not in rules(
        adult(spo2=92, hr=100, fio2=21, flow=0, oxygen=0)
    )


def test_a_coma_scale_below_15_counts_as_not_alert():
    assert "news2.single" in rules(case("sore toe", measured=vitals(**NORMAL, gcs=14)))
    assert "news2.single" not in rules(
        case("sore toe", measured=vitals(**NORMAL, gcs=15))
    )


def test_new_confusion_alone_scores_three():
    given = case(
        "sore toe", measured=(*vitals(**NORMAL), awake(Consciousness.CONFUSED))
    )

    assert "news2.single" in rules(given)


@pytest.mark.parametrize("status", [Pregnancy.PREGNANT, Pregnancy.POSTPARTUM])
def test_the_score_is_not_used_in_pregnancy_or_after_birth(status):
    given = case("sore toe", measured=healthy(rr=26, sbp=89), pregnancy=status)

    assert not any(rule.startswith("news2") for rule in rules(given))


def test_the_score_is_not_used_below_16():
    given = {"measured": healthy(rr=26, sbp=89)}

    eve = int(16 * 365.25) - 1  # 15 years and 364 days
    assert not any(r.startswith("news2") for r in rules(case(age=days(eve), **given)))
    assert any(r.startswith("news2") for r in rules(case(age=years(16), **given)))


def test_an_age_that_may_be_16_is_scored():
    given = case(age=Age(least=15 * 365, most=17 * 365), measured=healthy(sbp=90))

    assert "news2.single" in rules(given)


def test_of_two_readings_at_one_time_the_more_urgent_is_scored():
    given = case(
        "sore toe", measured=(*healthy(sbp=None), vital("sbp", 90), vital("sbp", 92))
    )

    assert "news2.single" in rules(given)


def test_the_sources_are_the_observations_that_were_scored():
    fired = next(f for f in floor(adult(sbp=90)).fired if f.rule == "news2.single")

    assert "Observation/sbp-90-0" in map(str, fired.sources)
