"""Dates of birth, as far as they tell people apart."""

import re
from collections.abc import Collection
from typing import Final

_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def born_otherwise(said: Collection[str], known: Collection[str]) -> bool:
    """Say whether dates tell of others: of a year or month alone there are many days.

    What is no date is no reason: it may be why a request was set aside.
    """
    dates = [each for each in said if _DATE.fullmatch(each)]
    return bool(dates and known) and not any(
        each.startswith(other) or other.startswith(each)
        for each in dates
        for other in known
    )
