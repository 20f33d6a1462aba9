"""Which share of a sub-query's words a passage holds.

The embedded index weighs each word by its rarity among all passages, which
Weaviate does not tell; here each word that is not a stop word counts alike.
"""

import re
from collections.abc import Sequence

from inference.retrieve.keywords import query_terms
from inference.schema import Passage

_WORD = re.compile(r"\w+")
_AT_ONCE = 30  # words, which are fewer than `query_terms` reads of a text
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a after an and any are as at be been before but by can could did do does for"
        " from had has have he her him his how i if in into is it its me my no not of"
        " on or our she since so some than that the their them then there these they"
        " this to was we were what when where which who why will with would you your"
    )
)


class Stems:
    """The stemmed words of some passages."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        cut = [
            (passage.id, part)
            for passage in {each.id: each for each in passages}.values()
            for part in _parts(f"{passage.heading}\n{passage.text}")
        ]
        self._held: dict[str, set[str]] = {}
        stemmed = query_terms([part for _, part in cut])
        for (name, _), stems in zip(cut, stemmed, strict=True):
            self._held.setdefault(name, set()).update(stems)

    def coverage(self, wanted: set[str], passage: Passage) -> float:
        """Return what share of some stems the passage holds, from 0 to 1."""
        return len(wanted & self._held[passage.id]) / (len(wanted) or 1)


def stems_of(texts: Sequence[str]) -> list[set[str]]:
    """Return the stems of each text's words, without stop words."""
    said = [" ".join(_words(text)) for text in texts]
    return [set(stems) for stems in query_terms(said)]


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _STOP_WORDS]


def _parts(text: str) -> list[str]:
    words = text.split()
    return [
        " ".join(words[start : start + _AT_ONCE])
        for start in range(0, len(words) or 1, _AT_ONCE)
    ]
