"""Public question sets that a user brings: MedQA, PubMedQA and MedMCQA as published.

None of them comes with this project. They are for general medical language in the mix,
never for a claim about triage; what they contain is their authors' and their licences'.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LETTERS = "ABCDE"
_DECISIONS = ("yes", "no", "maybe")


class UnreadableQuestionsError(Exception):
    """A file is not what it was said to be; the sentence says where."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with its options and the letter of the right one."""

    id: str
    text: str
    options: Mapping[str, str]
    answer: str
    source: str


def medqa(path: Path) -> Iterator[Question]:
    """Read MedQA's JSON lines (Jin D et al., 2020): question, options, answer_idx.

    Raises:
        UnreadableQuestionsError: a line is not a question of that form.

    """
    for where, row in _lines(path):
        with _named(where):
            yield _checked(
                where,
                Question(
                    id=where,
                    text=row["question"],
                    options=dict(row["options"]),
                    answer=row["answer_idx"],
                    source="MedQA",
                ),
            )


def medmcqa(path: Path, *, first: int) -> Iterator[Question]:
    """Read MedMCQA's JSON lines (Pal A et al., 2022): opa to opd, cop.

    Args:
        path: the file.
        first: the number by which `cop` means option A: 1 in the authors' files, 0 in
            the copies of some hubs. A wrong one would train wrong answers, so it is
            not guessed.

    Raises:
        UnreadableQuestionsError: a line is not of that form, or `cop` is no option.

    """
    for where, row in _lines(path):
        with _named(where):
            place = int(row["cop"]) - first
            if place not in range(4):
                raise UnreadableQuestionsError(
                    f"{where}: cop {row['cop']} is no option when {first} means A."
                )
            options = {letter: row[f"op{letter.lower()}"] for letter in _LETTERS[:4]}
            yield _checked(
                where,
                Question(
                    id=str(row.get("id", where)),
                    text=row["question"],
                    options=options,
                    answer=_LETTERS[place],
                    source="MedMCQA",
                ),
            )


def pubmedqa(path: Path) -> Iterator[Question]:
    """Read PubMedQA's labelled file (Jin Q et al., 2019): contexts, final_decision.

    Raises:
        UnreadableQuestionsError: an entry is not of that form.

    """
    try:
        entries = json.loads(path.read_bytes())
    except ValueError as error:
        raise UnreadableQuestionsError(f"{path.name}: not JSON.") from error
    options = dict(zip(_LETTERS, _DECISIONS, strict=False))
    letters = {decision: letter for letter, decision in options.items()}
    for name, entry in entries.items():
        where = f"{path.name}, {name}"
        with _named(where):
            yield _checked(
                where,
                Question(
                    id=name,
                    text="\n".join([*entry["CONTEXTS"], entry["QUESTION"]]),
                    options=options,
                    answer=letters[entry["final_decision"]],
                    source="PubMedQA",
                ),
            )


class _named:  # noqa: N801 (reads as the statement that it is)
    """Say where, when an entry lacks what its form promises."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, KeyError | TypeError | ValueError | AttributeError):
            raise UnreadableQuestionsError(
                f"{self._where}: it lacks or misuses {error}."
            ) from error


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}, line {number}"
            try:
                yield where, json.loads(line)
            except ValueError as error:
                raise UnreadableQuestionsError(f"{where}: not JSON.") from error


def _checked(where: str, question: Question) -> Question:
    if question.answer not in question.options or not question.text.strip():
        raise UnreadableQuestionsError(f"{where}: no text, or an answer not offered.")
    return question
