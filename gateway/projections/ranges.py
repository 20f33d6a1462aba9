"""Numbers and private dates as trails, and ranges of them as a few beginnings.

A number's trail is its sign and power of ten, then eight significant digits. A date's
is the four digits of its year, then month and day. Every value between two limits
begins with one of at most some hundred trails, so a range is searched without filing
the values in their order. Digits beyond the eighth do not count.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

Units: TypeAlias = tuple[str, ...]

_DIGITS: Final = 8
_LEAST: Final = -12  # powers of ten that are told apart
_MOST: Final = 15
_ONE: Final = 10 ** (_DIGITS - 1)
_SPAN: Final = 9 * _ONE
UNITS: Final = 1 + _DIGITS
"""How many units the trail of a number has."""
LARGEST: Final = (_MOST - _LEAST + 1) * _SPAN
"""The ordinal of the largest number."""

_FIRST, _LAST = date(1000, 1, 1), date(2999, 12, 31)
_DAY: Final = timedelta(days=1)
_ALONE: Final = "only"  # ends the trail of a date that is no more than that


def ordinal(number: Decimal) -> int:
    """Return where a number stands among those that are told apart; 0 is 0.

    Numbers below 10**-12 count as 0, those beyond 10**16 as the largest.
    """
    if not number or number.adjusted() < _LEAST:
        return 0
    if number.adjusted() > _MOST:
        place = LARGEST
    else:
        power = number.adjusted()
        digits = int(abs(number).scaleb(_DIGITS - 1 - power))
        place = (power - _LEAST) * _SPAN + digits - _ONE + 1
    return -place if number < 0 else place


def of_number(number: Decimal) -> Units:
    """Return the trail's units of a number."""
    place = ordinal(number)
    return _whole(place) if place else ("0", *"0" * _DIGITS)


def between(low: int, high: int) -> Iterator[Units]:
    """Give what the numbers from one ordinal to another begin with (both included)."""
    if low <= 0 <= high:
        yield ("0",)
    if low < 0:
        yield from _signed("-", max(1, -high), -low)
    if high > 0:
        yield from _signed("+", max(1, low), high)


def _signed(sign: str, low: int, high: int) -> Iterator[Units]:
    while low <= min(high, LARGEST):
        power, offset = divmod(low - 1, _SPAN)
        end = min(high, (power + 1) * _SPAN)
        name = f"{sign}{power + _LEAST}"
        if offset == 0 and end == (power + 1) * _SPAN:
            yield (name,)
        else:
            last = (end - 1) % _SPAN + _ONE
            for digits in _beginnings(offset + _ONE, last):
                yield (name, *digits)
        low = end + 1


def _beginnings(low: int, high: int) -> Iterator[str]:
    """Give the decimal beginnings that whole numbers of eight digits share."""
    while low <= high:
        size = 1
        while low % (size * 10) == 0 and low + size * 10 - 1 <= high and size < _ONE:
            size *= 10
        yield str(low)[: _DIGITS - len(str(size)) + 1]
        low += size


def _whole(place: int) -> Units:
    power, offset = divmod(abs(place) - 1, _SPAN)
    sign = "-" if place < 0 else "+"
    return (f"{sign}{power + _LEAST}", *str(offset + _ONE))


def of_date(text: str) -> Units:
    """Return the trail's units of a date (`1990`, `1990-05` or `1990-05-07`)."""
    year, *rest = text.split("-")
    whole = len(rest) == 2  # noqa: PLR2004 (month and day)
    return (*year, *rest, *(() if whole else (_ALONE,)))


def is_told_apart(text: str) -> bool:
    """Say whether a date is in a year that is filed (1000 to 2999)."""
    return f"{_FIRST.year}" <= text[:4] <= f"{_LAST.year}"


def days(first: date | None, last: date | None) -> Iterator[Units]:
    """Give what dates within these days begin with; None is no limit."""
    day, end = max(first or _FIRST, _FIRST), min(last or _LAST, _LAST)
    while day <= end:
        units, until = _widest(day, end)
        yield units
        day = until + _DAY


def around(day: date) -> tuple[Units, Units]:
    """Return the year alone and the month alone that a day lies in."""
    year, month, _ = day.isoformat().split("-")
    return (*year, _ALONE), (*year, month, _ALONE)


def _widest(day: date, end: date) -> tuple[Units, date]:
    """Return the longest century, decade, year or month from here, or the day."""
    year, month, number = day.isoformat().split("-")
    for size, units in ((100, year[:2]), (10, year[:3]), (1, year)):
        until = date(day.year + size - 1, 12, 31)
        if day.year % size == 0 and (day.month, day.day) == (1, 1) and until <= end:
            return tuple(units), until
    until = day.replace(day=monthrange(day.year, day.month)[1])
    if day.day == 1 and until <= end:
        return (*year, month), until
    return (*year, month, number), day
