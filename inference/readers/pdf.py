"""PDF to blocks: headings by the size of their letters, paragraphs, lists.

A PDF holds letters at places, no structure: tables become lines of text, and what is
an image is not read. A document that matters is better loaded as HTML or Markdown.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from inference.document import Block, Form, UnusableDocumentError, legible
from inference.readers.prose import ITEM, itemised

MOST_PAGES = 3000
_MOST_CHARACTERS = 8_000_000
_LARGER = 1.12  # than the running text: a heading
_HEADING_LENGTH = 120
_EDGE = 2  # lines at the top and the end of a page that may be its header or footer
_REPEATED = 3  # pages with the same line at their edge
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


class Line(NamedTuple):
    """A line of a page, and the size of its letters in points."""

    text: str
    size: float


def blocks(content: bytes) -> Iterator[Block]:
    """Yield the blocks of a document.

    Raises:
        UnusableDocumentError: it is encrypted, damaged, without text, or too long.

    """
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise UnusableDocumentError(
                "it is encrypted; ask the publisher for a copy without a password."
            )
        if len(reader.pages) > MOST_PAGES:
            raise UnusableDocumentError(
                f"it has more than {MOST_PAGES} pages; divide it."
            )
        pages = list(_pages(reader))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableDocumentError(
            f"it is no PDF that can be read ({type(error).__name__}); export it again."
        ) from None
    yield from structured(pages)


def structured(pages: Sequence[Sequence[Line]]) -> Iterator[Block]:
    """Yield the blocks of pages of lines; pure."""
    kept = [list(_without_edges(page, _edges(pages))) for page in pages]
    if not any(line.text for page in kept for line in page):
        raise UnusableDocumentError(
            "it has no text, perhaps because it was scanned; load a version with text."
        )
    levels = _levels(kept)
    for number, page in enumerate(kept, 1):
        if not levels:
            yield Block(f"page {number}", Form.HEADING, f"Page {number}", 2)
        yield from _blocks(page, levels, f"page {number}")


def _pages(reader: PdfReader) -> Iterator[list[Line]]:
    characters = 0
    for page in reader.pages:
        pieces: list[tuple[str, float]] = []

        def seen(
            text: str,
            _user: Any,  # noqa: ANN401 - pypdf's own matrices and fonts
            matrix: Any,  # noqa: ANN401
            _font: Any,  # noqa: ANN401
            size: float,
            into: list[tuple[str, float]] = pieces,
        ) -> None:
            into.append((text, round(abs(size * (matrix[3] or matrix[1] or 1)), 1)))

        page.extract_text(visitor_text=seen)
        characters += sum(len(text) for text, _ in pieces)
        if characters > _MOST_CHARACTERS:
            raise UnusableDocumentError("it has more text than a document may have.")
        yield list(_lines(pieces))


def _lines(pieces: Sequence[tuple[str, float]]) -> Iterator[Line]:
    text, sizes = "", Counter[float]()
    for piece, size in [*pieces, ("\n", 0.0)]:
        head, *rest = legible(piece).split("\n")
        text += head
        sizes[size] += len(head.strip())
        for part in rest:
            yield Line(" ".join(text.split()), sizes.most_common(1)[0][0])
            text, sizes = part, Counter({size: len(part.strip())})


def _edges(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the lines that stand at the edge of many pages, numbers apart."""
    seen: Counter[str] = Counter()
    for page in pages:
        lines = [line.text for line in page if line.text]
        seen.update({_DIGITS.sub("", each) for each in _edge(lines)})
    least = max(_REPEATED, len(pages) // 2)
    return frozenset(text for text, times in seen.items() if times >= least)


def _edge(lines: Sequence[str]) -> list[str]:
    return [*lines[:_EDGE], *lines[-_EDGE:]]


def _without_edges(page: Sequence[Line], repeated: frozenset[str]) -> Iterator[Line]:
    places = [number for number, line in enumerate(page) if line.text]
    edge = {*places[:_EDGE], *places[-_EDGE:]}
    for number, line in enumerate(page):
        if number not in edge or _DIGITS.sub("", line.text) not in repeated:
            yield line


def _levels(pages: Sequence[Sequence[Line]]) -> dict[float, int]:
    """Return the level of a heading for each size of letters that headings have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > body * _LARGER), reverse=True)
    return {size: min(level, 3) for level, size in enumerate(larger, 1)}


def _blocks(
    page: Sequence[Line], levels: dict[float, int], place: str
) -> Iterator[Block]:
    def size(line: Line) -> float:
        return line.size if _is_heading(line, levels) else 0.0

    for of, group in groupby(page, size):
        texts = [line.text for line in group]
        if of:
            yield Block(place, Form.HEADING, " ".join(texts), levels[of])
        else:
            yield from _paragraphs(texts, place)


def _is_heading(line: Line, levels: dict[float, int]) -> bool:
    return (
        line.size in levels
        and len(line.text) <= _HEADING_LENGTH
        and _LETTER.search(line.text) is not None
        and not ITEM.match(line.text)
    )


def _paragraphs(running: Sequence[str], place: str) -> Iterator[Block]:
    joined = _HYPHEN.sub("", "\n".join(running))
    for paragraph in re.split(r"\n{2,}", joined.strip("\n")):
        if paragraph:
            yield from itemised(paragraph.split("\n"), place)
