"""An evaluation is read strictly: what cannot be told of it lets nothing count."""

import json

import pytest

from inference.evaluation import UnreadableEvaluationError, read_evaluation
from tests.released import FIGURE, evaluation

NESTED = 100_000


def read(told):
    return read_evaluation(json.dumps(told).encode())


@pytest.fixture
def told():
    return evaluation("scripted:ward", FIGURE)


def test_figures_are_read_with_what_they_are_of_and_none_where_none_was_told(told):
    (ward,) = told["data"]
    ward["assessments"][0]["groups"] = {"sex": {"female": {"exact": FIGURE}}}

    found = read(told)

    assert [each.key for each in found.figures] == [
        ("ward", "combined", "quadratic_kappa", "", ""),
        ("ward", "combined", "exact", "sex", "female"),
    ]
    (overall,) = found.overall
    assert {name: getattr(overall, name) for name in FIGURE} == FIGURE
    assert [each.name for each in found.data] == ["ward"]


@pytest.mark.parametrize("value", ["NaN", "1e999", "-Infinity", "null", '"0.9"'])
def test_a_figure_that_is_no_number_is_none(told, value):
    content = json.dumps(told).replace('"low": 0.5', f'"low": {value}')

    with pytest.raises(UnreadableEvaluationError, match="no evaluation"):
        read_evaluation(content.encode())


def test_data_sets_of_one_name_are_refused_as_a_gate_would_take_either(told):
    told["data"] *= 2

    with pytest.raises(UnreadableEvaluationError, match="one name"):
        read(told)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"predictions": [{"id": "a"}]}, "names single cases"),
        ({"left_out": [{"id": "a", "reason": "b"}]}, "names single cases"),
    ],
)
def test_single_cases_never_leave_the_house(told, where, said):
    told["data"][0].update(where)

    with pytest.raises(UnreadableEvaluationError, match=said):
        read(told)


def test_a_case_that_was_missed_never_leaves_the_house(told):
    told["data"][0]["assessments"][0]["missed"] = [{"id": "a"}]

    with pytest.raises(UnreadableEvaluationError, match="names single cases"):
        read(told)


def test_what_is_nested_too_deep_is_refused(told):
    content = json.dumps(told).replace(
        '"predictions": []', f'"predictions": [{"[" * NESTED}{"]" * NESTED}]'
    )

    with pytest.raises(UnreadableEvaluationError, match="no evaluation"):
        read_evaluation(content.encode())
