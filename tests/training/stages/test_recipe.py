"""`triage-gateway train`: every stage of a recipe, in the training environment."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gateway.cli.train import train
from training import settings
from training.__main__ import STAGES, check, started
from training.origins import RECIPES, SettingsError, read_recipe, resolve
from training.rows import RowsError

RECIPE = 'preset = "tiny"\nstages = ["sft", "dpo"]\n[run]\nmax_steps = 1\n'


def test_every_stage_runs_in_order_and_again_does_what_is_left(
    python, environment, inside, tmp_path
):
    _, where = inside("prefer")
    recipe = tmp_path / "mine.toml"
    recipe.write_text(RECIPE)
    command = [
        *(sys.executable, "-m", "gateway", "train", "--recipe", str(recipe)),
        *("--python", str(python), "--base", str(where / "base")),
        *("--data", str(where / "rows"), "--out", str(tmp_path / "runs")),
    ]

    first, second = (
        subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        for _ in range(2)
    )

    assert first.returncode == 0, first.stderr[-3000:]
    assert "max_steps          = 1  (recipe mine)" in first.stdout
    assert "learning_rate      = 0.002  (preset tiny)" in first.stdout
    adapter = tmp_path / "runs" / "mine" / "dpo" / "adapter"
    assert (adapter / "adapter_model.safetensors").is_file()
    record = json.loads((adapter.parent / "run.json").read_text())
    before = json.loads((tmp_path / "runs" / "mine" / "sft" / "run.json").read_text())
    assert record["from"] == before["adapter"]
    assert second.returncode == 0, second.stderr[-3000:]
    assert second.stdout.count("nothing is left to do") == 2


def test_without_its_environment_the_command_says_what_to_do(tmp_path):
    done = CliRunner().invoke(
        train, ["--recipe", "tiny", "--python", str(tmp_path / "none")]
    )

    assert done.exit_code == 1
    assert "make training" in done.output


def test_a_file_that_is_no_program_is_no_python(tmp_path):
    text = tmp_path / "python"
    text.write_text("no program")

    done = CliRunner().invoke(train, ["--recipe", "tiny", "--python", str(text)])

    assert done.exit_code == 1
    assert "does not start (PermissionError)" in done.output


@pytest.mark.parametrize("recipe", sorted(each.stem for each in RECIPES.glob("*.toml")))
def test_a_recipe_names_stages_that_there_are(recipe):
    assert set(read_recipe(recipe).stages) <= STAGES.keys()


@pytest.mark.parametrize("recipe", sorted(each.stem for each in RECIPES.glob("*.toml")))
def test_no_stage_of_a_recipe_has_settings_that_it_refuses(recipe, monkeypatch):
    monkeypatch.setattr(settings, "_PACKAGES", {})
    followed = read_recipe(recipe)
    found = {
        stage: resolve(settings.KINDS[stage], stage, followed).values
        for stage in followed.stages
    }

    assert [each.check() for each in found.values()] == [None] * len(found)


@pytest.mark.parametrize("recipe", ["smollm2-135m", "llama-3.1-8b", "meditron-70b"])
@pytest.mark.parametrize("stage", ["dpo", "kto", "grpo"])
def test_what_prefers_learns_slower_than_what_imitates(recipe, stage):
    followed = read_recipe(recipe)
    sft = resolve(settings.SftSettings, "sft", followed).values
    later = resolve(settings.KINDS[stage], stage, followed)

    assert later.values.learning_rate < sft.learning_rate / 5
    assert later.origins["learning_rate"] == "default"


@pytest.mark.parametrize("recipe", ["smollm2-135m", "tiny"])
def test_rows_that_a_later_stage_lacks_are_missed_before_the_first(recipe, tmp_path):
    followed = read_recipe(recipe)
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / "train.jsonl").touch()

    with pytest.raises(RowsError, match=r"no dpo/train.jsonl, kto/train.jsonl"):
        check(followed, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('stages = ["distil"]', "the recipe has distil"),
        ("stages = []", "the recipe has none"),
        ('stages = ["sft", "sft"]', "each stage once"),
        ('stages = ["sft"]\n[sft]\nrang = 4', "there is no setting rang"),
        (
            'stages = ["sft", "grpo"]\n[grpo]\ngenerations = 7',
            "a multiple of",
        ),
        ('stages = ["sft", "kto"]\n[kto]\nbatch = 1', "kto compares the rows"),
        ('stages = ["sft"]\n[model]\ntemplate = "no.jinja"', "no template no.jinja"),
        ('stages = ["sft"]\n[run]\ntracker = "wandb"', "tracker must be one of"),
        ('stages = ["sft"]\nlaunch = "slurm"', r"no training/launch/slurm\.yaml"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(text, said, tmp_path):
    file = tmp_path / "odd.toml"
    file.write_text(text)
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / "train.jsonl").touch()

    with pytest.raises(SettingsError, match=said):
        check(read_recipe(str(file)), tmp_path)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('launch = "zero3"', "zero3"),
        ('[model]\nquantisation = "nf4"', "nf4"),
        ('[run]\ntracker = "trackio"', "trackio"),
    ],
)
def test_a_package_that_a_recipe_needs_is_missed_before_training(
    text, named, tmp_path, monkeypatch
):
    monkeypatch.setitem(settings._PACKAGES, named, "there_is_none")
    file = tmp_path / "mine.toml"
    file.write_text(f'stages = ["sft"]\n{text}')
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / "train.jsonl").touch()

    with pytest.raises(SettingsError, match=f"{named} needs the package there_is_none"):
        check(read_recipe(str(file)), tmp_path)


def test_a_sharded_recipe_is_started_by_accelerate():
    one = started(read_recipe("llama-3.1-8b"), 0)
    several = started(read_recipe("llama-3.1-70b-fsdp2"), 4)

    assert one == [sys.executable, "-m"]
    assert "accelerate.commands.launch" in several
    assert several[-3:] == ["--num_processes", "4", "-m"]
