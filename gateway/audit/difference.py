"""Two versions of one resource compared: the first place where they differ."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

from fhir_profiles.lexeme import Lexeme
from fhir_profiles.lexical import parse, serialise
from fhir_profiles.problems import InvalidResourceError
from gateway.audit.findings import Finding
from gateway.projections.resources import Version

_ABSENT: Final = object()
_SHOWN: Final = 400  # characters of a value


def difference(position: int, expected: Version, found: Version) -> Finding | None:
    """Return where a version differs from what the log says, None where nowhere."""
    if expected == found:
        return None
    address = str(expected.reference)
    if expected.deleted != found.deleted:
        return Finding(position, f"{address} is deleted in one and not in the other")
    if expected.at != found.at:
        return Finding(position, f"{address} has another time than its event")
    return _content(position, address, expected.body, found.body)


def _content(position: int, address: str, expected: bytes, found: bytes) -> Finding:
    try:
        first = next(_places(parse(expected), parse(found), ""), None)
    except InvalidResourceError:
        return Finding(position, f"{address} is no resource any more")
    if first is None:
        offset = _first_byte(expected, found)
        sentence = f"{address} has the same content in other bytes, from byte {offset}"
        return Finding(position, sentence)
    pointer, left, right = first
    return Finding(
        position,
        f"{address} is not what the log says, first at {pointer or '/'}",
        expected=_text(left),
        found=_text(right),
    )


def _places(
    left: object, right: object, pointer: str
) -> Iterator[tuple[str, object, object]]:
    """Give the places that differ, as JSON pointers (RFC 6901), in document order."""
    match left, right:
        case dict(), dict():
            for name in dict.fromkeys((*left, *right)):
                below = (left.get(name, _ABSENT), right.get(name, _ABSENT))
                yield from _places(*below, f"{pointer}/{_escaped(name)}")
        case list(), list():
            pairs = zip_longest(left, right, fillvalue=_ABSENT)
            for place, (one, other) in enumerate(pairs):
                yield from _places(one, other, f"{pointer}/{place}")
        case _ if _written(left) != _written(right):
            yield pointer, left, right
        case _:
            return


def _written(value: object) -> tuple[type, object]:
    """Return what tells values apart: 72.50 is not 72.5, and true is not 1."""
    return type(value), value.text if isinstance(value, Lexeme) else value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _text(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    if value is _ABSENT:
        return "(nothing)"
    return serialise({"value": value}).decode()[len('{"value":') : -1][:_SHOWN]


def _first_byte(left: bytes, right: bytes) -> int:
    pairs = enumerate(zip_longest(left, right))
    return next(place for place, (one, other) in pairs if one != other)
