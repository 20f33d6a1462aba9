"""Rows of training: read, checked, measured and counted before a model sees them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Row = Mapping[str, Any]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "pretrain": ("text",),
    "sft": ("prompt", "completion"),
    "dpo": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "completion", "label"),
    "grpo": ("prompt", "case", "floor", "acuity", "passages"),
}
"""What a row of each stage must have. `prompt` and completions are chat messages."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(COLUMNS, ("train",)),
    "pretrain": ("train", "general"),
}
"""The files of rows without which a stage cannot run; each reads `dev`, too."""
TURNS: Final = ("completion", "chosen", "rejected")
_NESTED: Final = ("case", "floor", "passages")


class RowsError(Exception):
    """Rows that cannot be trained on; the sentence says which, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Tokens of the rows: how many rows, the median, the longest."""

    rows: int
    median: int
    longest: int


def files(data: Path, *stages: str) -> dict[str, Path]:
    """Return the files that stages read, by STAGE/train, STAGE/dev and their like.

    Raises:
        RowsError: one that they need is not there.

    """
    found = {
        f"{stage}/{name}": data / stage / f"{name}.jsonl"
        for stage in stages
        for name in (*NEEDED[stage], "dev")
    }
    there = {name: file for name, file in found.items() if file.is_file()}
    needed = (f"{stage}/{name}" for stage in stages for name in NEEDED[stage])
    if lacking := [f"{name}.jsonl" for name in needed if name not in there]:
        raise RowsError(f"{data} has no {', '.join(lacking)}.")
    return there


def read(file: Path, stage: str, *, most: int = 0) -> list[dict[str, Any]]:
    """Read the rows of a stage, with the columns that it needs and no others.

    What a reward is computed from stays JSON text: rows of a table have one form, and
    cases do not.

    Raises:
        RowsError: the file is missing or empty, or a line lacks a column.

    """
    try:
        # Bytes: a text may hold marks that Unicode, but not JSON lines, calls a break.
        lines = [each for each in file.read_bytes().splitlines() if each.strip()]
    except OSError as error:
        raise RowsError(f"{file.name} cannot be read: name a file of rows.") from error
    if not lines:
        raise RowsError(f"{file.name} has no row.")
    kept = lines[:most] if most else lines
    return [
        _row(text, stage, f"{file.name}, line {n}") for n, text in enumerate(kept, 1)
    ]


def sha256(file: Path) -> str:
    """Return the SHA-256, in hex, of a file of rows."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def measured(
    rows: Sequence[Row], count: Callable[[Row], int], *, most: int, name: str
) -> Lengths:
    """Measure the rows in tokens.

    Raises:
        RowsError: a row is longer than `most`. A trainer would cut it, and leave it
            out in silence where nothing of the answer is left.

    """
    lengths = sorted(count(row) for row in rows)
    over = sum(1 for each in lengths if each > most)
    if over:
        raise RowsError(
            f"{over} of {len(rows)} rows of {name} are longer than max_length, {most}"
            f" tokens (the longest has {lengths[-1]}): raise it, or show less evidence."
        )
    return Lengths(
        rows=len(rows), median=lengths[len(lengths) // 2], longest=lengths[-1]
    )


def all_there(before: int, after: int, name: str) -> None:
    """Refuse rows that a trainer has left out.

    Raises:
        RowsError: there are fewer, or more, than were given.

    """
    if before != after:
        raise RowsError(
            f"{before} rows of {name} went in and {after} came out: the trainer changed"
            " the data. Measure the lengths and switch packing off."
        )


def conversations(row: Row) -> Iterable[tuple[str, list[dict[str, str]]]]:
    """Give each conversation of a row, by the column that ends it."""
    for column in TURNS:
        if column in row:
            yield column, [*row["prompt"], *row[column]]


def _row(line: bytes, stage: str, place: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError as error:
        raise RowsError(f"{place} is no JSON.") from error
    if not isinstance(content, dict):
        raise RowsError(f"{place} is no row: a row is an object.")
    wanted = COLUMNS[stage]
    lacking = [each for each in wanted if each not in content]
    if lacking:
        raise RowsError(f"{place} lacks {', '.join(lacking)}, which {stage} needs.")
    kept = {name: content[name] for name in wanted}
    _check_turns(kept, place)
    for name in _NESTED:
        if name in kept and not isinstance(kept[name], str):
            kept[name] = json.dumps(kept[name], separators=(",", ":"))
    return kept


def _check_turns(row: Row, place: str) -> None:
    for column in ("prompt", *TURNS):
        for turn in row.get(column, ()):
            if not _is_turn(turn):
                raise RowsError(f"{place}: {column} is no list of role and content.")
    ends = [row[column][-1]["role"] for column in TURNS if row.get(column)]
    if any(role != "assistant" for role in ends):
        raise RowsError(f"{place}: an answer must be the assistant's.")


def _is_turn(turn: object) -> bool:
    return (
        isinstance(turn, dict)
        and {*turn} == {"role", "content"}
        and all(isinstance(value, str) for value in turn.values())
    )
