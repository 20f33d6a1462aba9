"""Searched numbers and private dates, with their prefixes, as beginnings of trails.

A number is as exact as it is written: 5.4 is all from 5.35 up to 5.45, unless a prefix
compares it (https://hl7.org/fhir/R4/search.html#number). `ap` is within a tenth.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

from fhir_profiles.instants import Span, moment, span
from gateway.projections import ranges
from gateway.projections.asking import SearchError, number, prefixed
from gateway.projections.ranges import LARGEST, Units, between, ordinal

_DATE_LENGTH = 10
_DAY = timedelta(days=1)
_SHORTEST_YEAR = timedelta(days=364)  # from its first day to its last


def numbers(name: str, text: str) -> Iterator[Units]:
    """Give what the numbers that match begin with.

    Raises:
        SearchError: no number.

    """
    prefix, rest = prefixed(text)
    value = number(name, rest)
    for low, high in _intervals(prefix, value):
        yield from between(low, high)


def _intervals(prefix: str, value: Decimal) -> list[tuple[int, int]]:
    here = ordinal(value)
    if prefix in _COMPARED:
        return [_COMPARED[prefix](here)]
    if prefix == "ap":
        tenth = abs(value) / 10
        return [(ordinal(value - tenth), ordinal(value + tenth))]
    first, last = _written(value)
    if prefix == "ne":
        return [(-LARGEST, first - 1), (last + 1, LARGEST)]
    return [(first, last)]


_COMPARED: Final = MappingProxyType[str, Callable[[int], tuple[int, int]]](
    {
        "gt": lambda here: (here + 1, LARGEST),
        "sa": lambda here: (here + 1, LARGEST),
        "ge": lambda here: (here, LARGEST),
        "lt": lambda here: (-LARGEST, here - 1),
        "eb": lambda here: (-LARGEST, here - 1),
        "le": lambda here: (-LARGEST, here),
    }
)


def _written(value: Decimal) -> tuple[int, int]:
    """Return the ordinals from which to which a number is as it was written."""
    exponent = value.as_tuple().exponent
    half = Decimal(5).scaleb(exponent - 1 if isinstance(exponent, int) else 0)
    first, last = ordinal(value - half), ordinal(value + half) - 1
    # Beyond eight digits nothing is told apart: the number itself always counts.
    return min(first, ordinal(value)), max(last, ordinal(value))


def dates(name: str, text: str) -> Iterator[Units]:
    """Give what the dates that match begin with; partial dates count as wholes.

    Raises:
        SearchError: no date, or one with a time, which is not filed.

    """
    prefix, rest = prefixed(text)
    wanted = span(rest) if len(rest) <= _DATE_LENGTH else None
    if wanted is None or not ranges.is_told_apart(rest):
        raise SearchError(
            name,
            "Send a date without time, such as 1990-01-31, after an optional prefix "
            "(ge, lt…).",
        )
    yield from _dates(prefix, *_limits(wanted))


def _limits(wanted: Span) -> tuple[date, date]:
    return moment(wanted.low).date(), moment(wanted.high).date()


def _dates(prefix: str, first: date, last: date) -> Iterator[Units]:
    """Give the days that match, and the partial dates that reach into them."""
    if prefix == "ne":
        yield from _others(first, last)
        return
    start, end, partial = _REACHES[prefix](first, last)
    yield from ranges.days(start, end)
    for day in partial:
        yield from ranges.around(day)


_Reach: TypeAlias = tuple[date | None, date | None, tuple[date, ...]]
_REACHES: Final = MappingProxyType[str, Callable[[date, date], _Reach]](
    {
        "eq": lambda first, last: (first, last, ()),
        "ap": lambda first, last: (first, last, (first, last)),
        "sa": lambda _, last: (last + _DAY, None, ()),
        "gt": lambda _, last: (last + _DAY, None, (last + _DAY,)),
        "ge": lambda first, _: (first, None, (first,)),
        "eb": lambda first, _: (None, first - _DAY, ()),
        "lt": lambda first, _: (None, first - _DAY, (first - _DAY,)),
        "le": lambda _, last: (None, last, (last,)),
    }
)


def _others(first: date, last: date) -> Iterator[Units]:
    """Give the dates that do not lie within these days altogether."""
    yield from ranges.days(None, first - _DAY)
    yield from ranges.days(last + _DAY, None)
    year, month = ranges.around(first)
    if last - first < _SHORTEST_YEAR:
        yield year
    if first == last:
        yield month
