"""Rows of training that are read, measured and counted."""

import json

import pytest

from training.account import body
from training.rows import COLUMNS, RowsError, all_there, measured, read, sha256

TURN = [{"role": "user", "content": "How urgent?"}]
ANSWER = [{"role": "assistant", "content": "{}"}]


def file(folder, *rows):
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_row_keeps_the_columns_of_its_stage_and_no_other(tmp_path):
    rows = file(tmp_path, {"prompt": TURN, "completion": ANSWER, "why": "a family"})

    assert read(rows, "sft") == [{"prompt": TURN, "completion": ANSWER}]


def test_what_a_reward_is_computed_from_becomes_text_once(tmp_path):
    judged = {"case": {"a": 1}, "floor": '{"b":2}', "acuity": 2, "passages": []}
    rows = file(tmp_path, {"prompt": TURN, **judged})

    assert read(rows, "grpo") == [
        {
            "prompt": TURN,
            "case": '{"a":1}',
            "floor": '{"b":2}',
            "acuity": 2,
            "passages": "[]",
        }
    ]


def test_the_first_rows_can_be_asked_for(tmp_path):
    rows = file(tmp_path, *[{"text": str(number)} for number in range(5)])

    assert [row["text"] for row in read(rows, "pretrain", most=2)] == ["0", "1"]
    assert len(sha256(rows)) == 64


@pytest.mark.parametrize("stage", COLUMNS)
def test_a_row_without_a_column_is_refused(stage, tmp_path):
    with pytest.raises(RowsError, match=rf"line 1 lacks .*, which {stage} needs"):
        read(file(tmp_path, {"other": 1}), stage)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "How urgent?", "completion": ANSWER}, "prompt is no list"),
        ({"prompt": [{"role": "user"}], "completion": ANSWER}, "prompt is no list"),
        ({"prompt": TURN, "completion": TURN}, "an answer must be the assistant's"),
        (5, "line 1 is no row"),
    ],
)
def test_turns_that_are_none_are_refused(row, said, tmp_path):
    with pytest.raises(RowsError, match=said):
        read(file(tmp_path, row), "sft")


def test_a_file_that_is_missing_empty_or_no_json_is_refused(tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")

    with pytest.raises(RowsError, match="cannot be read"):
        read(tmp_path / "none.jsonl", "sft")
    with pytest.raises(RowsError, match="has no row"):
        read(file(tmp_path), "sft")
    with pytest.raises(RowsError, match="line 1 is no JSON"):
        read(broken, "sft")


@pytest.mark.parametrize("mark", ["\u2028", "\x85"])
def test_a_mark_that_some_call_a_line_break_ends_no_row(mark, tmp_path):
    text = f"Since yesterday{mark}it hurts."

    rows = tmp_path / "train.jsonl"
    rows.write_bytes(body([{"text": text}]))

    assert read(rows, "pretrain") == [{"text": text}]


def test_rows_are_measured_and_none_may_be_too_long():
    rows = [{"text": "a" * size} for size in (3, 5, 4)]

    found = measured(rows, lambda row: len(row["text"]), most=5, name="dev")

    assert (found.rows, found.median, found.longest) == (3, 4, 5)
    with pytest.raises(RowsError, match=r"2 of 3 rows of dev are longer .* has 5"):
        measured(rows, lambda row: len(row["text"]), most=3, name="dev")


def test_rows_that_went_missing_are_told():
    all_there(3, 3, "train")

    with pytest.raises(RowsError, match="3 rows of train went in and 2 came out"):
        all_there(3, 2, "train")
