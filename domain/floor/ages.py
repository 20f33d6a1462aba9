"""Age bands in days, half-open, for ages that may be known only as an interval."""

from math import ceil, floor
from typing import NamedTuple

from domain.values import Age

DAYS_OF_YEAR = 365.25
DAYS_OF_MONTH = DAYS_OF_YEAR / 12
OLDEST = 150 * 366  # days; beyond any human life


class Band(NamedTuple):
    """A half-open age interval `[least, end)` in days."""

    least: int
    end: int

    def meets(self, age: Age) -> bool:
        """Say whether some age of the interval lies in this band."""
        return age.least < self.end and self.least <= age.most


def days(least: int, end: int) -> Band:
    """Make a band from days of life."""
    return Band(least, end)


def months(least: int, end: int) -> Band:
    """Make a band from months; see `years` for the days on which bands meet."""
    return Band(floor(least * DAYS_OF_MONTH), ceil(end * DAYS_OF_MONTH))


def years(least: int, end: int | None = None) -> Band:
    """Make a band from birthdays, open-ended without an end.

    A year has 365 or 366 days, so a birthday falls on one of two days; on both
    days both neighbouring bands apply, and the more urgent one decides.
    """
    last = OLDEST if end is None else ceil(end * DAYS_OF_YEAR)
    return Band(floor(least * DAYS_OF_YEAR), last)


def bounded(age: Age | None) -> Age:
    """Read an age as an ordered interval within a human life; unknown is all of it."""
    if age is None:
        return Age(least=0, most=OLDEST - 1)
    least, most = sorted((age.least, age.most))
    return Age(least=_within_life(least), most=_within_life(most))


def _within_life(age: int) -> int:
    return min(max(age, 0), OLDEST - 1)


ANY_AGE = years(0)
UNDER_28_DAYS = days(0, 28)
UNDER_90_DAYS = days(0, 90)
INFANT = years(0, 1)
CHILD = years(0, 12)
UNDER_16 = years(0, 16)
FROM_12 = years(12)
FROM_16 = years(16)
