"""The shape of a knowledge document: its facts, and blocks under headings.

The facts are `key: value` lines: a front matter between two `---` lines in Markdown,
or a file of their own beside any other document (`guide.pdf.meta`). Every section
stands alone, so that a criteria list is never cut; only what is too long for the
embedding model is divided. A section may begin with lines that override the facts,
for instance `source: ...`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from inference.division import divide

REQUIRED = ("title", "kind", "source", "date", "population", "licence")
OPTIONAL = (
    *("publisher", "version", "effective", "expires", "jurisdiction", "reviewer"),
    "reviewed",
)
OVERRIDABLE = ("kind", "source", "date", "population")
# A longer list or table says more than a person can check against a quote.
LONGEST_PASSAGE = 20_000

_FIELD = re.compile(r"(?P<key>[a-z]+):\s+(?P<value>\S.*)")
_BOUNDARY = "---"
_DEEPEST = 3  # headings below this level stay in the text
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Variation selectors can carry hidden bytes though they are not of category Cf.
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


class UnusableDocumentError(Exception):
    """A knowledge document cannot be read; the text names the file and line."""


class Form(Enum):
    """What a block is; lists and tables are never cut."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    WHOLE = "list or table"


class Block(NamedTuple):
    """A piece of a document; `place` says where, such as "line 12" or "page 3"."""

    place: str
    form: Form
    text: str
    level: int = 0  # of a heading, from 1


class Section(NamedTuple):
    """A heading with those above it, its text, and the facts that hold for it."""

    place: str
    path: tuple[str, ...]  # without the document's title; empty before any heading
    facts: dict[str, str]
    parts: tuple[str, ...]


class Facts(NamedTuple):
    """What a document says of itself, and what is left of it."""

    known: dict[str, str]
    rest: str
    line: int  # of the first line of the rest


def legible(text: str) -> str:
    """Return text without what nobody sees: control, zero-width, bidi characters.

    Line ends become newlines, tabs spaces, and the form is NFC.
    """
    text = _LINE_END.sub("\n", text).replace("\t", "    ")
    hidden = {each for each in set(text) if each != "\n" and _is_hidden(each)}
    seen = text.translate({ord(each): None for each in hidden}) if hidden else text
    return unicodedata.normalize("NFC", seen)


def front_matter(text: str, *, name: str) -> Facts:
    """Divide a document with a front matter; `name` is its name in errors.

    Raises:
        UnusableDocumentError: there is none, or it is malformed.

    """
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines) if line.rstrip() == _BOUNDARY]
    if marks[:1] != [0] or not marks[1:]:
        raise UnusableDocumentError(
            f"{name}, line 1: begin the document with `key: value` lines between"
            f" two `---` lines, or put them into {name}.meta beside it."
        )
    end = marks[1]
    known = facts(lines[1:end], name=name, line=2)
    return Facts(known, "\n".join(lines[end + 1 :]), end + 2)


def facts(lines: Sequence[str], *, name: str, line: int = 1) -> dict[str, str]:
    """Read `key: value` lines, of which `line` is the number of the first.

    Raises:
        UnusableDocumentError: a line is none, or a required one is missing.

    """
    known: dict[str, str] = {}
    for number, text in enumerate(lines, line):
        if text.strip():
            key, value = _field(text, f"{name}, line {number}")
            known[key] = value
    missing = [key for key in REQUIRED if key not in known]
    if missing:
        raise UnusableDocumentError(
            f"{name}, line {line + len(lines)}: the facts lack {', '.join(missing)}."
        )
    return known


def sections(
    blocks: Iterable[Block],
    known: dict[str, str],
    *,
    name: str,
    count: Callable[[str], int],
) -> Iterator[Section]:
    """Gather blocks under their headings, and divide what is too long.

    Raises:
        UnusableDocumentError: there is no text, or too much of it in one piece.

    """
    empty = True
    for place, path, body in _headed(blocks, known["title"]):
        overrides, rest = _overrides(body)
        heading = ": ".join((known["title"], *path))
        parts = tuple(divide(rest, taken=count(heading), count=count))
        if any(len(part) > LONGEST_PASSAGE for part in parts):
            raise UnusableDocumentError(
                f"{name}, {place}: a list or table of more than {LONGEST_PASSAGE}"
                " characters; put a heading between its parts."
            )
        if parts:
            empty = False
            yield Section(place, path, known | overrides, parts)
    if empty:
        raise UnusableDocumentError(f"{name}, line 1: the document has no text.")


def _headed(
    blocks: Iterable[Block], title: str
) -> Iterator[tuple[str, tuple[str, ...], list[Block]]]:
    path: list[tuple[int, str]] = []
    place, body = "line 1", list[Block]()
    for block in blocks:
        if block.form is not Form.HEADING or block.level > _DEEPEST:
            body.append(block)
            continue
        yield place, tuple(text for _, text in path), body
        path = [each for each in path if each[0] < block.level]
        if block.level > 1 or block.text.casefold() != title.casefold():
            path.append((block.level, block.text))
        place, body = block.place, []
    yield place, tuple(text for _, text in path), body


def _overrides(
    body: Sequence[Block],
) -> tuple[dict[str, str], list[tuple[str, bool]]]:
    """Return the facts that a section begins with, and its texts: cut these or not."""
    texts = [(block.text, block.form is Form.WHOLE) for block in body]
    overrides: dict[str, str] = {}
    while texts and not texts[0][1]:
        lines = texts[0][0].split("\n")
        fields = [_FIELD.fullmatch(line.strip()) for line in lines]
        taken = 0
        for field in fields:
            if field is None or field["key"] not in OVERRIDABLE:
                break
            overrides[field["key"]] = field["value"]
            taken += 1
        left = "\n".join(lines[taken:])
        if left:
            return overrides, [(left, False), *texts[1:]]
        texts = texts[1:]
    return overrides, texts


def _field(text: str, where: str) -> tuple[str, str]:
    field = _FIELD.fullmatch(text.strip())
    if field is None or field["key"] not in (*REQUIRED, *OPTIONAL):
        raise UnusableDocumentError(
            f"{where}: expected `key: value` with one of the keys"
            f" {', '.join((*REQUIRED, *OPTIONAL))}."
        )
    return field["key"], field["value"]


def _is_hidden(character: str) -> bool:
    return character in _SELECTORS or unicodedata.category(character) in _HIDDEN
