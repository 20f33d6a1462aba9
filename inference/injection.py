"""Whether a text reads as if it were meant for software: pure, heuristic, no proof."""

from collections import Counter
from collections.abc import Iterator

from inference.disguise import decoded, folded, smuggles
from inference.suspicion import KINDS, Suspicion

_LONGEST = 8000  # characters of one text that are screened; a case keeps no more
_LONG = 400  # letters of one word
_STUFFED = 60  # repetitions of a word that no complaint needs,
_SHARE = 4  # where it is more than one word in so many


def suspicions(text: str) -> tuple[Suspicion, ...]:
    """Return what a text looks like, in the order of `Suspicion`; () for most texts."""
    short = text[:_LONGEST]
    found = set(_looks(short))
    for meant in decoded(short):
        if looks := set(_looks(meant)) - found:
            found |= {Suspicion.ENCODED, *looks}
    if smuggles(short):
        found.add(Suspicion.HIDDEN)
    if _is_stuffed(short):
        found.add(Suspicion.STUFFING)
    return tuple(each for each in Suspicion if each in found)


def _looks(text: str) -> Iterator[Suspicion]:
    read = folded(text)
    return (suspicion for suspicion, pattern in KINDS if pattern.search(read))


def _is_stuffed(text: str) -> bool:
    """Say whether a text repeats itself as nobody speaks."""
    words = text.casefold().split()
    most = max(Counter(words).values(), default=0)
    longest = max(map(len, words), default=0)
    return longest > _LONG or (most >= _STUFFED and _SHARE * most > len(words))
