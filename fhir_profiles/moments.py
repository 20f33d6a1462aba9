"""FHIR date, dateTime and instant as spans of UTC time.

A partial date is a span (https://hl7.org/fhir/R4/datatypes.html#dateTime): it says when
something began at the earliest and was over at the latest.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fhir_profiles.elements import Resource, element, string

_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d:\d\d):(\d\d)(?:\.(\d{1,40}))?(Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)
_NEVER = frozenset({"0000", "0001", "9999"})
_FARTHEST_EAST = timedelta(hours=14)
_FARTHEST_WEST = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when, both in UTC; `exact` where an instant was sent."""

    start: datetime
    end: datetime
    exact: bool

    def overlaps(self, earliest: datetime, latest: datetime) -> bool:
        """Say whether the span can lie within the limits (both included).

        A date has no time zone: somewhere on Earth it began 14 hours before, or
        ended 12 hours after, the same date in UTC.
        """
        if self.exact:
            return earliest <= self.end and self.start <= latest
        return (
            earliest <= self.end + _FARTHEST_WEST
            and self.start - _FARTHEST_EAST <= latest
        )


def span(text: str) -> Span | None:
    """Read a date, dateTime or instant; None where the text is none of them.

    The years 1 and 9999 are read as no time: senders write them for "never" and
    "open", and no time zone could be applied to them.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None or match[1] in _NEVER:
        return None
    try:
        return _instant(match) if match[4] else _calendar_span(match)
    except ValueError:  # 30 February
        return None


def first_span(resource: Resource, names: Sequence[str]) -> Span | None:
    """Return the span of the first element of these names that has a readable one.

    A name may be of a date, dateTime or instant, or of a Period.
    """
    spans = (
        span(string(resource, name)) or period(element(resource, name))
        for name in names
    )
    return next((found for found in spans if found is not None), None)


def period(element_: Resource) -> Span | None:
    """Read a Period; a missing end is taken as its start, and the other way round."""
    start, end = span(string(element_, "start")), span(string(element_, "end"))
    first, last = start or end, end or start
    if first is None or last is None:
        return None
    return Span(
        start=first.start,
        end=max(first.start, last.end),
        exact=first.exact and last.exact,
    )


def dates(text: str) -> tuple[date, date] | None:
    """Read a date as its first and last possible day; a time of day is left out."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    try:
        return _first_day(match), _last_day(match)
    except ValueError:
        return None


def _instant(match: re.Match[str]) -> Span:
    second = min(int(match[5]), 59)  # FHIR allows the leap second, Python does not.
    fraction = (match[6] or "0")[:6]
    day = "-".join(match.group(1, 2, 3))
    at = datetime.fromisoformat(
        f"{day}T{match[4]}:{second:02d}.{fraction:0<6}{match[7]}"
    )
    return Span(start=at.astimezone(UTC), end=at.astimezone(UTC), exact=True)


def _calendar_span(match: re.Match[str]) -> Span:
    start = datetime.combine(_first_day(match), datetime.min.time(), UTC)
    last = datetime.combine(_last_day(match), datetime.min.time(), UTC)
    return Span(start=start, end=last + timedelta(days=1), exact=False)


def _first_day(match: re.Match[str]) -> date:
    return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def _last_day(match: re.Match[str]) -> date:
    year, month = int(match[1]), int(match[2] or 12)
    if match[3]:
        return date(year, month, int(match[3]))
    return date(year, month, calendar.monthrange(year, month)[1])
