"""Splits do not repeat each other, and no evaluation set is trained on."""

import json

import pytest

from training.separation import Evaluated, UnreadableSetError, apart

LONG = "a tearing pain between the shoulder blades that began while lifting a box"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "set.jsonl",
            json.dumps({"case": {"said": [{"text": LONG}], "n": 1}}) + "\n\n",
        ),
        ("set.jsonl", json.dumps({"said": f"{LONG}\u2028"}, ensure_ascii=False)),
        ("set.json", json.dumps([LONG])),
        ("set.csv", f'1,"{LONG}",yes\n'),
        ("set.yaml", f"id: x\n\nsaid: |\n  {LONG}\n"),
        ("set.txt", LONG),
    ],
)
def test_a_run_of_words_of_an_evaluation_set_is_found(tmp_path, name, content):
    (tmp_path / name).write_text(content)

    for path in (tmp_path, tmp_path / name):
        evaluated = Evaluated([path])

        assert evaluated.texts >= 1
        assert evaluated.touches(f"Since today I have {LONG.upper()}, and nausea.")
        assert not evaluated.touches("a tearing pain that began while lifting a child")


def test_a_short_text_is_found_as_a_whole_and_a_shorter_one_is_anybody_s(tmp_path):
    (tmp_path / "set.csv").write_text("pain in the left arm\nchest pain\n")

    evaluated = Evaluated([tmp_path])

    assert evaluated.touches("sudden pain in the left arm today")
    assert not evaluated.touches("chest pain")


def test_a_set_without_text_is_refused(tmp_path):
    (tmp_path / "scan.png").write_bytes(b"x")

    with pytest.raises(UnreadableSetError, match="kept apart"):
        Evaluated([tmp_path])


def test_a_set_that_is_damaged_is_refused(tmp_path):
    (tmp_path / "set.jsonl").write_text('{"said": "a tea')

    with pytest.raises(UnreadableSetError, match=r"set\.jsonl is not JSON"):
        Evaluated([tmp_path])


def test_no_set_touches_nothing():
    assert not Evaluated([]).touches(LONG)


def test_the_test_split_keeps_what_train_repeats():
    kept, left = apart(
        [("train", LONG, "a"), ("test", f"{LONG} now", "b"), ("dev", "a cough", "c")]
    )

    assert kept == ["b", "c"]
    assert left == 1
