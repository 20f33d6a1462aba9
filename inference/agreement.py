"""Whether the numbers of a claim are those of the thing that it says they are: pure.

A number that stands in the record may still be a lie where it stands: another vital
sign's, with another unit, or on the wrong side of a limit.
"""

from collections.abc import Sequence
from typing import Final

from inference.quantities import (
    bounded,
    contradictions,
    limited,
    measures,
    numbers,
    valued,
)

# What is measured, by the words for it: those of the record come first.
_MEASURED: Final = (
    r"heart ?rates?|pulse(?: rate)?|hr",
    r"respiratory ?rates?|breathing ?rate|respirations?|rr",
    r"oxygen saturation|saturation|spo2|o2 ?sats?|sats",
    r"systolic(?: blood)?(?: pressure)?|sbp|(?:blood pressure|bp)(?! diastolic)",
    r"diastolic(?: blood)?(?: pressure)?|dbp",
    r"(?:body )?temperature|temp|fever",
    r"glasgow coma scale|gcs",
    r"pain(?: score| level)?",
    r"(?:blood )?(?:glucose|sugar)",
    r"lactate",
    r"capillary refill(?: time)?",
    r"weight",
    r"(?<!the )age",
)


def units_agree(claim: str, ground: str) -> bool:
    """Say whether each unit of a claim is that which the ground gives the number.

    A number that the ground states without any unit may have one in the claim.
    """
    known = measures(ground)
    united = {number for number, _ in known}
    return all(each in known or each[0] not in united for each in measures(claim))


def names_agree(claim: str, facts: str, quotes: Sequence[str]) -> bool:
    """Say whether each value that a claim gives a vital sign is that sign's."""
    return all(_named_well(claim, facts, quotes, names) for names in _MEASURED)


def comparisons_hold(claim: str, facts: str, quotes: Sequence[str]) -> bool:
    """Say whether what a claim calls above or below a number is so.

    Nothing is above or below the value that the record itself gives it.
    """
    limits = frozenset().union(*map(numbers, quotes))
    if contradictions(claim) or limited(claim) & numbers(facts) - limits:
        return False
    return all(
        _on_its_side(claim, facts, names)
        for names in _MEASURED
        if bounded(claim, names)
    )


def _named_well(claim: str, facts: str, quotes: Sequence[str], names: str) -> bool:
    said, known = valued(claim, names), valued(facts, names)
    if said <= known:
        return True
    spoken = (
        quote for quote in quotes if bounded(quote, names) or valued(quote, names)
    )
    return said <= known.union(*map(numbers, spoken))


def _on_its_side(claim: str, facts: str, names: str) -> bool:
    known = valued(facts, names)
    return all(
        any(value > limit if more else value < limit for value in known)
        for more, limit in bounded(claim, names)
    )
