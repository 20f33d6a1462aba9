"""A release gate holds, falls short, or is refused with a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.evaluation import gate, reading, report
from gateway.evaluation.assessors import Assessor, Reading, predict
from gateway.evaluation.cases import CasesError
from gateway.evaluation.report import Header, Report
from inference.evaluation import figures, read_evaluation
from tests.evaluation.given import some

HEADER = Header(
    at=datetime(2026, 11, 22, tzinfo=UTC),
    command="triage-gateway evaluate some.jsonl",
    seed=1,
    held_out=False,
    gateway="0",
    rules="1",
)


def found(path):
    (data,) = reading.read(path)
    inputs = {case.id: case.input for case in data.cases}
    how = Reading(window=timedelta(hours=24))
    predictions = predict(inputs, how, progress=lambda _done, _total: None)
    section = report.section(data, predictions, [Assessor.FLOOR], seed=1, listed=True)
    return Report(header=HEADER, sections=[section])


def verdict(tmp_path, said):
    path = tmp_path / "gate.toml"
    path.write_text(f'[[require]]\ndata = "some.jsonl"\n{said}\n')
    (one,) = gate.verdicts(gate.load(path), found(some(tmp_path / "some.jsonl")))
    return one


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ('metric = "under_triage"\nat_most = 0.25', True),
        ('metric = "under_triage"\nat_most = 0.24', False),
        ('metric = "under_triage"\nend = "high"\nat_most = 0.25', False),
        ('metric = "under_triage"\nend = "upper"\nat_most = 0.76', True),
        ('metric = "under_triage"\nend = "upper"\nat_most = 0.75', False),
        ('metric = "exact"\nat_least = 0.5', True),
        ('metric = "exact"\nend = "low"\nat_least = 0.5', False),
        ('metric = "quadratic_kappa"\nat_least = -1.0', True),
        ('metric = "exact"\ngroup = "sex"\nof = "female"\nat_least = 0.5', True),
    ],
)
def test_a_bound_is_about_one_end_of_an_interval(tmp_path, said, holds):
    assert verdict(tmp_path, said).holds is holds


@pytest.mark.parametrize(
    "said",
    [
        'metric = "auroc_died"\nat_least = 0.1',
        'metric = "exact"\ngroup = "sex"\nof = "male"\nat_least = 0.0',
        'metric = "exact"\ngroup = "language"\nof = "fr"\nat_least = 0.0',
        'metric = "exact"\nassessor = "model"\nat_least = 0.0',
    ],
)
def test_what_was_not_measured_does_not_hold(tmp_path, said):
    one = verdict(tmp_path, said)

    assert (one.holds, one.found) == (False, None)


def test_a_data_set_that_was_not_assessed_does_not_hold(tmp_path):
    path = tmp_path / "gate.toml"
    path.write_text('[[require]]\ndata = "x"\nmetric = "exact"\nat_least = 0.0\n')

    (one,) = gate.verdicts(gate.load(path), found(some(tmp_path / "some.jsonl")))

    assert not one.holds


def test_a_verdict_says_what_was_required_and_found(tmp_path):
    one = verdict(
        tmp_path,
        'metric = "exact"\ngroup = "sex"\nof = "female"\nat_least = 0.9\nwhy = "so"',
    )

    assert one.requirement == (
        "some.jsonl, floor, exact of sex female (point) at least 0.9"
    )
    assert (one.found, one.why) == (0.5, "so")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "missing required field `require`"),
        ("require = []", "requires nothing"),
        ("[[require]]\n", "missing required field `data`"),
        ("[[", "is no gate"),
        ('[[require]]\ndata = "x"\nmetric = "exact"\nof_all = 1', "unknown field"),
        ('[[require]]\ndata = "x"\nmetric = "good"\nat_most = 1', "no metric good"),
        ('[[require]]\ndata = "x"\nmetric = "exact"', "either at_most or at_least"),
        (
            '[[require]]\ndata = "x"\nmetric = "exact"\nat_most = 1\nat_least = 0',
            "either at_most or at_least",
        ),
        (
            '[[require]]\ndata="x"\nmetric="linear_kappa"\nend="upper"\nat_least=0',
            "only shares have the end `upper`",
        ),
        (
            '[[require]]\ndata="x"\nmetric="exact"\nassessor="modell"\nat_least=1',
            "nobody is called modell",
        ),
        (
            '[[require]]\ndata="x"\nmetric="exact"\nend="lower"\nat_least=1',
            "Invalid enum value",
        ),
        ('[[require]]\ndata="x"\nmetric="exact"\nat_most=inf', "bound is no number"),
        ('[[require]]\ndata="x"\nmetric="exact"\nat_least=nan', "bound is no number"),
        (f"require = {'[' * 5000}{']' * 5000}", "is no gate"),
        (
            '[[require]]\ndata = "x"\nmetric = "exact"\nat_most = 1\ngroup = "sex"',
            "`group` and `of` need each other",
        ),
    ],
)
def test_a_gate_that_asks_for_what_there_is_not_is_refused(tmp_path, said, sentence):
    path = tmp_path / "gate.toml"
    path.write_text(said)

    with pytest.raises(CasesError, match=sentence):
        gate.load(path)


def test_a_gate_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff")

    with pytest.raises(CasesError, match="cannot be read"):
        gate.load(tmp_path / "none.toml")
    with pytest.raises(CasesError, match="bytes"):
        gate.load(tmp_path / "bytes.toml")


def test_a_release_is_asked_the_figures_of_which_the_evaluation_told(tmp_path):
    made = found(some(tmp_path / "some.jsonl"))
    header = replace(HEADER, held_out=True)
    (section,) = made.sections
    unlisted = replace(
        section,
        predictions=[],
        assessments=[replace(each, missed=[]) for each in section.assessments],
    )

    file = report.as_json(Report(header=header, sections=[unlisted]))

    read = read_evaluation(file).figures
    assert read == figures(made.sections)
    assert {each.group for each in read} == {"", "age", "sex"}
