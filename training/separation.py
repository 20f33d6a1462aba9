"""What must not meet: splits that repeat each other, and sets to be measured on.

Near-duplicates are found by the Jaccard index of word triples (`training.corpus`);
traces of an evaluation set by runs of eight words, or by a whole shorter text, as large
models are decontaminated (Brown TB et al., 2020, arXiv:2005.14165, appendix C; there
thirteen words, of longer documents).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from domain.values import Case
from inference.prompt import facts
from training.corpus import Texts

RUN: Final = 8
"""Words in a row that two texts share by no chance."""
_LEAST = 5  # words: a shorter text is anybody's
_ORDER: Final = ("test", "dev", "train")
_WORDS: Final = re.compile(r"[^\W_]+")
_BLANK: Final = re.compile(r"\n\s*\n")
_WHOLE: Final = frozenset({".yaml", ".yml", ".txt", ".md"})
_T = TypeVar("_T")


class UnreadableSetError(Exception):
    """An evaluation set holds no text that could be looked for."""


class Evaluated:
    """Texts of evaluation sets, and whether another text has them in it.

    Raises:
        UnreadableSetError: a path holds no text of five words. What cannot be read
            cannot be kept apart.

    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._runs: set[tuple[str, ...]] = set()
        self.texts = 0
        for path in paths:
            before = self.texts
            for text in _texts(path):
                self._add(_words(text))
            if self.texts == before:
                raise UnreadableSetError(
                    f"{path.name} holds no text to be kept apart from: name a file or"
                    " folder of .jsonl, .json, .csv, .yaml, .txt or .md."
                )
        self._sizes = tuple({len(run) for run in self._runs})

    def touches(self, text: str) -> bool:
        """Say whether a text repeats a run of words of an evaluation set."""
        words = _words(text)
        return any(
            run in self._runs for size in self._sizes for run in _runs(words, size)
        )

    def _add(self, words: Sequence[str]) -> None:
        if len(words) >= _LEAST:
            self.texts += 1
            self._runs.update(_runs(words, min(RUN, len(words))))


def apart(items: Iterable[tuple[str, str, _T]]) -> tuple[list[_T], int]:
    """Leave out what nearly repeats another text, and count it.

    Args:
        items: split, text and whatever they belong to.

    Returns:
        What is kept, in the order given. Where splits share a text the later one loses
        it: the test keeps it before dev, dev before train.

    """
    listed = [*items]
    texts, kept = Texts(), set()
    for place in sorted(
        range(len(listed)), key=lambda n: (_ORDER.index(listed[n][0]), n)
    ):
        if texts.is_new(listed[place][1]):
            kept.add(place)
    those = [each for place, (*_, each) in enumerate(listed) if place in kept]
    return those, len(listed) - len(those)


def substance(case: Case) -> str:
    """Return what makes a case this case: its words and numbers without their names."""
    known = facts(case)
    values = (vital.value for vital in case.vitals)
    return f"{known.get('P1', '')} {words_of(case)} {' '.join(map(str, values))}"


def words_of(case: Case) -> str:
    """Return the words in which a case complains."""
    return " ".join(complaint.text for complaint in case.complaints)


def _texts(path: Path) -> Iterator[str]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file():
            yield from _of_file(file)


def _of_file(file: Path) -> Iterator[str]:
    kind = file.suffix.casefold()
    if kind in _WHOLE:
        yield from _BLANK.split(file.read_text("utf-8", "replace"))
    elif kind == ".csv":
        with file.open(encoding="utf-8", errors="replace", newline="") as rows:
            yield from (cell for row in csv.reader(rows) for cell in row)
    elif kind in {".jsonl", ".json"}:
        content = file.read_bytes()
        parts = content.splitlines() if kind == ".jsonl" else [content]
        yield from _of_json(parts, file.name)


def _of_json(parts: Iterable[bytes], name: str) -> Iterator[str]:
    for part in parts:
        if part.strip():
            try:
                yield from _strings(json.loads(part.decode("utf-8", "replace")))
            except ValueError as error:
                raise UnreadableSetError(f"{name} is not JSON.") from error


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(text.casefold()))


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[n : n + size]) for n in range(len(words) - size + 1))
