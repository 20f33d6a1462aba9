"""Plain text to blocks: paragraphs between blank lines, underlined headings, lists."""

import re
from collections.abc import Iterator

from inference.document import Block, Form

ITEM = re.compile(r"\s*(?:[-*+•‣▪\u2013]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S")
_UNDERLINE = re.compile(r"(={3,}|-{3,})\s*")


def blocks(text: str, *, line: int = 1) -> Iterator[Block]:
    """Yield the blocks of a text, of which `line` is the first line's number."""
    held: list[str] = []
    start = line
    for number, row in enumerate([*text.split("\n"), ""], line):
        if row.strip():
            start = start if held else number
            held.append(row.rstrip())
            continue
        yield from _blocks(held, start)
        held = []


def _blocks(rows: list[str], start: int) -> Iterator[Block]:
    """Yield what stands between two blank lines."""
    if len(rows) > 1 and _UNDERLINE.fullmatch(rows[1]):
        level = 1 if rows[1][0] == "=" else 2
        yield Block(f"line {start}", Form.HEADING, rows[0].strip(), level)
        rows, start = rows[2:], start + 2
    yield from itemised(rows, f"line {start}")


def itemised(rows: list[str], place: str) -> Iterator[Block]:
    """Yield running text, and the list that begins in it, as blocks of one place."""
    first = next((n for n, row in enumerate(rows) if ITEM.match(row)), len(rows))
    running, items = rows[:first], rows[first:]
    if running:
        yield Block(place, Form.PARAGRAPH, "\n".join(running))
    if items:
        yield Block(place, Form.WHOLE, "\n".join(_joined(items)))


def _joined(rows: list[str]) -> Iterator[str]:
    """Join the lines that an item was wrapped into."""
    item = ""
    for row in rows:
        if ITEM.match(row) and item:
            yield item
            item = row
        else:
            item = f"{item} {row.strip()}" if item else row
    yield item
