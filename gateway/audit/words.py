"""How times, ages, levels and references read in the story of a case."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.values import Acuity, Age, Reference, Vital

UNKNOWN: Final = "not known"
_YEAR_DAYS: Final = Decimal("365.25")
_INFANT_DAYS: Final = 730
_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_SECOND: Final = timedelta(seconds=1)


def level(acuity: Acuity | None) -> str:
    """Return an acuity with its name."""
    if acuity is None:
        return UNKNOWN
    return f"{int(acuity)} of 5 ({acuity.name.replace('_', '-').lower()})"


def instant(at: datetime | None) -> str:
    """Return a time in UTC to the millisecond."""
    if at is None:
        return "time erased"
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"


def span(between: timedelta) -> str:
    """Return a duration in the two largest units that it fills."""
    if between < timedelta(0):
        return f"minus {span(-between)} (the clock was set back)"
    if between < _SECOND:
        return f"{between // timedelta(milliseconds=1)} ms"
    if between < 10 * _SECOND:
        return f"{between / _SECOND:.1f} seconds"
    rest, parts = int(between / _SECOND), []
    for size, name in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2])


def age(of: Age | None) -> str:
    """Return an age in years, or in days of a small child."""
    if of is None:
        return UNKNOWN
    if of.most < _INFANT_DAYS:
        least, most, unit = of.least, of.most, "days"
    else:
        least, most = (int(days / _YEAR_DAYS) for days in (of.least, of.most))
        unit = "years"
    return f"{least} {unit}" if least == most else f"{least} to {most} {unit}"


def reference(of: Reference | None) -> str:
    """Return where a version can be read."""
    if of is None:
        return "none"
    version = f", version {of.version}" if of.version else ""
    return f"{of.type}/{of.id}{version}"


def references(of: Iterable[Reference]) -> str:
    """Return several of them."""
    return "; ".join(reference(each) for each in of)


def vital(of: Vital) -> str:
    """Return a measurement as the rules read it."""
    value = of.consciousness.value if of.consciousness else of.value
    said = UNKNOWN if value is None else str(value)
    return said if of.quality == "good" else f"{said} ({of.quality.value})"
