"""What a data set is made of, counted, and what makes it unfit to train on."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Row = Mapping[str, Any]

LEAST_UNIQUE: Final = {"prompts": 0.98, "answers": 0.7}
"""Share of the rows that must differ. Below it a model learns to recite."""
_FEW = 20  # rows: of fewer a share says nothing
_PERCENTILES: Final = (5, 25, 50, 75, 95, 99, 100)
_PLACEHOLDER: Final = re.compile(
    r"\{\w*\}|\[(?:name|date|age|drug|insert[^\]]*|\.\.\.)\]|<(?:name|date|age|text)>"
    r"|\blorem ipsum\b|\b(?:todo|tbd|fixme|xxx+|placeholder)\b|_{3,}",
    re.IGNORECASE,
)


class UnfitRowsError(Exception):
    """The rows must not be trained on; the sentence says why."""


def require_fit(rows: Sequence[Row]) -> None:
    """Refuse rows for supervision that hold placeholders or repeat each other.

    What a case says is not searched for placeholders: records hold strange things, and
    a model must read them. What it learns to write is.

    Raises:
        UnfitRowsError: as it says.

    """
    if any(_PLACEHOLDER.search(_prose(row)) for row in rows):
        raise UnfitRowsError("An answer holds a placeholder: the build is stopped.")
    for what, share in unique(rows).items():
        if len(rows) >= _FEW and share < LEAST_UNIQUE[what]:
            raise UnfitRowsError(
                f"Only {share:.0%} of the {what} differ, {LEAST_UNIQUE[what]:.0%} must:"
                " ask for fewer cases, or bring others."
            )


def unique(rows: Sequence[Row]) -> dict[str, float]:
    """Return which share of the prompts and of the answers differ from all others.

    The answers to public questions are letters, and are not counted.
    """
    prompts = [json.dumps(row["prompt"]) for row in rows]
    answers = [_written(row) for row in rows if row["about"]["source"] != "public"]
    return {"prompts": _share(prompts), "answers": _share(answers)}


def statistics(rows: Mapping[str, Mapping[str, Sequence[Row]]]) -> dict[str, Any]:
    """Count the rows of every stage and split: levels, sources, evidence, lengths."""
    return {
        stage: {split: _counted(those) for split, those in splits.items()}
        for stage, splits in rows.items()
    }


def percentiles(numbers: Iterable[int]) -> dict[str, int]:
    """Return percentiles of numbers by the nearest rank; {} of none."""
    ranked = sorted(numbers)
    return {
        f"p{share}": ranked[max(0, -(-share * len(ranked) // 100) - 1)]
        for share in (_PERCENTILES if ranked else ())
    }


def body(rows: Iterable[Row]) -> bytes:
    """Return rows as JSON lines."""
    return b"".join(
        json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        for row in rows
    )


def sha256(content: bytes) -> str:
    """Return the SHA-256, in hex, of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _counted(rows: Sequence[Row]) -> dict[str, Any]:
    about = [row["about"] for row in rows]
    told = {
        name: _tally(each[name] for each in about if name in each)
        for name in ("source", "level", "evidence", "mistake", "made_of")
    }
    labels = _tally(row["label"] for row in rows if "label" in row)
    prompts = (sum(len(turn["content"]) for turn in row["prompt"]) for row in rows)
    answers = (len(_written(row)) for row in rows if "completion" in row)
    return {
        "rows": len(rows),
        **{name: counts for name, counts in told.items() if counts},
        **({"label": labels} if labels else {}),
        "prompt_characters": percentiles(prompts),
        "answer_characters": percentiles(answers),
    }


def _tally(values: Iterable[object]) -> dict[str, int]:
    return dict(sorted(Counter(map(str, values)).items()))


def _written(row: Row) -> str:
    return str(row["completion"][0]["content"])


def _prose(row: Row) -> str:
    """Return the sentences of an answer, without quotes and marks of JSON."""
    made = json.loads(_written(row))
    told = [*made.get("reasons", ()), *made.get("questions", ())]
    return " ".join(each["text"] for each in told)


def _share(texts: Sequence[str]) -> float:
    return len({*texts}) / len(texts) if texts else 1.0
