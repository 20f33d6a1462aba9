"""What a recipe costs, held against figures that are known from elsewhere."""

import pytest
from click.testing import CliRunner

from training.costs import GB, GPUS, architecture, costs, main, trained
from training.origins import read_recipe, resolve
from training.settings import StageSettings


def of(recipe, gpu="h200", **more):
    followed = read_recipe(recipe)
    settings = resolve(StageSettings, "", followed).values
    sizes = architecture(followed)
    return costs(sizes, settings, GPUS[gpu], **{"rows": 7000, "tokens": 1600, **more})


def test_the_adapter_of_an_8b_has_the_weights_that_peft_counts():
    followed = read_recipe("llama-3.1-8b")
    settings = resolve(StageSettings, "", followed).values

    # PEFT's print_trainable_parameters() for r=16 on all linear modules.
    assert trained(architecture(followed), settings) == 41_943_040


def test_an_8b_in_four_bits_fits_a_card_of_24_gb():
    found = of("llama-3.1-8b", "l4")

    assert 5 * GB < found.weights < 7 * GB
    assert found.memory < GPUS["l4"].memory


def test_a_70b_in_four_bits_fits_one_card_of_80_gb_and_not_in_sixteen():
    assert of("llama-3.1-70b", "h100").memory < GPUS["h100"].memory
    assert of("llama-3.1-70b-fsdp2", "h100").memory > GPUS["h100"].memory
    assert of("llama-3.1-70b-fsdp2", "h100", gpus=4).memory < GPUS["h100"].memory


def test_twice_the_cards_or_half_the_rows_take_half_the_time():
    whole = of("llama-3.1-8b").hours

    assert of("llama-3.1-8b", gpus=2).hours == pytest.approx(whole / 2)
    assert of("llama-3.1-8b", rows=3500).hours == pytest.approx(whole / 2)


def test_the_disk_holds_the_base_in_sixteen_bits():
    assert 141 * GB < of("llama-3.1-70b").disk < 160 * GB


@pytest.mark.parametrize(
    ("recipe", "gpu", "said"),
    [("llama-3.1-70b", "l4", "does NOT fit"), ("smollm2-135m", "l4", ": fits")],
)
def test_the_table_says_whether_it_fits(recipe, gpu, said):
    done = CliRunner().invoke(main, ["--recipe", recipe, "--gpu", gpu])

    assert done.exit_code == 0, done.output
    assert said in done.output


def test_what_a_recipe_says_of_the_sft_stage_alone_counts(tmp_path):
    file = tmp_path / "long.toml"
    file.write_text('preset = "llama-3.1-8b"\n[sft]\nepochs = 20\npacking = false\n')
    asked = ["--gpu", "h200", "--recipe"]

    usual = CliRunner().invoke(main, [*asked, "llama-3.1-8b"])
    longer = CliRunner().invoke(main, [*asked, str(file)])

    assert "time of the sft stage             55 min" in usual.output
    assert "time of the sft stage              9.1 h" in longer.output


def test_no_card_costs_nothing_to_divide_by():
    done = CliRunner().invoke(main, ["--recipe", "tiny", "--gpus", "0"])

    assert done.exit_code == 2


def test_a_recipe_without_sizes_has_no_costs(tmp_path):
    file = tmp_path / "bare.toml"
    file.write_text('stages = ["sft"]')

    done = CliRunner().invoke(main, ["--recipe", str(file)])

    assert done.exit_code == 1
    assert "no whole [architecture]" in done.output
