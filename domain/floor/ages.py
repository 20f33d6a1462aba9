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

    @property
    def words(self) -> str:
        """Write the band as a clinician says it: 'under 28 days', '3 to 36 months'."""
        if self.least <= 0:
            return "any age" if self.end >= OLDEST else f"under {_told(self.end)}"
        if self.end >= OLDEST:
            return f"{_told(self.least)} and over"
        return f"{_told(self.least)} to under {_told(self.end)}"


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


def _told(day: int) -> str:
    """Write a day of life in the unit by which the band was made."""
    for unit, size, most in (
        ("years", DAYS_OF_YEAR, OLDEST),
        ("months", DAYS_OF_MONTH, 24 * DAYS_OF_MONTH),
    ):
        count = round(day / size)
        if count and day <= most and day in {floor(count * size), ceil(count * size)}:
            return f"{count} {unit if count > 1 else unit[:-1]}"
    return f"{day} days"


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
