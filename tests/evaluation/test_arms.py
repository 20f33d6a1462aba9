"""Rules, a model without evidence, with its own, and with the right evidence."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.evaluate import evaluate
from gateway.evaluation.assessors import Assessor
from inference.collection import collect
from inference.embedded_model import EmbeddedModelError, weights_path
from inference.knowledge import starter_folder
from tests.absent import absent
from tests.evaluation.given import GRAVE, WELL, bundle, line, written
from tests.model_server import NAME, model_server, obedient
from training import gold

ROOT = Path(__file__).resolve().parents[2]
SYNTHETIC = ROOT / "tests" / "assets" / "evaluation" / "gold.jsonl"
EVERY_ARM = "floor,model-bare,model,model-gold"
AORTA = "chest-pain#pain-that-points-to-the-aorta"
TIMES = ("milliseconds", "seconds")


@pytest.fixture(autouse=True)
def _no_settings_file(monkeypatch):
    """The command names its settings file to the process, which the tests share."""
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", "")


def run(*said, out):
    return CliRunner().invoke(evaluate, [*map(str, said), "--out", str(out)])


def told(out):
    return json.loads((out / "evaluation.json").read_bytes())


def page(out):
    return (out / "evaluation.html").read_text()


def three(path):
    """Write a case under-triaged by the rules, one right, one without its passage."""
    return written(
        path,
        [
            line("a", bundle("chest pain", *WELL), label={"level": 1}, gold=[AORTA]),
            line("b", bundle("chest pain", GRAVE), label={"level": 2}, gold=[AORTA]),
            line("c", bundle("chest pain", GRAVE)),
        ],
    )


def grave(schema):
    """Answer level 1 with a reason that the checks pass, quoted where that is asked."""
    reason = schema["properties"]["reasons"]["items"]["properties"]
    alone = None if "evidence" in reason else "Chest pain is reported."
    return obedient(schema, 1, alone)


def adapted(asked):
    """Say whether the last prompt was for the model with its adapter."""
    return asked.model.prompts[-1]["model"].endswith(":triage")


class Asked:
    """A scripted server, and one document for knowledge so that the index is quick."""

    def __init__(self, model, url, folder):
        self.model = model
        self.folder = folder
        knowledge = folder / "knowledge"
        knowledge.mkdir(exist_ok=True)
        shutil.copy(starter_folder() / "chest-pain.md", knowledge)
        self.config = folder / "gateway.toml"
        self.config.write_text(
            f'dev = true\nmodel_url = "{url}"\nmodel_name = "{NAME}"\n'
            f'knowledge = "{knowledge}"\n'
        )

    async def evaluate(self, *said):
        return await asyncio.to_thread(
            run, *said, "--config", self.config, out=self.folder
        )


@pytest.fixture
async def asked(tmp_path):
    async with model_server() as (model, url):
        yield Asked(model, url, tmp_path)


def by_name(rows, key="assessor"):
    return {each[key]: each for each in rows}


async def test_every_arm_is_measured_on_the_same_cases(asked, tmp_path):
    asked.model.write = grave

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", EVERY_ARM)

    assert done.exit_code == 0, done.output
    (data,) = told(tmp_path)["data"]
    assert list(data["levels"]) == [*EVERY_ARM.split(","), "combined"]
    assert data["levels"]["model-bare"] == [3, 0, 0, 0, 0, 0]
    assert data["levels"]["model-gold"] == [2, 0, 0, 0, 0, 0]
    behaved = by_name(data["conduct"])
    assert behaved["model-bare"]["passages"]["value"] == 0
    assert behaved["model-bare"]["quoted"]["value"] == 0
    assert behaved["model"]["passages"]["value"] > 1
    assert behaved["model"]["quoted"]["value"] == 1
    assert (behaved["model-gold"]["cases"], behaved["model"]["cases"]) == (2, 3)
    assert "model-gold is of the 2 of 3 cases" in page(tmp_path)


async def test_each_arm_sees_the_evidence_that_it_is_named_after(asked, tmp_path):
    cases = written(tmp_path / "a.jsonl", [line("a", bundle("fever"), gold=[AORTA])])

    await asked.evaluate(cases, "--arms", "model-gold")
    await asked.evaluate(cases, "--arms", "model-bare")

    right, bare = (each["messages"][1]["content"] for each in asked.model.prompts)
    assert "[E1]" in right
    assert "aort" in right
    assert "No passage is available" in bare


async def test_knowledge_in_force_today_is_shown_for_a_case_of_another_century(
    asked, tmp_path
):
    ancient = line("a", bundle("chest pain"), label={"level": 2})
    ancient["at"] = "2180-03-01T12:00:00Z"

    await asked.evaluate(written(tmp_path / "a.jsonl", [ancient]), "--arms", "model")

    (model,) = told(tmp_path)["data"][0]["conduct"]
    assert model["passages"]["value"] == 3
    assert "in force on the day of the evaluation" in page(tmp_path)


async def test_a_raise_is_held_to_the_label(asked, tmp_path):
    asked.model.write = grave

    await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", EVERY_ARM)

    (data,) = told(tmp_path)["data"]
    bare = by_name(data["conduct"])["model-bare"]
    assert bare["raises"] == {
        "right": 1,
        "too_far": 0,
        "wrong": 1,
        "left": 0,
        "unlabelled": 1,
    }
    assert (bare["raised"]["count"], bare["calmer"]["count"]) == (3, 0)


async def test_what_each_part_adds_is_a_paired_difference(asked, tmp_path):
    asked.model.write = grave

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", EVERY_ARM)

    gains = {
        (each["first"], each["second"]): each["figures"]
        for each in told(tmp_path)["data"][0]["gains"]
    }
    assert set(gains) == {
        ("floor", "model"),
        ("floor", "combined"),
        ("floor", "combined-bare"),
        ("combined-bare", "combined"),
        ("combined", "combined-gold"),
        ("model-bare", "model"),
        ("model", "model-gold"),
    }
    assert gains["floor", "combined"]["under_triage"]["value"] == -0.5
    assert gains["combined-bare", "combined"]["under_triage"]["value"] == 0
    assert gains["combined", "combined-gold"]["answered"]["total"] == 2
    assert "This is what evidence adds to rules and model." in page(tmp_path)
    assert "what the model adds to the rules: answered" in " ".join(done.stdout.split())
    assert "though of n cases up to" in page(tmp_path)


async def test_where_no_case_names_its_passages_the_arm_is_left_out_and_said(
    asked, tmp_path
):
    cases = written(tmp_path / "a.jsonl", [line("a", label={"level": 4})])

    done = await asked.evaluate(cases, "--arms", EVERY_ARM)

    assert done.exit_code == 0, done.output
    (data,) = told(tmp_path)["data"]
    assert "model-gold" not in data["levels"]
    assert "model-gold is left out: no case here names" in page(tmp_path)


async def test_a_passage_that_nobody_knows_is_named(asked, tmp_path):
    cases = written(tmp_path / "a.jsonl", [line("a", gold=["chest-pain#no-such"])])

    done = await asked.evaluate(cases, "--arms", "model-gold")

    assert done.exit_code == 1
    assert "Case a names the passage chest-pain#no-such" in done.stderr


async def test_a_document_that_is_refused_ends_the_ablation(asked, tmp_path):
    (tmp_path / "knowledge" / "broken.md").write_text("no facts, no citation")

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", "model-gold")

    assert done.exit_code == 1
    assert "broken.md" in done.stderr


async def test_answers_that_break_the_schema_are_counted_apart(asked, tmp_path):
    asked.model.content = "I would rather not."

    await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", "floor,model")

    (model,) = told(tmp_path)["data"][0]["conduct"]
    assert model["outcomes"]["unreadable"] == 3
    assert model["obedient"]["count"] == 0
    assert model["guards"] == {"readable": 3}
    assert model["seconds"]["total"] == 3


async def test_a_model_that_cannot_assess_and_one_that_is_withheld(asked, tmp_path):
    cases = three(tmp_path / "a.jsonl")
    asked.model.acuity = "cannot_assess"
    await asked.evaluate(cases, "--arms", "floor,model")
    unsure = told(tmp_path)["data"][0]["conduct"][0]
    (tmp_path / "answers.jsonl").unlink()
    asked.model.write = lambda schema: obedient(schema, 2, "Take 400 mg of ibuprofen.")

    await asked.evaluate(cases, "--arms", "floor,model")

    withheld = told(tmp_path)["data"][0]["conduct"][0]
    assert unsure["cannot_assess"]["count"] == 3
    assert unsure["withheld"]["count"] == 0
    assert withheld["withheld"]["count"] == 3
    assert withheld["guards"]["no-reason-left"] == 3
    assert (unsure["echoed"], withheld["echoed"]["total"]) == (None, 3)
    assert withheld["reasons"]["value"] == 0


async def test_a_model_that_is_out_of_reach_is_counted(asked, tmp_path):
    asked.model.status = 400

    await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", "floor,model")

    (data,) = told(tmp_path)["data"]
    (model,) = data["conduct"]
    assert model["outcomes"]["no-answer"] == 3
    assert model["obedient"] is model["seconds"] is model["cached"] is None
    assert data["levels"]["combined"] == data["levels"]["floor"]


async def test_an_adapter_is_compared_with_its_base_and_with_the_commonest_level(
    asked, tmp_path
):
    asked.config.write_text(asked.config.read_text().replace(NAME, f"{NAME}:triage"))
    asked.model.write = lambda schema: grave(schema) if adapted(asked) else "no answer"

    done = await asked.evaluate(
        three(tmp_path / "a.jsonl"), "--arms", "floor,majority,model-base,model"
    )

    assert done.exit_code == 0, done.output
    (data,) = told(tmp_path)["data"]
    assert data["levels"]["majority"] == [3, 0, 0, 0, 0, 0]  # of 1 and 2 the graver
    assert data["levels"]["model-base"] == [0, 0, 0, 0, 0, 3]
    base, model = (by_name(data["assessments"])[e] for e in ("model-base", "model"))
    assert base["overall"]["exact_of_all"]["count"] == 0
    assert model["overall"]["exact_of_all"]["count"] == 1
    gains = {(each["first"], each["second"]): each["figures"] for each in data["gains"]}
    added = gains["model-base", "model"]["exact_of_all"]
    assert (added["value"], added["total"]) == (0.5, 2)
    assert (tmp_path / "answers-base.jsonl").is_file()


async def test_a_model_without_an_adapter_has_no_base(asked, tmp_path):
    cases = three(tmp_path / "a.jsonl")

    done = await asked.evaluate(cases, "--arms", "model-base,model")

    assert done.exit_code == 1
    assert "model-base needs a model with an adapter" in done.stderr


async def test_a_run_that_broke_off_goes_on_where_it_was(asked, tmp_path):
    cases = three(tmp_path / "a.jsonl")
    await asked.evaluate(cases, "--arms", EVERY_ARM)
    before, first = len(asked.model.prompts), told(tmp_path)
    kept = tmp_path / "answers.jsonl"
    *whole, last = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(whole) + last[:40])

    done = await asked.evaluate(cases, "--arms", EVERY_ARM)

    assert len(asked.model.prompts) == before + 1
    assert f"answers come from {kept}, 1 were asked" in done.stderr
    assert first["data"][0]["gains"] == told(tmp_path)["data"][0]["gains"]
    assert len(kept.read_bytes().splitlines()) == before


async def test_only_its_owner_may_read_what_a_model_said(asked, tmp_path):
    await asked.evaluate(three(tmp_path / "a.jsonl"), "--arms", "floor,model")

    assert (tmp_path / "answers.jsonl").stat().st_mode & 0o077 == 0


async def test_of_held_out_cases_no_answer_is_kept(asked, tmp_path):
    cases = written(tmp_path / "a.jsonl", [line("a", split="held-out")])

    await asked.evaluate(cases, "--held-out", "--arms", "floor,model")

    assert not (tmp_path / "answers.jsonl").exists()
    assert len(asked.model.prompts) == 1


async def test_answers_of_another_model_are_never_mixed_in(asked, tmp_path):
    cases = three(tmp_path / "a.jsonl")
    await asked.evaluate(cases, "--arms", "model-bare")
    kept = tmp_path / "answers.jsonl"
    body = kept.read_bytes()
    kept.write_bytes(body.replace(b"weights-1", b"weights-0"))

    done = await asked.evaluate(cases, "--arms", "model-gold")

    assert done.exit_code == 1
    assert "weights-0) than the one that answers now" in done.stderr


@pytest.mark.parametrize("bad", ["no JSON\n", '{"key": "k"}\n'])
async def test_a_file_that_holds_no_answers_is_refused(asked, tmp_path, bad):
    (tmp_path / "answers.jsonl").write_text(bad)

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--model")

    assert done.exit_code == 1
    assert "is no file of answers" in done.stderr


async def test_a_file_that_cannot_be_read_is_refused(asked, tmp_path):
    (tmp_path / "answers.jsonl").mkdir()

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--model")

    assert done.exit_code == 1
    assert "cannot be read" in done.stderr


async def test_a_disk_without_room_for_answers_is_said(asked, tmp_path):
    (tmp_path / "answers.jsonl").symlink_to(tmp_path / "nowhere" / "answers.jsonl")

    done = await asked.evaluate(three(tmp_path / "a.jsonl"), "--model")

    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def many(path, count=20):
    return written(path, [line(f"n{n:02}", label={"level": 4}) for n in range(count)])


def test_a_sample_is_said_and_the_same_seed_draws_it_again(tmp_path):
    cases = many(tmp_path / "a.jsonl")

    runs = {
        name: run(cases, "--limit", 5, "--seed", seed, out=tmp_path / name)
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    }

    drawn = {
        name: [each["id"] for each in told(tmp_path / name)["data"][0]["predictions"]]
        for name in runs
    }
    assert len(drawn["a"]) == 5
    assert drawn["a"] == drawn["b"] == sorted(drawn["a"])
    assert drawn["a"] != drawn["c"]
    assert "5 of 20 cases, drawn with seed 3" in page(tmp_path / "a")


def test_a_data_set_that_is_small_enough_is_taken_whole(tmp_path):
    run(many(tmp_path / "a.jsonl"), "--limit", 20, out=tmp_path)

    assert told(tmp_path)["data"][0]["total"] == 20
    assert "random sample" not in page(tmp_path)


@pytest.mark.parametrize(
    "said", [("--model",), ("--both",), ("--bias",)], ids=lambda said: said[0]
)
def test_arms_and_the_shorter_ways_to_name_them_do_not_mix(tmp_path, said):
    done = run(many(tmp_path / "a.jsonl"), "--arms", "floor", *said, out=tmp_path)

    assert done.exit_code == 2
    assert "not together" in done.stderr


def test_an_arm_that_nobody_knows_is_named(tmp_path):
    done = run(many(tmp_path / "a.jsonl"), "--arms", "floor,oracle", out=tmp_path)

    assert done.exit_code == 2
    assert "'oracle' is none of floor, majority, model-base, model-bare" in done.stderr


def test_arms_may_be_the_rules_alone(tmp_path):
    done = run(many(tmp_path / "a.jsonl"), "--arms", "floor", out=tmp_path)

    assert done.exit_code == 0
    assert list(told(tmp_path)["data"][0]["levels"]) == [Assessor.FLOOR]


def test_every_passage_that_is_gold_is_in_the_starter_knowledge():
    known = {
        passage.id
        for document in collect([starter_folder()]).documents
        for passage in document.passages
    }

    named = {each for of_family in gold.table().values() for each in of_family}
    used = {
        each
        for one in SYNTHETIC.read_bytes().splitlines()
        for each in json.loads(one)["gold"]
    }

    assert named <= known
    assert used <= known


def test_cases_with_their_passages_are_drawn_and_read(tmp_path):
    path = tmp_path / "gold.jsonl"
    drawn = CliRunner().invoke(
        gold.main, ["--cases", "3", "--seed", "5", "--out", str(path)]
    )

    done = run(path, out=tmp_path)

    assert (drawn.exit_code, done.exit_code) == (0, 0), drawn.output + done.output
    assert told(tmp_path)["data"][0]["total"] == 3
    assert all(json.loads(each)["gold"] for each in path.read_bytes().splitlines())


def test_the_embedded_model_answers_without_evidence_and_with_the_right(tmp_path):
    """The real model on two cases: slow, and the only proof that the parts fit."""
    try:
        weights_path()
    except EmbeddedModelError:
        absent("The embedded model's weights are not installed.")
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    shutil.copy(starter_folder() / "chest-pain.md", knowledge)
    config = tmp_path / "gateway.toml"
    config.write_text(
        f'dev = true\nmodel_timeout_seconds = 300\nknowledge = "{knowledge}"\n'
    )
    cases = written(
        tmp_path / "a.jsonl",
        [
            line("a", bundle("chest pain"), label={"level": 2}, gold=[AORTA]),
            line("b", bundle("sprained finger", *WELL), label={"level": 4}),
        ],
    )

    done = run(
        *(cases, "--arms", "floor,model-bare,model-gold", "--config", config),
        out=tmp_path,
    )

    assert done.exit_code == 0, done.output
    (data,) = told(tmp_path)["data"]
    behaved = by_name(data["conduct"])
    assert behaved["model-bare"]["outcomes"]["no-answer"] == 0
    assert behaved["model-bare"]["obedient"]["count"] == 2
    assert behaved["model-bare"]["echoed"]["total"] == 2
    assert behaved["model-gold"]["passages"]["value"] == 1
    assert behaved["model-gold"]["seconds"]["total"] == 1
