"""Find the line and column of a place in JSON text, only when something is wrong.

A second, slow scan: the first one knows no places, which is what makes it fast.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Position = tuple[int, int]
"""Line and column, counted from 1, the column in characters."""

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_DEPTH: Final = 60
_DIGITS: Final = 64
_EXPONENT: Final = 400


@dataclass(slots=True)
class _Level:
    """An array or object that the scan is inside of."""

    is_object: bool
    key: str | int
    names: set[str] = field(default_factory=set)
    """The names met so far in an object."""
    awaits_name: bool = False


class _Token(NamedTuple):
    """A name or the start of a value."""

    text: str
    offset: int
    path: Path
    is_repeated: bool = False
    """Whether it is a name that its object already has."""


def position(text: str, offset: int) -> Position:
    """Turn an offset into a line and a column."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def located(text: str, paths: Iterable[Path]) -> dict[Path, Position]:
    """Find each path; one that does not exist is where its nearest parent is."""
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    offsets: dict[Path, int] = {}
    for token in _tokens(text):
        if token.path in wanted:
            offsets[token.path] = token.offset
    return {path: position(text, _nearest(path, offsets)) for path in wanted}


def first_fault(text: str, kind: str) -> Position | None:
    """Find the first place with a lexical fault of that kind."""
    is_fault = _FAULTS[kind]
    return next((position(text, t.offset) for t in _tokens(text) if is_fault(t)), None)


def _nearest(path: Path, offsets: dict[Path, int]) -> int:
    while path and path not in offsets:
        path = path[:-1]
    return offsets.get(path, 0)


def _tokens(text: str) -> Iterator[_Token]:
    """Give every name and value; text that is not well-formed gives what it can."""
    levels: list[_Level] = []
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in "}]":
            del levels[-1:]
        elif mark in ",:":
            _advance(levels, mark)
        else:
            yield _named_or_valued(levels, mark, match.start())
            if mark in "{[":
                is_object = mark == "{"
                key: str | int = "" if is_object else 0
                levels.append(_Level(is_object, key, awaits_name=is_object))


def _advance(levels: list[_Level], mark: str) -> None:
    if not levels:
        return
    level = levels[-1]
    if level.is_object:
        level.awaits_name = mark == ","
    elif mark == "," and isinstance(level.key, int):
        level.key += 1


def _named_or_valued(levels: list[_Level], token: str, offset: int) -> _Token:
    if not levels or not levels[-1].awaits_name:
        return _Token(token, offset, tuple(level.key for level in levels))
    level = levels[-1]
    level.key = _unquoted(token)
    repeated = level.key in level.names
    level.names.add(level.key)
    return _Token(token, offset, tuple(one.key for one in levels), repeated)


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token[1:-1] if token[0] == '"' else token
    try:
        return str(json.loads(token, strict=False))
    except json.JSONDecodeError:
        return token


def _is_repeated(token: _Token) -> bool:
    return token.is_repeated


def _is_absurd(token: _Token) -> bool:
    if token.text in ("NaN", "Infinity", "-Infinity"):
        return True
    if token.text[0] not in "-0123456789":
        return False
    mantissa, _, exponent = token.text.lower().partition("e")
    size = exponent.lstrip("+-")
    is_far = len(size) > len(str(_EXPONENT)) or int(size or "0") > _EXPONENT
    return len(mantissa) > _DIGITS or is_far


def _is_controlled(token: _Token) -> bool:
    return token.text.startswith('"') and bool(_CONTROL.search(_unquoted(token.text)))


def _is_deep(token: _Token) -> bool:
    return len(token.path) >= _DEPTH and token.text in "[{"


_FAULTS: Final = {
    "lexical.duplicate-key": _is_repeated,
    "lexical.number": _is_absurd,
    "lexical.character": _is_controlled,
    "lexical.depth": _is_deep,
}
