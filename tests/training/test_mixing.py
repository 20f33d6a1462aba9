"""Which clinic cases are taken, and how many of each source."""

import json
from functools import partial

import pytest

from tests.audit.test_training import ward, written
from training import questions, rows
from training.mixing import (
    clinic_items,
    public_questions,
    public_split,
    sample,
    wanted,
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clinic")
    with ward(folder) as one:
        for number in range(10):
            one.decided(number)
    written(folder)
    return folder / "out"


def edited(exported, copy, change):
    """Copy an export, with its lines changed and its manifest true of them."""
    copy.mkdir()
    read = (exported / "cases.jsonl").read_text().splitlines()
    those = [json.loads(line) for line in read]
    for number, line in enumerate(those):
        change(number, line)
    (copy / "cases.jsonl").write_text("".join(json.dumps(e) + "\n" for e in those))
    known = json.loads((exported / "manifest.json").read_text())
    known["files"]["cases.jsonl"]["sha256"] = rows.sha256(copy / "cases.jsonl")
    (copy / "manifest.json").write_text(json.dumps(known))
    return copy


def test_a_decision_below_the_floor_is_not_taught(exported, tmp_path):
    def calmer(number, line):
        line["decision"]["acuity"] = 5 if number < 3 else line["floor"]["acuity"]

    items, left = clinic_items(edited(exported, tmp_path / "export", calmer))

    assert left["decided below the floor"] == 3
    assert all(each.lesson.acuity <= each.lesson.floor.acuity for each in items)


def test_an_earlier_case_of_a_patient_of_the_test_is_left_out(exported, tmp_path):
    def one_patient(number, line):
        line["person"] = "1f"
        line["tenth"] = number

    items, left = clinic_items(edited(exported, tmp_path / "export", one_patient))

    assert left == {"patient of the test": 8}
    assert {each.split for each in items} == {"test"}


def test_sources_are_taken_in_proportion_and_never_filled_up():
    assert wanted(7000, "clinic") == 2000
    assert wanted(7000, "public") == 1000
    assert sample([1, 2, 3], 5, seed=1) == [1, 2, 3]
    assert sample(range(100), 5, seed=1) == sorted(sample(range(100), 5, seed=1))


def test_public_questions_are_read_and_split_by_their_text(tmp_path):
    one = {"opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": 1}
    file = tmp_path / "medmcqa.jsonl"
    file.write_text(
        "".join(
            json.dumps({**one, "question": f"Which is {n}?"}) + "\n" for n in range(99)
        )
    )

    read = public_questions([(file, partial(questions.medmcqa, first=1))])

    assert len(read) == 99
    assert {public_split(each) for each in read} == {"train", "dev", "test"}
