"""The story of a case for a terminal, in lines of at most 100 columns."""

import hashlib
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from gateway.audit import words
from gateway.audit.story import (
    Block,
    Entry,
    Facts,
    Fold,
    Listing,
    Story,
    Table,
    pauses,
)
from gateway.audit.visible import visible

WIDTH: Final = 100
_STEP: Final = "  "
_LABEL: Final = 24  # columns, at most
_BETWEEN: Final = "  "


def lines(story: Story, *, full: bool) -> Iterator[str]:
    """Give the lines; with `full` also every long text, character by character."""
    yield from _heading(f"Case {story.case_id}, tenant {story.tenant}", "=")
    yield f"As the log has it up to position {story.head}. This is patient data."
    if story.erased:
        yield f"{story.erased} events of this case were erased; their places are shown."
    yield ""
    yield from _facts(story.outcome, "")
    yield from _heading("What happened", "-")
    for entry, pause in zip(story.entries, pauses(story.entries), strict=True):
        after = "" if pause is None else f"   {words.span(pause)} later"
        yield from _entry(entry, after, full=full)
    for table in (story.durations, story.reads):
        yield from _heading(table.title, "-")
        yield from _table(table, "")
    yield from _heading("Versions that had a part in it", "-")
    yield from _facts(story.versions, "")


def _heading(text: str, rule: str) -> Iterator[str]:
    shown = visible(text)
    yield from ("", shown, rule * min(len(shown), WIDTH))


def _entry(entry: Entry, after: str, *, full: bool) -> Iterator[str]:
    yield ""
    yield f"#{entry.position}  {words.instant(entry.at)}{after}"
    yield from _wrapped(f"{entry.teller.upper()}: {entry.title}", "")
    for block in entry.blocks:
        yield from _block(block, _STEP, full=full)


def _block(block: Block, indent: str, *, full: bool) -> Iterator[str]:
    match block:
        case Facts():
            yield from _facts(block, indent)
        case Listing():
            yield f"{indent}{block.title}:"
            yield from _items(block.items, indent + _STEP)
        case Table():
            yield f"{indent}{block.title}:"
            yield from _table(block, indent + _STEP)
        case Fold():
            yield from _fold(block, indent, full=full)


def _facts(facts: Facts, indent: str) -> Iterator[str]:
    longest = max((len(label) for label, _ in facts.rows), default=0)
    room = min(longest, _LABEL)
    for label, said in facts.rows:
        first = f"{indent}{label:<{room}}{_BETWEEN}"
        yield from _wrapped(said, first, indent + " " * (room + len(_BETWEEN)))


def _items(items: tuple[str, ...], indent: str) -> Iterator[str]:
    for item in items or ("none",):
        yield from _wrapped(item, f"{indent}- ", indent + _STEP)


def _table(table: Table, indent: str) -> Iterator[str]:
    """Give columns where they fit, else each row as labels and values."""
    if not table.rows:
        yield f"{indent}none"
        return
    shown = [tuple(visible(cell) for cell in row) for row in table.rows]
    rows = [table.columns, *shown]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    if len(indent) + sum(widths) + len(_BETWEEN) * (len(widths) - 1) <= WIDTH:
        for row in rows:
            cells = (f"{cell:<{room}}" for cell, room in zip(row, widths, strict=True))
            yield f"{indent}{_BETWEEN.join(cells)}".rstrip()
        return
    for row in shown:
        yield from _stanza(table.columns, row, indent)


def _stanza(
    columns: tuple[str, ...], row: tuple[str, ...], indent: str
) -> Iterator[str]:
    yield from _wrapped(row[0], f"{indent}- ", indent + _STEP)
    rest = zip(columns[1:], row[1:], strict=True)
    filled = tuple((label.lower(), cell) for label, cell in rest if cell)
    yield from _facts(Facts(rows=filled), indent + _STEP)


def _fold(fold: Fold, indent: str, *, full: bool) -> Iterator[str]:
    digest = hashlib.sha256(fold.text.encode()).hexdigest()[:16]
    size = f"{len(fold.text)} characters, SHA-256 {digest}..."
    yield from _wrapped(f"{fold.title} ({size})", indent, indent + _STEP)
    if full:
        for line in fold.text.splitlines() or [""]:
            yield from _wrapped(line, f"{indent}| ", f"{indent}| ")


def _wrapped(text: str, first: str, later: str = _STEP) -> Iterator[str]:
    """Give a text in lines that fit; of its own lines each begins a new one."""
    for line in visible(text).split("\n"):
        parts = wrap(
            line,
            WIDTH,
            initial_indent=first,
            subsequent_indent=later,
            break_on_hyphens=False,
        )
        yield from parts or [first.rstrip()]
        first = later
