"""Time inside a case: how old a value was when the case was judged."""

from datetime import UTC, datetime, timedelta

ALARMING = timedelta(hours=4)
"""Up to this age a vital sign raises as if it were measured now; beyond it only the
single-value extremes still count."""

REASSURING = timedelta(minutes=60)
"""Beyond this age a normal value is no longer believed: it counts as missing."""

CITATION = (
    "NEWS2 (RCP 2017), frequency of monitoring: at least 4-hourly at a score of 1-4, "
    "hourly from 5 or a single 3; who waits has no score yet"
)

SKEW = timedelta(minutes=5)
"""How far the clocks of devices may run ahead before a time is called future."""


def since(at: datetime, effective: datetime | None) -> timedelta | None:
    """Return how long before `at` a value was taken; None if unknown or in the future.

    A time without an offset is read as UTC, so that no input stops the assessment.
    """
    if effective is None:
        return None
    elapsed = _aware(at) - _aware(effective)
    return None if elapsed < -SKEW else elapsed


def future(at: datetime, effective: datetime | None) -> bool:
    """Say whether a value claims to be taken after the case was judged."""
    return effective is not None and _aware(at) - _aware(effective) < -SKEW


def _aware(time: datetime) -> datetime:
    return time if time.utcoffset() is not None else time.replace(tzinfo=UTC)
