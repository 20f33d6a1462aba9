"""After training a recipe evaluates and releases, and does only what is left."""

import asyncio
import shutil
import sys

import pytest
from click.testing import CliRunner

from gateway.cli.train import train
from inference.collection import load_folder
from inference.knowledge import starter_folder
from inference.release import EVALUATION, read_release
from tests.evaluation.given import some
from tests.model_server import NAME, model_server
from tests.training.trained import BASE_SHA256, KEY
from training import measurement
from training.__main__ import main
from training.conclusion import conclude, read_conclusion
from training.measurement import Evaluated, command, environment
from training.origins import SettingsError, read_recipe
from training.runs import read_runs

GATE = """
[[require]]
data = "cases.jsonl"
metric = "under_triage"
at_most = {most}
"""


class Shop:
    """A recipe beside what was trained by it."""

    def __init__(self, trained):
        self.trained = trained
        self.folder = trained.folder
        self.cases = some(self.folder / "cases.jsonl")
        self.key = self.folder / "release.key"
        self.key.write_text(KEY.notation)
        self.gate = self.folder / "gate.toml"
        self.gate.write_text(GATE.format(most=0.9))
        self.config = self.folder / "gateway.toml"
        self.config.write_text("dev = true\n")
        self.python = sys.executable
        self.url = 'url = "http://127.0.0.1:9/v1"'

    @property
    def evaluation(self):
        return (
            f'[evaluation]\ncases = ["{self.cases}"]\nmodel = "{NAME}"\n'
            f'gate = "{self.gate}"\nconfig = "{self.config}"\n{self.url}\n'
        )

    @property
    def release(self):
        return f'[release]\nname = "tiny"\nversion = "1"\nkey = "{self.key}"\n'

    def recipe(self, text):
        file = self.folder / "mine.toml"
        file.write_text('preset = "tiny"\nstages = ["sft"]\n' + text)
        return read_recipe(str(file))

    def wanted(self, *tables, url=None):
        recipe = self.recipe("".join(tables))
        rows = self.trained.rows
        return read_conclusion(recipe, url=url, data=rows, python=self.python)

    def conclude(self, *tables, url=None):
        conclude(
            self.wanted(*tables, url=url),
            folder=self.trained.runs,
            data=self.trained.rows,
            python=self.python,
        )

    def evaluated(self):
        """Put an evaluation where the recipe's would be."""
        out = self.trained.runs / "evaluation"
        shutil.copytree(self.trained.evaluation, out)
        table = self.wanted(self.evaluation).evaluation
        measurement.note(table, read_runs(self.trained.runs), out)
        return out


@pytest.fixture
def shop(trained):
    return Shop(trained)


async def test_a_recipe_evaluates_what_a_server_serves_and_releases_it(
    shop, capfd, monkeypatch
):
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", "")
    knowledge = shop.folder / "knowledge"
    knowledge.mkdir()
    shutil.copy(starter_folder() / "chest-pain.md", knowledge)
    assert load_folder(knowledge)
    shop.config.write_text(f'dev = true\nknowledge = "{knowledge}"\n')

    async with model_server() as (model, url):
        await asyncio.to_thread(shop.conclude, shop.evaluation, shop.release, url=url)
        asked = len(model.prompts)
        await asyncio.to_thread(shop.conclude, shop.evaluation, shop.release, url=url)

    made = read_release(shop.trained.runs / "release", key=KEY.public)
    assert made.adapter.sha256 == shop.trained.adapter
    assert made.evaluation.models == (
        f"{NAME} sha256:{BASE_SHA256}+sha256:{shop.trained.adapter}",
    )
    assert asked == len(model.prompts) == 5
    out = capfd.readouterr().out
    assert "5 cases, 5 answers were asked for" in out
    assert out.count("nothing is left to do") == 2


def test_without_an_evaluation_nothing_is_released(shop, capsys):
    shop.conclude()

    assert "no [evaluation]: no release is made" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="A release needs an evaluation"):
        shop.wanted(shop.release)


def test_an_evaluation_alone_makes_no_release(shop, capsys):
    shop.evaluated()

    shop.conclude(shop.evaluation)

    assert "no [release]: no release is made" in capsys.readouterr().out


def test_an_evaluation_that_is_there_is_released(shop):
    shop.evaluated()

    shop.conclude(shop.evaluation, shop.release)

    made = read_release(shop.trained.runs / "release", key=KEY.public)
    assert (made.manifest.name, made.manifest.version) == ("tiny", "1")


def test_where_the_gate_falls_short_no_release_is_made_however_often(shop, capsys):
    out = shop.evaluated()
    short = {"requirement": "all right", "why": "", "found": 0.5, "holds": False}
    shop.trained.change(out / EVALUATION, lambda told: told["gate"].append(short))

    for _ in range(2):
        with pytest.raises(SystemExit, match="1"):
            shop.conclude(shop.evaluation, shop.release)

    assert "no release is made:\n  all right" in capsys.readouterr().err
    assert not (shop.trained.runs / "release").exists()


def test_an_evaluation_of_something_else_is_not_taken_for_this_one(shop):
    out = shop.evaluated()
    shop.gate.write_text(GATE.format(most=0.8))

    with pytest.raises(SettingsError, match="holds another evaluation"):
        shop.conclude(shop.evaluation)

    shop.gate.write_text(GATE.format(most=0.9))
    shop.conclude(shop.evaluation)
    with shop.cases.open("a") as cases:
        cases.write("\n")
    with pytest.raises(SettingsError, match="holds another evaluation"):
        shop.conclude(shop.evaluation)

    (out / "asked.json").write_text("{")
    with pytest.raises(SettingsError, match="holds another evaluation"):
        shop.conclude(shop.evaluation)


def test_another_release_is_never_written_over(shop):
    shop.evaluated()
    shop.conclude(shop.evaluation, shop.release)

    with pytest.raises(SettingsError, match="holds another release"):
        shop.conclude(shop.evaluation, shop.release.replace('"1"', '"2"'))


def test_an_evaluation_that_failed_says_so_and_leaves_nothing_to_release(
    shop, capfd, monkeypatch
):
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", "")
    shop.config.write_text("no_such_setting = 1\n")

    with pytest.raises(SystemExit, match="1"):
        shop.conclude(shop.evaluation, shop.release)

    assert "begin it anew" in capfd.readouterr().err
    assert not (shop.trained.runs / "release").exists()


def test_an_evaluation_lists_no_case_and_names_the_adapter_by_its_hash(shop):
    table = Evaluated(
        cases=("a", "b"), model="base:tiny", gate="g", limit=3, arms=("floor", "model")
    )
    runs = read_runs(shop.trained.runs)

    said = command(table, shop.folder / "out", "python")

    assert said[:6] == ["python", "-m", "gateway", "evaluate", "a", "b"]
    assert "--held-out" in said
    assert said[-4:] == ["--gate", "g", "--limit", "3"]
    told = environment(table, runs)
    assert told["TRIAGE_GATEWAY_MODEL_NAME"] == "base:tiny"
    assert told["TRIAGE_GATEWAY_MODEL_ADAPTER_SHA256"] == runs.adapter.sha256


def test_a_release_needs_its_gguf_file_before_the_first_question(shop):
    wanted = shop.release + f'gguf = "{shop.folder / "none.gguf"}"\n'

    with pytest.raises(SettingsError, match=r"no .*none\.gguf: make it of"):
        shop.conclude(shop.evaluation, wanted)

    assert not (shop.trained.runs / "evaluation").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda trained: trained.tell_rows(prompt="0"), "made for another prompt"),
        (
            lambda trained: (trained.rows / "sft" / "dev.jsonl").write_text("{}\n"),
            r"does not list sft/dev\.jsonl",
        ),
        (
            lambda trained: (trained.rows / "sft" / "train.jsonl").write_text("{}\n"),
            r"sft/train\.jsonl is not the one",
        ),
    ],
)
def test_rows_of_which_no_release_can_be_made_are_refused_before_training(
    shop, spoil, said
):
    spoil(shop.trained)

    with pytest.raises(SettingsError, match=said):
        shop.wanted(shop.evaluation, shop.release)


def test_a_gateway_that_is_no_program_is_missed_before_training(shop):
    shop.python = str(shop.folder / "none")

    with pytest.raises(SettingsError, match=r"none is no program: see --gateway"):
        shop.wanted(shop.evaluation)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("model", "modell"), r"\[evaluation\]"),
        (("http://127.0.0.1:9/v1", ""), "url of a server"),
        (("gate.toml", "none.toml"), "there is no .*none.toml"),
        (("release.key", "none.key"), "none.key cannot be read"),
        (('name = "tiny"', 'name = "Tiny"'), "A name is of small letters"),
        (("[release]", '[release]\ncard = "none.toml"'), "none.toml cannot be read"),
        (("[release]", "[release]\nversion = 1"), "cannot be read"),
    ],
)
def test_what_would_stop_the_end_is_refused_before_the_beginning(shop, change, said):
    text = (shop.evaluation + shop.release).replace(*change)

    with pytest.raises(SettingsError, match=said):
        shop.wanted(text)


def test_the_command_does_what_is_left_and_says_how_long_it_took(
    shop, monkeypatch, tmp_path
):
    stage = tmp_path / "stages"
    stage.mkdir()
    (stage / "done.py").write_text("print('trained')\n")
    monkeypatch.setenv("PYTHONPATH", str(stage))
    monkeypatch.setattr("training.__main__.STAGES", {"sft": ("done",)})
    shop.recipe("")
    said = ["--recipe", str(shop.folder / "mine.toml"), "--out", str(shop.folder)]

    done = CliRunner().invoke(main, [*said, "--data", str(shop.trained.rows)])

    assert done.exit_code == 0, done.output
    assert "Stage sft: 0.0 minutes." in done.output
    assert "no [evaluation]: no release is made" in done.output


def test_a_table_that_is_wrong_ends_the_command_before_training(shop):
    shop.recipe(shop.release)

    done = CliRunner().invoke(
        main,
        [f"--recipe={shop.folder / 'mine.toml'}", f"--data={shop.trained.rows}"],
    )

    assert done.exit_code == 1
    assert "A release needs an evaluation" in done.output
    assert "Stage" not in done.output


def test_the_gateway_tells_training_which_python_evaluates(tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ntest "$GATEWAY_PYTHON" = "{sys.executable}"\n')
    python.chmod(0o755)

    done = CliRunner().invoke(train, ["--recipe=tiny", "--python", str(python)])

    assert done.exit_code == 0
