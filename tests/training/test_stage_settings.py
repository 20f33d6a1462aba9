"""Settings with their origins, and what no recipe may ask for."""

from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from training.origins import (
    PRESETS,
    REFUSED,
    SettingsError,
    given,
    options,
    read_recipe,
    resolve,
    setting,
    shown,
)
from training.settings import StageSettings


@dataclass(frozen=True, kw_only=True)
class Baking(StageSettings):
    """Oven."""

    heat: float = setting(180.0, "Degrees.")
    tins: tuple[str, ...] = setting(("small",), "Which.")
    fan: bool = setting(default=False, told="Moves the air.")


def recipe(folder, text):
    file = folder / "cake.toml"
    file.write_text(text)
    return read_recipe(str(file))


def test_the_command_line_comes_before_the_recipe_before_the_preset(tmp_path):
    followed = recipe(
        tmp_path, 'preset = "tiny"\n[model]\nalpha = 2\n[sft]\nheat = 200\nrank = 3\n'
    )

    found = resolve(Baking, "sft", followed, {"rank": 5})

    assert found.values.heat == 200.0
    assert (found.values.rank, found.origins["rank"]) == (5, "command line")
    assert (found.values.alpha, found.origins["alpha"]) == (2, "recipe cake")
    assert (found.values.batch, found.origins["batch"]) == (2, "preset tiny")
    assert (found.values.fan, found.origins["fan"]) == (False, "default")


def test_every_setting_is_shown_with_its_origin_under_its_theme(tmp_path):
    lines = list(shown(resolve(Baking, "sft", recipe(tmp_path, "[sft]\nheat = 1"))))

    assert "  heat               = 1.0  (recipe cake)" in lines
    assert "  rank               = 16  (default)" in lines
    assert lines[lines.index("Oven:") + 1].startswith("  heat ")
    assert [line for line in lines if line.endswith(":")] == [
        "Model and adapter:",
        "Optimisation, schedule and records:",
        "Oven:",
    ]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_would_be_served_otherwise_than_trained_is_refused(name, tmp_path):
    followed = recipe(tmp_path, f"[model]\n{name} = true")

    with pytest.raises(SettingsError, match=rf"{name} is refused: "):
        resolve(Baking, "sft", followed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[model]\nrang = 3", "there is no setting rang"),
        ('[model]\nrank = "3"', "rank must be of type int"),
        ("[run]\nepochs = true", "epochs must be of type float"),
        ("rank = 3", "rank must stand in a table"),
        ("[stf]\nrank = 3", r"cake\.toml: there is no table stf"),
        ("rank = ", "cake.toml cannot be read"),
        ('preset = "giant"', "There is no preset giant; there are: .*tiny"),
    ],
)
def test_a_recipe_with_a_slip_is_refused(text, said, tmp_path):
    with pytest.raises(SettingsError, match=said):
        resolve(Baking, "sft", recipe(tmp_path, text))


def test_a_recipe_that_is_not_there_is_told_from_those_that_are():
    with pytest.raises(SettingsError, match=r"There is no recipe lasagne; .*tiny"):
        read_recipe("lasagne")


def test_each_setting_is_an_option_of_its_command():
    asked = {}

    @click.command()
    @options(Baking)
    def bake(**told):
        asked.update(given(told))

    done = CliRunner().invoke(
        bake, ["--heat", "9", "--fan", "--tins", "large, round", "--rank", "2"]
    )

    assert done.exit_code == 0, done.output
    assert asked == {"heat": 9.0, "fan": True, "tins": ("large", "round"), "rank": 2}


@pytest.mark.parametrize("preset", sorted(each.stem for each in PRESETS.glob("*.toml")))
def test_every_preset_is_followed_and_stays_small(preset, tmp_path):
    followed = recipe(tmp_path, f'preset = "{preset}"')

    assert resolve(StageSettings, "sft", followed).values.rank <= 16
