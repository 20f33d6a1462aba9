"""What the words right behind a phrase do to it: deny it, or place it years ago."""

from collections.abc import Sequence
from itertools import pairwise

from domain.floor.ordinary import word_set
from domain.floor.words import BARRIER, LINE

_ANSWERS = word_set("no denied denies absent negative neg none nil free")
_LINKS = word_set("is was are were") | {BARRIER}
_PREVENTED = word_set("prevention prophylaxis vaccine vaccination awareness")
_YEAR = 4  # digits
_LOOKING_BACK = _ANSWERS | _PREVENTED | word_set("ruled family in ago last year child")


def looks_back(tokens: Sequence[str]) -> bool:
    """Say whether a sentence has any word that may speak of what stands before it."""
    return not _LOOKING_BACK.isdisjoint(tokens)


def denied_after(tokens: Sequence[str], end: int) -> bool:
    """Say whether the words right behind a phrase deny it: 'chest pain: no'.

    The answer must stand alone; in 'chest pain, no fever' it belongs to the fever.
    """
    if tokens[end : end + 1] and tokens[end] in _LINKS:
        end += 1
    first, second, *_ = (*tokens[end : end + 2], BARRIER, BARRIER)
    if (first, second) == ("ruled", "out"):
        return True
    return first in _ANSWERS and second in {BARRIER, LINE}


def supposed_after(tokens: Sequence[str], end: int) -> bool:
    """Say whether a phrase only names what is to be prevented: 'stroke prevention'."""
    return bool(tokens[end : end + 1]) and tokens[end] in _PREVENTED


def others_after(tokens: Sequence[str], end: int) -> bool:
    """Say whether the words behind a phrase give it to the family."""
    tail = tokens[end : end + 4]
    if "family" not in tail:
        return False
    pairs = (*pairwise(tail), *zip(tail, tail[2:], strict=False))
    return any(second == "family" and first in {"in", "the"} for first, second in pairs)


def past_after(tokens: Sequence[str], end: int, year: int) -> bool:
    """Say whether the words behind a phrase place it years ago: 'in 2010'."""
    tail = tokens[end : end + 6]
    if _LOOKING_BACK.isdisjoint(tail):
        return False
    if BARRIER in tail:
        tail = tail[: tail.index(BARRIER)]
    pairs = pairwise(tail)
    return any(
        (first == "in" and _before(second, year))
        or (first in {"years", "yrs", "year", "yr"} and second == "ago")
        or (first, second) in {("last", "year"), ("a", "child")}
        for first, second in pairs
    )


def _before(word: str, year: int) -> bool:
    return len(word) == _YEAR and word.isdecimal() and int(word) < year
