"""Markdown (CommonMark with tables) to blocks; HTML inside it is left out."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

from inference.document import Block, Form

_PARSER = MarkdownIt("commonmark").enable("table")
_LISTS = ("bullet_list_open", "ordered_list_open")
_CODE = ("fence", "code_block")


def blocks(text: str, *, line: int = 1) -> Iterator[Block]:
    """Yield the blocks of a document, of which `line` is the first line's number."""
    for group in _outermost(_PARSER.parse(text)):
        first = group[0]
        place = f"line {line + (first.map[0] if first.map else 0)}"
        form, content = _read(group)
        if content:
            level = int(first.tag[1]) if form is Form.HEADING else 0
            yield Block(place, form, content, level)


def _outermost(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Group the tokens by the outermost block that they belong to."""
    number = 0

    def belongs(token: Token) -> int:
        nonlocal number
        if token.level == 0 and token.nesting >= 0:
            number += 1
        return number

    for _, group in groupby(tokens, belongs):
        yield list(group)


def _read(group: Sequence[Token]) -> tuple[Form, str]:
    kind = group[0].type
    if kind == "heading_open":
        return Form.HEADING, " ".join(_words(group).split())
    if kind in _LISTS:
        return Form.WHOLE, "\n".join(_items(group))
    if kind == "table_open":
        return Form.WHOLE, "\n".join(_rows(group))
    if kind in _CODE:
        return Form.WHOLE, group[0].content.rstrip()
    return Form.PARAGRAPH, _words(group)


def _words(group: Sequence[Token]) -> str:
    return "\n".join(_inline(token) for token in group if token.type == "inline")


def _inline(token: Token) -> str:
    """Return what a reader sees: no markup, no link target, no HTML, no image."""
    shown = ""
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            shown += "\n"
        elif child.type in ("text", "code_inline", "text_special"):
            shown += child.content
    return shown.strip()


def _items(group: Sequence[Token]) -> Iterator[str]:
    """Yield one line for each paragraph of a list, under the mark of its item."""
    depth, mark = -1, ""
    for token in group:
        if token.type in (*_LISTS, "bullet_list_close", "ordered_list_close"):
            depth += token.nesting
        elif token.type == "list_item_open":
            mark = f"{token.info}{token.markup}" if token.info else "-"
        elif token.type in ("inline", *_CODE):
            text = _inline(token) if token.type == "inline" else token.content
            lead = f"{mark} " if mark else "  "
            yield "  " * depth + lead + " ".join(text.split())
            mark = ""


def _rows(group: Sequence[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in group:
        if token.type == "inline":
            cells.append(_inline(token).replace("\n", " "))
        elif token.type == "tr_close":
            yield f"| {' | '.join(cells)} |"
            cells = []
        elif token.type == "thead_close":
            columns = sum(each.type == "th_open" for each in group)
            yield "|" + "---|" * columns
