"""Figures, groups and break-downs of a few cases whose every answer is known."""

from datetime import timedelta

import pytest

from domain.values import Age
from gateway.evaluation import breakdown, figures, paired, reading
from gateway.evaluation.assessors import (
    Answered,
    Assessor,
    Prediction,
    Reading,
    predict,
)
from gateway.evaluation.figures import FEWEST, Judged, age_band
from tests.evaluation.given import GRAVE, WELL, bundle, line, some, written

HOW = Reading(window=timedelta(hours=24))
FLOOR, MODEL, COMBINED = Assessor.FLOOR, Assessor.MODEL, Assessor.COMBINED


def judged(path):
    (data,) = reading.read(path)
    inputs = {case.id: case.input for case in data.cases}
    predictions = predict(inputs, HOW, progress=lambda _done, _total: None)
    return [
        Judged(labelled=case, prediction=prediction)
        for case, prediction in zip(data.cases, predictions, strict=True)
    ]


def answering(cases, *levels, confidence="high"):
    """Return the cases as if a model had given these levels."""
    return [
        Judged(
            labelled=each.labelled,
            prediction=Prediction(
                id=each.prediction.id,
                case=each.prediction.case,
                floor=each.prediction.floor,
                answered=Answered(level=level, confidence=confidence),
            ),
        )
        for each, level in zip(cases, levels, strict=True)
    ]


def counts(found, name):
    value = found[name]
    return value and (value.count, value.total)


def test_every_share_counts_the_cases_that_it_is_about(tmp_path):
    cases = judged(some(tmp_path / "some.jsonl"))
    given = [each.prediction.level(FLOOR) for each in cases]

    found = figures.figures(cases, FLOOR, seed=1)

    assert given == [2, 2, 4, 2, 2]  # labels 2, 2, 1, 5 and none
    assert counts(found, "answered") == (5, 5)
    assert counts(found, "exact") == (2, 4)
    assert counts(found, "within_one") == (2, 4)
    assert counts(found, "under_triage") == (1, 4)
    assert counts(found, "critical_under_triage") == (1, 3)
    assert counts(found, "strict_under_triage") == (1, 3)
    assert counts(found, "over_triage") == (1, 4)
    assert counts(found, "strict_over_triage") == (1, 1)
    assert counts(found, "sensitivity_1_2") == (2, 3)
    assert counts(found, "specificity_1_2") == (0, 1)
    assert counts(found, "sensitivity_1_3") == (2, 3)
    assert counts(found, "specificity_1_3") == (0, 1)
    assert found["quadratic_kappa"].total == 4
    assert found["auroc_died"] is None
    assert figures.confusion(cases, FLOOR)[1] == [0, 2, 0, 0, 0]


def test_a_label_that_is_a_range_tells_no_exact_level(tmp_path):
    path = written(
        tmp_path / "a.jsonl",
        [line("1", bundle("chest pain", GRAVE), label={"least_urgent": 3})],
    )

    found = figures.figures(judged(path), FLOOR, seed=1)

    assert found["exact"] is None
    assert found["quadratic_kappa"] is None
    assert counts(found, "under_triage") == (0, 1)
    assert counts(found, "critical_under_triage") is None
    assert counts(found, "sensitivity_1_3") == (1, 1)


def test_an_outcome_is_told_apart_where_it_happened_often_enough(tmp_path):
    grave, well = bundle("chest pain", GRAVE), bundle("sprained finger", *WELL)

    def with_deaths(number):
        lines = [
            line(f"{name}{k}", content, outcomes={"died": name == "grave"})
            for name, content in (("grave", grave), ("well", well))
            for k in range(number)
        ]
        path = written(tmp_path / f"{number}.jsonl", lines)
        return figures.figures(judged(path), FLOOR, seed=1)["auroc_died"]

    assert with_deaths(FEWEST).value == 1.0
    assert with_deaths(FEWEST - 1) is None


def test_the_more_urgent_of_floor_and_model_counts(tmp_path):
    cases = answering(judged(some(tmp_path / "some.jsonl")), 1, 3, 1, None, 5)

    assert [each.prediction.level(MODEL) for each in cases] == [1, 3, 1, None, 5]
    assert [each.prediction.level(COMBINED) for each in cases] == [1, 2, 1, 2, 2]


def test_a_gain_is_measured_on_the_same_cases(tmp_path):
    cases = answering(judged(some(tmp_path / "some.jsonl")), 2, 2, 1, None, 5)

    found = paired.gains(cases, FLOOR, COMBINED, seed=1)

    assert found["exact"].value == pytest.approx(1 / 4)
    assert found["exact"].total == 4
    assert found["strict_under_triage"].value == pytest.approx(-1 / 3)
    assert found["over_triage"].value == 0.0
    assert found["quadratic_kappa"].value > 0
    assert paired.gains(cases, FLOOR, MODEL, seed=1)["exact"].total == 3


def test_groups_are_age_sex_and_what_the_source_says(tmp_path):
    path = written(
        tmp_path / "a.jsonl",
        [
            line("1", groups={"arrival": "walking"}),
            line("2", bundle(born=""), groups={"age": "adult"}),
        ],
    )

    found = figures.groups(judged(path))

    assert {kind: sorted(of_kind) for kind, of_kind in found.items()} == {
        "age": ["40-64", "adult"],
        "sex": ["female"],
        "arrival": ["walking"],
    }


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, "under 1"),
        (1, "1-4"),
        (4, "1-4"),
        (5, "5-11"),
        (12, "12-17"),
        (18, "18-39"),
        (40, "40-64"),
        (65, "65-79"),
        (80, "80 or more"),
        (120, "80 or more"),
    ],
)
def test_a_birthday_begins_the_next_band(years, band):
    days = int(years * 365.25)

    assert age_band(Age(least=days, most=days + 364)) == band


def test_an_age_that_nobody_knows_is_a_group_of_its_own():
    assert age_band(None) == "not known"


def test_every_strict_under_triage_is_listed_with_what_fired_and_what_did_not(
    tmp_path,
):
    cases = judged(some(tmp_path / "some.jsonl"))

    (missed,) = breakdown.missed(cases, FLOOR)

    assert (missed.id, missed.label, missed.level) == ("c", "1", 4)
    assert [each.rule for each in missed.fired] == ["baseline.incomplete"]
    assert "extreme.hypoxia" in missed.silent
    assert "consciousness" in missed.missing


def test_a_range_of_emergencies_is_listed_as_such(tmp_path):
    path = written(
        tmp_path / "a.jsonl",
        [line("1", bundle("sprained finger", *WELL), label={"least_urgent": 2})],
    )

    (missed,) = breakdown.missed(judged(path), FLOOR)

    assert missed.label == "1-2"


def test_rules_that_alone_set_the_level_answer_for_it(tmp_path):
    cases = judged(some(tmp_path / "some.jsonl"))

    uses = {each.rule: each for each in breakdown.rules(cases)}

    calm = uses["baseline.incomplete"]
    assert (calm.fired, calm.alone, calm.under) == (1, 1, 1)
    assert uses["extreme.hypoxia"].fired == 4


def test_what_was_missing_is_counted_with_what_it_did(tmp_path):
    cases = judged(some(tmp_path / "some.jsonl"))

    absent = {each.name: each for each in breakdown.absences(cases, FLOOR)}

    pulse = absent["heart-rate"]
    assert (pulse.missing, pulse.decided) == (4, 0)
    assert (pulse.under_without.count, pulse.under_without.total) == (0, 3)
    assert (pulse.under_with.count, pulse.under_with.total) == (1, 1)
    assert absent["consciousness"].decided == 1


def test_outcomes_are_counted_by_level(tmp_path):
    path = written(
        tmp_path / "a.jsonl",
        [
            line("1", bundle("chest pain", GRAVE), outcomes={"icu": True}),
            line("2", bundle("chest pain", GRAVE), outcomes={"icu": False}),
        ],
    )

    levels = breakdown.calibration(judged(path), FLOOR)

    assert [each.total for each in levels] == [0, 2, 0, 0, 0]
    assert levels[1].outcomes["icu"].value == 0.5
    assert levels[1].outcomes["died"] is None
    assert levels[0].outcomes["icu"] is None


def test_a_model_is_right_as_often_as_its_confidence_lets_expect(tmp_path):
    cases = answering(judged(some(tmp_path / "some.jsonl")), 2, 3, None, 5, 2)

    told = {each.stated: each.right for each in breakdown.confidence(cases)}

    assert (told["high"].count, told["high"].total) == (2, 3)
    assert told["low"] is None
