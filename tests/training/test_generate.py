"""The command that writes synthetic cases."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner

from gateway.evaluation.reading import read
from training import corpus
from training.corpus import SHARES, Texts, examples, splits
from training.families import FAMILIES
from training.generate import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("generated") / "cases"
    done = CliRunner().invoke(
        main, ["--cases", "300", "--seed", "5", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    return out


def test_every_line_is_a_case_that_evaluation_reads(folder):
    sets = [read(folder / f"{split}.jsonl")[0] for split in ("train", "dev", "test")]

    assert sum(len(each.cases) for each in sets) == 300
    assert all(case.truth and case.provenance for each in sets for case in each.cases)


def test_families_are_not_shared_between_the_splits(folder):
    named = [
        {
            json.loads(line)["cluster"]
            for line in (folder / f"{split}.jsonl").read_text().splitlines()
        }
        for split in ("train", "dev", "test")
    ]

    assert not named[0] & named[1]
    assert not named[0] & named[2]
    assert not named[1] & named[2]


def test_the_manifest_says_what_was_made(folder):
    told = json.loads((folder / "manifest.json").read_text())

    assert told["counts"]["cases"] == 300
    assert set(told["sha256"]) == {"train.jsonl", "dev.jsonl", "test.jsonl"}
    assert told["sources"].keys() == {family.name for family in FAMILIES}


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    again = tmp_path / "again"
    CliRunner().invoke(main, ["--cases", "300", "--seed", "5", "--out", str(again)])

    for file in folder.iterdir():
        assert file.read_bytes() == (again / file.name).read_bytes()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    done = CliRunner().invoke(main, ["--cases", "5", "--out", str(tmp_path)])

    assert done.exit_code == 2
    assert "is not empty" in done.output


def test_every_level_gets_its_share():
    made = examples(200, seed=1)

    counts = Counter(example.drawn.acuity for example in made)

    assert all(abs(counts[level] - 200 * share) <= 2 for level, share in SHARES.items())


def test_dev_and_test_hold_families_of_every_level():
    split_of = splits(FAMILIES, seed=7)

    for split in ("dev", "test"):
        levels = {
            degree.acuity
            for family in FAMILIES
            if split_of[family.name] == split
            for degree in family.degrees
        }
        assert len(levels) == 5
    assert Counter(split_of.values())["train"] > 0.7 * len(FAMILIES)


def test_a_text_that_nearly_repeats_another_is_found():
    texts = Texts()
    said = "a heavy pressure on my chest since this morning and cold sweats with it"

    assert texts.is_new(said)
    assert not texts.is_new(said)
    assert not texts.is_new(f"{said} now")
    assert texts.is_new("one swollen, sore calf for two days")
    assert texts.is_new("cough")
    assert not texts.is_new("Cough!")


def test_families_that_have_no_more_to_say_end_the_drawing(monkeypatch):
    monkeypatch.setattr(corpus, "ALIKE", 0.0)  # whatever shares a word is the same

    with pytest.raises(RuntimeError, match="ask for fewer cases"):
        examples(30, seed=1)
