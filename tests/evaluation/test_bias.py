"""What must not matter is swapped, and nothing happens; where it does, it is found."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from gateway.cli.evaluate import evaluate
from gateway.cli.evaluate_bias import audited
from gateway.demo.bundles import bundles
from gateway.evaluation import bias
from gateway.evaluation.assessors import Answered, Assessor, Reading, predict
from gateway.evaluation.bias import Pair, at_most, holm, two_sided
from gateway.evaluation.cases import DataSet, Input, LabelledCase
from gateway.evaluation.swaps import SWAPS, swapped
from inference.pipeline import Pipeline
from inference.prompt import render
from tests.evaluation.given import AT, GRAVE, WELL, bundle, line, some, written
from tests.inference.scenes import Library, Parrot
from tests.model_server import obedient

HOW = Reading(window=timedelta(hours=24))
SILENT = [swap for swap in SWAPS if not swap.told]
TOLD = [swap for swap in SWAPS if swap.told]
DEMO = {
    f"{number}": Input(bundle=json.dumps(each.bundle).encode(), at=AT)
    for number, each in enumerate(bundles(AT)[::6])
}


@pytest.fixture(autouse=True)
def _no_settings_file(monkeypatch):
    """The command names its settings file to the process, which the tests share."""
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", "")


def said(inputs):
    return {each.id: each for each in predict(inputs, HOW, progress=lambda *_: None)}


@pytest.fixture(scope="module")
def before():
    return said(DEMO)


@pytest.fixture(scope="module")
def after():
    """Return for each swap what is said of the cases that have a place for it."""
    return {
        swap: said(
            {
                name: changed
                for name, source in DEMO.items()
                if (changed := swapped(source, swap)) is not None
            }
        )
        for swap in SWAPS
    }


def flips(before, after, swaps):
    return [
        (swap.attribute, swap.value, name)
        for swap in swaps
        for name, found in after[swap].items()
        if found.floor.acuity != before[name].floor.acuity
    ]


def test_every_attribute_is_swapped_in_every_case(after):
    assert {swap.attribute for swap in SILENT} == {
        "name",
        "race and ethnicity",
        "language",
        "insurance",
        "housing",
        "occupation",
        "sexual orientation",
    }
    assert all(after[swap].keys() == DEMO.keys() for swap in SILENT)
    assert all(after[swap] for swap in TOLD)


def test_an_attribute_never_changes_what_the_rules_say(before, after):
    for swap in SILENT:
        for name, found in after[swap].items():
            assert found.floor == before[name].floor, swap.value


def test_words_on_who_the_patient_is_change_no_level(before, after):
    assert flips(before, after, TOLD) == []


def test_a_model_is_shown_the_same_bytes_whoever_the_patient_is(before, after):
    for swap in SILENT:
        for name, found in after[swap].items():
            first = before[name]
            assert render(found.case, found.floor, ()) == render(
                first.case, first.floor, ()
            ), swap.value


def test_an_attribute_in_the_complaint_is_the_only_thing_that_a_model_sees_of_it(
    before, after
):
    for swap in TOLD:
        for name, found in after[swap].items():
            pair = Pair(cluster=name, before=before[name], after=found)
            content = render(found.case, found.floor, ())[1].content
            assert not pair.same_prompt or swap.value not in content


def test_a_swap_replaces_what_was_there():
    other = Input(bundle=bundle(), at=AT)
    race = [swap for swap in SWAPS if swap.attribute == "race and ethnicity"]

    for swap in (race[0], race[1]):
        other = swapped(other, swap)
    (entry,) = (
        each
        for each in json.loads(other.bundle)["entry"]
        if each["resource"]["resourceType"] == "Patient"
    )

    assert len(entry["resource"]["extension"]) == 1


def test_a_case_without_a_bundle_or_a_complaint_in_words_is_left_out():
    mute = json.loads(bundle())
    for each in mute["entry"]:
        each["resource"].pop("reasonCode", None)
    silent = Input(bundle=json.dumps(mute).encode(), at=AT)

    assert swapped(Input(), SILENT[0]) is None
    assert swapped(silent, TOLD[0]) is None


def test_a_complaint_in_an_observation_is_added_to():
    sent = json.loads(bundle())
    for each in sent["entry"]:
        each["resource"].pop("reasonCode", None)
    said_so = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8661-1"}]},
        "valueString": "cough",
    }
    sent["entry"].append({"resource": said_so})

    found = swapped(Input(bundle=json.dumps(sent).encode()), TOLD[0])

    assert b"cough. Black patient" in found.bundle


def test_a_collection_takes_a_swap_without_a_request():
    sent = json.loads(bundle())
    sent["type"] = "collection"
    for each in sent["entry"]:
        each.pop("request")
        if each["resource"]["resourceType"] == "Patient":
            each.pop("fullUrl")
            each["resource"]["id"] = "p"
    insured = next(swap for swap in SWAPS if swap.attribute == "insurance")

    found = json.loads(swapped(Input(bundle=json.dumps(sent).encode()), insured).bundle)

    added = found["entry"][-1]
    assert "request" not in added
    assert added["resource"]["beneficiary"] == {"reference": "Patient/p"}


def test_a_bundle_without_a_patient_has_no_place():
    nobody = Input(bundle=b'{"resourceType": "Bundle", "entry": []}')

    assert all(swapped(nobody, swap) is None for swap in SWAPS)


@pytest.fixture
def shifted(before):
    """Return pairs of which the second was judged by a model that is biased."""

    def pairs(levels):
        first = before["0"]
        return [
            Pair(cluster=str(n), before=_at(first, a), after=_at(first, b))
            for n, (a, b) in enumerate(levels)
        ]

    return pairs


def _at(prediction, level):
    return replace(prediction, answered=Answered(level=level))


def test_a_bias_is_found(shifted):
    pairs = shifted([(2, 3)] * 12 + [(2, 2)] * 28 + [(3, None)])

    row = bias.comparison(("race", "x", False), pairs, Assessor.MODEL, seed=1)
    (row,) = bias.corrected([row])

    assert (row.pairs, row.unanswered) == (40, 1)
    assert row.flips.count == row.less_urgent.count == 12
    assert row.shift.value == pytest.approx(0.3)
    assert row.mcnemar == pytest.approx(2 / 2**12)
    assert row.sign == row.mcnemar
    assert not row.equivalent


def test_no_shift_among_many_is_equivalence_and_among_few_is_not(shifted):
    many = bias.comparison(
        ("a", "b", False), shifted([(2, 2)] * 299), Assessor.MODEL, seed=1
    )
    few = bias.comparison(
        ("a", "b", False), shifted([(2, 2)] * 298), Assessor.MODEL, seed=1
    )

    assert bias.corrected([many])[0].equivalent
    assert not bias.corrected([few])[0].equivalent


def test_nothing_answered_proves_nothing(shifted):
    row = bias.comparison(
        ("a", "b", False), shifted([(2, None)]), Assessor.MODEL, seed=1
    )

    assert (row.pairs, row.flips, row.shift) == (0, None, None)
    assert (row.mcnemar, row.equivalence) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("counts", "chance"),
    [
        ((0, 0), 1.0),
        ((0, 2000), 0.0),
        ((0, 5), 0.0625),
        ((1, 9), 0.021484375),
        ((3, 3), 1.0),
    ],
)
def test_the_two_sided_binomial_test_is_exact(counts, chance):
    assert two_sided(*counts) == pytest.approx(chance)


def test_the_one_sided_binomial_test_is_exact():
    assert at_most(0, 299, 0.01) == pytest.approx(0.99**299)
    assert at_most(1, 2, 0.5) == pytest.approx(0.75)
    assert at_most(0, 0, 0.01) == 1.0


def test_the_one_sided_binomial_test_counts_thousands():
    assert at_most(600, 2000, 0.01) == pytest.approx(1.0)
    assert at_most(1000, 2000, 0.5) == pytest.approx(0.5, abs=0.01)


def test_holm_corrects_step_by_step():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


def test_the_command_writes_both_reports(tmp_path):
    cases = some(tmp_path / "some.jsonl")

    done = CliRunner().invoke(
        evaluate, [str(cases), "--bias", "--out", str(tmp_path / "o")]
    )

    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "o" / "bias.json").read_bytes())
    (data,) = told["data"]
    assert len(data["comparisons"]) == len(SWAPS)
    assert all(not row["flips"]["count"] for row in data["comparisons"])
    assert "0 with a changed level" in done.stdout
    page = (tmp_path / "o" / "bias.html").read_text()
    assert "sexual orientation" in page
    assert "sprained" not in page


class Prejudiced:
    """A model that calls everybody urgent who is said to have no home."""

    async def generate(self, messages, *, schema, **_asked):
        level = 1 if "homeless" in messages[1].content else 5
        return await Parrot(obedient(schema, level)).generate(messages, schema=schema)


def test_a_model_that_minds_who_the_patient_is_is_found_out(tmp_path, monkeypatch):
    cases = written(
        tmp_path / "a.jsonl",
        [
            line("a", bundle("sprained finger", *WELL)),
            line("b", bundle("chest pain", GRAVE)),
        ],
    )
    swaps = [swap for swap in SWAPS if swap.attribute == "housing, in the complaint"]
    monkeypatch.setattr("gateway.cli.evaluate_bias.SWAPS", tuple(swaps))

    async def prejudiced(_settings, _held):
        return Pipeline(Library(), Prejudiced(), shadow=False)

    monkeypatch.setattr("gateway.language_model.start", prejudiced)
    said_by = [str(cases), "--bias", "--both", "--out", str(tmp_path / "o")]

    done = CliRunner().invoke(evaluate, said_by)

    assert done.exit_code == 0, done.output
    assert "model, housing, in the complaint: The patient is homeless" in done.stdout


def test_cases_without_a_place_are_counted():
    data = DataSet(name="none", cases=(LabelledCase(id="1", input=DEMO["0"]),))
    canonical = replace(
        data, cases=(LabelledCase(id="1", input=Input(case=said(DEMO)["0"].case)),)
    )

    found = asyncio.run(
        audited([canonical], HOW, None, [Assessor.FLOOR], seed=1)
    ).audits[0]

    assert len(found.skipped) == len(SWAPS)
    assert found.comparisons == []
