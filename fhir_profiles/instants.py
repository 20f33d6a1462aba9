"""FHIR dates as intervals of time (R4, search.html#date).

A date of lower precision is the whole year, month or day; without a time zone it is
read as UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

EARLIEST = -(2**62)
LATEST = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR, _MONTH, _DAY, _MINUTE, _SECOND = 4, 7, 10, 16, 19


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
    """Return the UTC datetime of microseconds since 1970."""
    return _EPOCH + instant * _MICROSECOND


def span(text: str) -> Span | None:
    """Read a FHIR date, dateTime or instant; None where it is none."""
    try:
        first, length = _first(text)
    except ValueError:
        return None
    start = first if first.tzinfo else first.replace(tzinfo=UTC)
    try:
        end = microseconds(_after(start, length))
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
    seconds = size >= _SECOND and text[_MINUTE] == ":"
    fraction = seconds and "." in text[_SECOND : _SECOND + 1]
    length = _SECOND if seconds else _MINUTE
    return datetime.fromisoformat(text), length + 1 if fraction else length


def _after(start: datetime, length: int) -> datetime:
    if length == _YEAR:
        return start.replace(year=start.year + 1)
    if length == _MONTH:
        return (start + timedelta(days=31)).replace(day=1)
    if length == _DAY:
        return start + timedelta(days=1)
    if length == _MINUTE:
        return start + timedelta(minutes=1)
    if length == _SECOND:
        return start + timedelta(seconds=1)
    return start + _MICROSECOND
