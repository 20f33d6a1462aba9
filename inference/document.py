"""The shape of a knowledge document: Markdown with a front matter.

The front matter is `key: value` lines between two `---` lines. Every `##`
section stands alone, so that a criteria list is never cut; only a section too
long for the embedding model is divided, between paragraphs. A section may begin
with lines that override the front matter, for instance `source: ...`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

REQUIRED = ("title", "kind", "source", "date", "population", "licence", "reviewed")
OPTIONAL = ("expires",)
OVERRIDABLE = ("kind", "source", "date", "population")
# About 240 word pieces of English medical text: what the embedding model reads.
MAX_WORDS = 160

_FIELD = re.compile(r"(?P<key>[a-z]+):\s+(?P<value>\S.*)")
_HEADING = re.compile(r"(?P<marks>#{1,2})\s+(?P<text>\S.*)")
_ITEM = re.compile(r"\s*([-*+]|\d+[.)])\s")
_ROW = re.compile(r"\s*(?:[-*+]\s|\d+[.)]\s|\||#|```)")
_BOUNDARY = "---"


class UnusableDocumentError(Exception):
    """A knowledge document cannot be read; the text names the file and line."""


class Section(NamedTuple):
    """A heading with its text, and the facts that hold for it.

    `line` is the heading's line in the document, counted from one. `parts` is
    the text: more than one part only where it exceeds `MAX_WORDS`.
    """

    line: int
    heading: str
    facts: dict[str, str]
    parts: tuple[str, ...]


class _Line(NamedTuple):
    number: int
    text: str


def sections(text: str, *, name: str) -> list[Section]:
    """Divide a document into its sections; `name` is its name in errors.

    Raises:
        UnusableDocumentError: the front matter is malformed, or no text follows.

    """
    lines = [_Line(number, line) for number, line in enumerate(text.splitlines(), 1)]
    facts, body = _front_matter(lines, name)
    found = []
    for heading, content in _headed(body, title=facts["title"]):
        overrides, rest = _overrides(content)
        parts = tuple(divide("\n".join(line.text for line in rest)))
        if parts:
            section = Section(heading.number, heading.text, facts | overrides, parts)
            found.append(section)
    if not found:
        raise UnusableDocumentError(f"{name}, line 1: the document has no text.")
    return found


def divide(text: str) -> Iterator[str]:
    """Divide text between paragraphs into parts of at most `MAX_WORDS` words.

    A list stays with the line that introduces it, and a paragraph or list that
    is longer by itself stays whole.
    """
    part: list[str] = []
    for paragraph in _paragraphs(text):
        length = len(" ".join([*part, paragraph]).split())
        if part and length > MAX_WORDS:
            yield "\n\n".join(part)
            part = []
        part.append(paragraph)
    if part:
        yield "\n\n".join(part)


def _paragraphs(text: str) -> list[str]:
    paragraphs: list[str] = []
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    for block in re.split(r"\n{2,}", lines.strip("\n")):
        if _ITEM.match(block) and paragraphs and paragraphs[-1].endswith(":"):
            paragraphs[-1] += f"\n{block}"
        elif block:
            paragraphs.append(_unwrapped(block))
    return paragraphs


def _unwrapped(block: str) -> str:
    """Join the lines of running text, so that a sentence can be quoted whole."""
    lines = block.split("\n")
    if any(_ROW.match(line) for line in lines):
        return block
    return " ".join(line.strip() for line in lines)


def _front_matter(lines: list[_Line], name: str) -> tuple[dict[str, str], list[_Line]]:
    marks = [line.number for line in lines if line.text.rstrip() == _BOUNDARY]
    if marks[:1] != [1] or not marks[1:]:
        raise UnusableDocumentError(
            f"{name}, line 1: begin the document with `key: value` lines between"
            " two `---` lines."
        )
    end = marks[1]
    facts = dict(_field(line, name) for line in lines[1 : end - 1])
    missing = [key for key in REQUIRED if key not in facts]
    if missing:
        raise UnusableDocumentError(
            f"{name}, line {end}: the front matter lacks {', '.join(missing)}."
        )
    return facts, lines[end:]


def _field(line: _Line, name: str) -> tuple[str, str]:
    field = _FIELD.fullmatch(line.text.strip())
    if field is None or field["key"] not in (*REQUIRED, *OPTIONAL):
        raise UnusableDocumentError(
            f"{name}, line {line.number}: expected `key: value` with one of the keys"
            f" {', '.join((*REQUIRED, *OPTIONAL))}."
        )
    return field["key"], field["value"]


def _headed(
    body: Iterable[_Line], *, title: str
) -> Iterator[tuple[_Line, list[_Line]]]:
    heading, content = _Line(1, title), list[_Line]()
    for line in body:
        mark = _HEADING.fullmatch(line.text.rstrip())
        if mark is None:
            content.append(line)
            continue
        yield heading, content
        text = mark["text"] if mark["marks"] == "##" else title
        heading, content = _Line(line.number, text), []
    yield heading, content


def _overrides(content: list[_Line]) -> tuple[dict[str, str], list[_Line]]:
    overrides: dict[str, str] = {}
    for position, line in enumerate(content):
        field = _FIELD.fullmatch(line.text.strip())
        if field is not None and field["key"] in OVERRIDABLE:
            overrides[field["key"]] = field["value"]
        elif line.text.strip():
            return overrides, content[position:]
    return overrides, []
