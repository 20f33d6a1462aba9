"""`triage-gateway evaluate`, as somebody types it."""

import asyncio
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.evaluate import evaluate
from gateway.evaluation import assessors
from gateway.evaluation.datasets import resources
from inference.knowledge import starter_folder
from tests.evaluation.given import GRAVE, WELL, bundle, line, some, written
from tests.model_server import NAME, model_server

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "triage"


@pytest.fixture(autouse=True)
def _no_settings_file(monkeypatch):
    """The command names its settings file to the process, which the tests share."""
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", "")


@pytest.fixture
def cases(tmp_path):
    return some(tmp_path / "some.jsonl")


def run(*said, out):
    return CliRunner().invoke(evaluate, [*map(str, said), "--out", str(out)])


def told(out):
    return json.loads((out / "evaluation.json").read_bytes())


def page(out):
    return (out / "evaluation.html").read_text()


class Tags(HTMLParser):
    """Reads a page, and remembers what it would load and what it leaves open."""

    VOID = frozenset({"meta", "line", "rect", "circle", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.loaded = [], []

    def handle_starttag(self, tag, attrs):
        self.loaded += [value for name, value in attrs if name in {"src", "href"}]
        self.loaded += [tag] if tag in {"script", "link", "iframe"} else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_rules_are_measured_and_both_reports_written(tmp_path, cases):
    done = run(cases, out=tmp_path)

    assert done.exit_code == 0, done.output
    (data,) = told(tmp_path)["data"]
    (floor,) = data["assessments"]
    assert floor["overall"]["strict_under_triage"]["count"] == 1
    assert [each["id"] for each in floor["missed"]] == ["c"]
    assert [each["id"] for each in data["predictions"]] == list("abcde")
    assert "33.3 % (0.8-90.6)" in done.stdout
    assert told(tmp_path)["header"]["rules"]


def test_the_page_stands_alone_and_shows_what_was_missed(tmp_path, cases):
    run(cases, out=tmp_path)

    tags = Tags()
    tags.feed(page(tmp_path))
    assert (tags.open, tags.loaded) == ([], [])
    assert "sprained finger" in page(tmp_path)
    assert "baseline.incomplete" in page(tmp_path)
    assert "<svg" in page(tmp_path)


def test_the_page_shows_medicines_and_values_that_nobody_can_read(tmp_path):
    pain = ("72514-3", "unable", "{score}")
    content = bundle(
        "sore finger", *WELL, pain, more=[resources.statement("folic acid")]
    )
    path = written(tmp_path / "a.jsonl", [line("1", content, label={"level": 1})])

    run(path, out=tmp_path)

    assert "takes folic acid" in page(tmp_path)
    assert "pain unreadable" in page(tmp_path)


def test_the_json_holds_no_word_of_a_patient(tmp_path, cases):
    run(cases, out=tmp_path)

    assert "sprained" not in (tmp_path / "evaluation.json").read_text()


def test_words_of_a_patient_are_text_on_the_page_never_markup(tmp_path):
    bad = '<img src=x onerror="alert(1)">'
    path = written(
        tmp_path / "a.jsonl", [line(bad, bundle(f"finger {bad}"), label={"level": 1})]
    )

    run(path, out=tmp_path)

    assert "<img" not in page(tmp_path)


def test_the_same_cases_give_the_same_figures(tmp_path, cases):
    run(cases, out=tmp_path / "a")
    run(cases, out=tmp_path / "b")

    first, second = told(tmp_path / "a"), told(tmp_path / "b")
    assert first["data"] == second["data"]


def test_cases_that_are_held_out_are_scored_and_never_shown(tmp_path):
    path = written(
        tmp_path / "a.jsonl",
        [
            line("secret-1", label={"level": 1}, split="held-out"),
            line("secret-2", bundle("chest pain", GRAVE), label={"level": 2}),
            line("open", label={"level": 2}, split="dev"),
        ],
    )

    done = run(path, "--held-out", out=tmp_path)

    (data,) = told(tmp_path)["data"]
    assert data["assessments"][0]["overall"]["exact"]["total"] == 2
    assert data["predictions"] == data["assessments"][0]["missed"] == []
    assert [each["id"] for each in data["left_out"]] == [""]
    assert "secret" not in page(tmp_path)
    assert "open" not in re.findall(r"<li>(.*?):", page(tmp_path))
    assert "HELD OUT" in page(tmp_path)
    assert "scored only" in done.stdout


def test_a_split_without_cases_is_said(tmp_path):
    path = written(tmp_path / "a.jsonl", [line("1", split="dev")])

    done = run(path, "--held-out", out=tmp_path)

    assert done.exit_code == 1
    assert "a.jsonl: no case is held out" in done.stderr


def test_data_sets_of_one_name_are_not_told_apart_and_refused(tmp_path, cases):
    (tmp_path / "other").mkdir()
    some(tmp_path / "other" / cases.name)

    done = run(cases, tmp_path / "other" / cases.name, out=tmp_path)

    assert done.exit_code == 1
    assert "Two data sets are called some.jsonl" in done.output


def test_a_gate_that_falls_short_ends_with_1_and_says_by_what(tmp_path, cases):
    gate = tmp_path / "gate.toml"
    gate.write_text(
        '[[require]]\ndata = "some.jsonl"\nmetric = "strict_under_triage"\n'
        'at_most = 0.0\n[[require]]\ndata = "x"\nmetric = "exact"\nat_least = 0.0\n'
    )

    done = run(cases, "--gate", gate, out=tmp_path)

    assert done.exit_code == 1
    assert "strict_under_triage (point) at most 0.0; found 0.333" in done.stdout
    assert "found not measured" in done.stdout
    assert [each["holds"] for each in told(tmp_path)["gate"]] == [False, False]
    assert "FALLS SHORT" in page(tmp_path)


def test_a_gate_that_holds_ends_well(tmp_path, cases):
    gate = tmp_path / "gate.toml"
    gate.write_text(
        '[[require]]\ndata = "some.jsonl"\nmetric = "exact"\nat_least = 0.5\n'
    )

    assert run(cases, "--gate", gate, out=tmp_path).exit_code == 0


def test_a_case_that_cannot_be_judged_is_named(tmp_path):
    nobody = b'{"resourceType": "Bundle", "type": "collection"}'
    path = written(tmp_path / "a.jsonl", [line("7"), line("8", nobody)])

    done = run(path, out=tmp_path)

    assert done.exit_code == 1
    assert "Case 8: It holds 0 Patients" in done.stderr


def test_rules_that_fail_are_counted_as_the_service_counts_them(
    tmp_path, cases, monkeypatch
):
    def broken(_case):
        raise ValueError("a rule that nobody tested")

    monkeypatch.setattr(assessors, "assess", broken)

    run(cases, out=tmp_path)

    (data,) = told(tmp_path)["data"]
    assert data["levels"]["floor"] == [0, 5, 0, 0, 0, 0]
    assert [each["rule"] for each in data["rules"]] == ["floor.failed"]


def configured(folder, url):
    """Write a site's settings, with one document so that its index is quick."""
    knowledge = folder / "knowledge"
    knowledge.mkdir()
    shutil.copy(starter_folder() / "chest-pain.md", knowledge)
    path = folder / "gateway.toml"
    path.write_text(
        f'dev = true\nmodel_url = "{url}"\nmodel_name = "{NAME}"\n'
        f'knowledge = "{knowledge}"\n'
    )
    return path


async def asked(tmp_path, mode, **model_says):
    async with model_server() as (model, url):
        for name, value in model_says.items():
            setattr(model, name, value)
        config = configured(tmp_path, url)
        cases = some(tmp_path / "some.jsonl")
        done = await asyncio.to_thread(
            run, cases, mode, "--config", config, out=tmp_path
        )
    assert done.exit_code == 0, done.output
    return told(tmp_path)


async def test_floor_and_model_and_what_the_model_adds(tmp_path):
    found = await asked(tmp_path, "--both", acuity=1)

    (data,) = found["data"]
    levels = data["levels"]  # it speaks of chest pain: of a finger that is withheld
    assert levels["model"] == [4, 0, 0, 0, 0, 1]
    assert levels["combined"] == [4, 0, 0, 1, 0, 0]
    (model, combined) = data["gains"]
    assert (model["second"], combined["second"]) == ("model", "combined")
    assert combined["figures"]["strict_under_triage"]["value"] == 0
    assert combined["figures"]["over_triage"]["value"] == 0.5
    (named,) = found["header"]["models"]
    assert named.startswith(NAME)
    assert named.endswith("weights-1")
    assert found["header"]["prompt"]
    assert "Gain of combined over floor" in page(tmp_path)


async def test_a_model_that_does_not_answer_is_counted_not_passed_over(tmp_path):
    found = await asked(tmp_path, "--model", content="I would rather not.")

    (data,) = found["data"]
    assert data["levels"] == {"model": [0, 0, 0, 0, 0, 5]}
    assert data["assessments"][0]["overall"]["answered"]["count"] == 0
    assert sum(data["unanswered"].values()) == 5
    assert "Why the model gave no level" in page(tmp_path)


def test_without_a_model_there_is_nothing_to_measure(tmp_path, cases, monkeypatch):
    monkeypatch.setenv("TRIAGE_GATEWAY_MODEL", "none")

    done = run(cases, "--both", out=tmp_path)

    assert done.exit_code == 1
    assert "There is no model to ask" in done.stderr


def test_settings_that_are_wrong_are_said(tmp_path, cases):
    config = tmp_path / "gateway.toml"
    config.write_text("window_hours = -1\ndev = true\n")

    done = run(cases, "--config", config, out=tmp_path)

    assert done.exit_code == 1
    assert re.search("window_hours", done.stderr)


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not here")
def test_the_release_gate_holds_on_the_public_data_sets(tmp_path):
    sets = sorted(DATA.iterdir())

    done = run(*sets, "--gate", ROOT / "docs" / "safety" / "gate.toml", out=tmp_path)

    assert done.exit_code == 0, done.output
