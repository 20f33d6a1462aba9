"""FHIR dates as intervals of time (R4, search.html#date).

A date of lower precision is the whole year, month or day; without a time zone it is
read as UTC. A fraction of a second is as exact as it has digits: what is shown to the
thousandth is found by what was shown.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

EARLIEST = -(2**62)
LATEST = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_YEAR, _MONTH, _DAY, _MINUTE, _SECOND = 4, 7, 10, 16, 19
_FINEST = 6  # digits of a fraction that are told apart
# What Python reads beside it, such as weeks and times after a comma, is no FHIR.
_TIME = r"T\d\d:\d\d(?::\d\d(?:\.(\d+))?)?(?:Z|[+-]\d\d:\d\d)?"
_WRITTEN = re.compile(rf"\d{{4}}(?:-\d\d(?:-\d\d(?:{_TIME})?)?)?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """From `low` to `high`, both inclusive, in microseconds since 1970 UTC."""

    low: int
    high: int

    @classmethod
    def between(cls, first: "Span | None", last: "Span | None") -> Self | None:
        """Return the interval of a Period; an open end has no limit."""
        if first is None and last is None:
            return None
        low = first.low if first else EARLIEST
        return cls(low, last.high if last else LATEST)


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 UTC of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(instant: int) -> datetime:
    """Return the UTC datetime of microseconds since 1970, or the nearest there is.

    A year 1 or 9999 in another time zone, and a day without an end, lie outside of what
    a datetime holds.
    """
    try:
        return _EPOCH + instant * _MICROSECOND
    except OverflowError:
        return _LAST if instant > 0 else _FIRST


def span(text: str) -> Span | None:
    """Read a FHIR date, dateTime or instant; None where it is none."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    try:
        first, length = _first(text)
    except ValueError:
        return None
    start = first if first.tzinfo else first.replace(tzinfo=UTC)
    try:
        end = microseconds(_after(start, length + len(written[1] or "")))
    except (ValueError, OverflowError):
        end = LATEST
    return Span(microseconds(start), end - 1)


def _first(text: str) -> tuple[datetime, int]:
    size = len(text)
    if size == _YEAR:
        return datetime(int(text), 1, 1, tzinfo=UTC), _YEAR
    if size == _MONTH:
        return datetime(int(text[:4]), int(text[5:]), 1, tzinfo=UTC), _MONTH
    if size == _DAY:
        return datetime.fromisoformat(text), _DAY
    length = _SECOND if text[_MINUTE : _MINUTE + 1] == ":" else _MINUTE
    return datetime.fromisoformat(text), length


def _after(start: datetime, length: int) -> datetime:
    if length == _YEAR:
        return start.replace(year=start.year + 1)
    if length == _MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    if length == _DAY:
        return start + timedelta(days=1)
    if length == _MINUTE:
        return start + timedelta(minutes=1)
    step: int = 10 ** max(0, _FINEST - (length - _SECOND))
    return start + step * _MICROSECOND
