"""The small language in which a catalogue says which words mean a concept.

A phrase is a line of word groups: `chest pain|pressure|tight*` asks for *chest* and
one of the others near it, in any order; `*` ends a stem; a group that starts with `!`
must not be near, as in `not breathing !well|normally`. A phrase that starts with `=`
wants its words side by side and in their order, as in `=l|left weakness`; one that
starts with `~` may go over commas: `~cast tight numb*`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from domain.floor.ordinary import PLAIN, SLIPS
from domain.floor.words import (
    BARRIER,
    SHORTEST_MISSPELT,
    misspellable,
    one_slip,
    starts,
    starts_with_one_slip,
)

_KEPT_WORDS = 8192
SLACK = 3  # words that may stand between those of a phrase

Positions = Mapping[str, Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Groups of terms of which each must be heard, and terms that must not be."""

    concept: str
    groups: tuple[frozenset[str], ...]
    unless: frozenset[str] = frozenset()
    exact: bool = False
    across: bool = False

    @classmethod
    def parse(cls, concept: str, text: str) -> "Phrase":
        """Read one phrase of the catalogue."""
        parts = text.lstrip("=~").split()
        groups = (frozenset(p.split("|")) for p in parts if not p.startswith("!"))
        barred = (p[1:].split("|") for p in parts if p.startswith("!"))
        return cls(
            concept=concept,
            groups=tuple(groups),
            unless=frozenset(term for terms in barred for term in terms),
            exact=text.startswith("="),
            across=text.startswith("~"),
        )

    def matches(
        self, heard: Positions, barriers: Sequence[int]
    ) -> Iterator[tuple[int, ...]]:
        """Yield the word positions of every place where the phrase is said."""
        words = heard.keys()
        for group in self.groups:  # nearly every phrase ends here
            if words.isdisjoint(group):
                return
        places = [_places(group, heard) for group in self.groups]
        for found in _together(places, self._reach(), ordered=self.exact):
            low, high = min(found), max(found)
            if _between(barriers, low, high) and not self.across:
                continue
            barred = _places(self.unless, heard) if self.unless else ()
            if not _beside(barred, barriers, low, high):
                yield found

    def _reach(self) -> int:
        """Return how far apart the first and the last word may stand."""
        if self.exact:
            return len(self.groups) - 1
        return len(self.groups) + (2 * SLACK if self.across else SLACK - 1)


def _together(
    places: Sequence[Sequence[int]], reach: int, *, ordered: bool
) -> Iterator[tuple[int, ...]]:
    """Yield one position of each group, all different and within a reach."""
    if len(places) == 1:
        yield from ((place,) for place in places[0])
        return
    for start in places[0]:
        near = [_near(others, start, reach) for others in places[1:]]
        for found in product((start,), *near):
            close = max(found) - min(found) <= reach
            if close and (sorted(found) == [*found] or not ordered):
                yield from [found] if len(set(found)) == len(found) else []


def _places(terms: Iterable[str], heard: Positions) -> list[int]:
    return sorted({place for term in terms for place in heard.get(term, ())})


def _near(places: Sequence[int], place: int, reach: int) -> Sequence[int]:
    return places[
        bisect_left(places, place - reach) : bisect_right(places, place + reach)
    ]


def _between(places: Sequence[int], low: int, high: int) -> bool:
    return bisect_left(places, low) < bisect_right(places, high)


def _beside(
    barred: Sequence[int], barriers: Sequence[int], low: int, high: int
) -> bool:
    """Say whether a word that excludes the phrase stands near, with no barrier."""
    near = {*_near(barred, low, SLACK), *_near(barred, high, SLACK)}
    return any(
        not _between(barriers, min(place, low), max(place, high)) for place in near
    )


class Lexicon:
    """All words of a set of phrases, found in a sentence with one slip forgiven."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases: dict[str, list[Phrase]] = {}
        terms: set[str] = set()
        for phrase in phrases:
            terms.update(phrase.unless, *phrase.groups)
            # By its rarest group, so that few phrases are tried in vain.
            for term in min(phrase.groups, key=len):
                self._phrases.setdefault(term, []).append(phrase)
        self._words = {term for term in terms if not term.endswith("*")}
        self._stems: dict[str, list[str]] = {}
        for term in sorted(terms - self._words):
            self._stems.setdefault(term[:2], []).append(term)
        self._long = _misspellings(terms)
        # Complaints repeat their words; how each is read never changes.
        self._read = lru_cache(maxsize=_KEPT_WORDS)(self._terms)

    def places(self, tokens: Sequence[str]) -> dict[str, list[int]]:
        """Return the positions of each term of the catalogue in one sentence."""
        heard: dict[str, list[int]] = {}
        for place, token in enumerate(tokens):
            for term in self._read(token):
                heard.setdefault(term, []).append(place)
        return heard

    def said(self, tokens: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each concept said in a sentence, with the positions of its words."""
        heard = self.places(tokens)
        barriers = [i for i, token in enumerate(tokens) if token == BARRIER]
        for term in heard:
            for phrase in self._phrases.get(term, ()):
                for found in phrase.matches(heard, barriers):
                    yield phrase.concept, found

    def _terms(self, token: str) -> tuple[str, ...]:
        token = SLIPS.get(token, token)
        if token in self._words:
            found = [token]
        elif misspellable(token):
            alike = {t for key in starts(token) for t in self._long.get(key, ())}
            found = sorted(term for term in alike if _misspelt(token, term))
        else:
            found = []
        stems = self._stems.get(token[:2], ())
        exact = (stem for stem in stems if token.startswith(stem[:-1]))
        return tuple(dict.fromkeys((*found, *exact)))


def _misspellings(terms: Iterable[str]) -> dict[str, list[str]]:
    """Index the long terms by how a token that is one slip away starts."""
    index: dict[str, list[str]] = {}
    for term in sorted(terms):
        if len(term.rstrip("*")) >= SHORTEST_MISSPELT and term not in PLAIN:
            for start in starts_with_one_slip(term):
                index.setdefault(start, []).append(term)
    return index


def _misspelt(token: str, term: str) -> bool:
    if not term.endswith("*"):
        return abs(len(token) - len(term)) <= 1 and one_slip(token, term)
    stem = term[:-1]
    size = len(stem)
    # The stem's last letter must be right: any ending may follow it.
    return any(
        token[:cut][-1:] == stem[-1] and one_slip(token[:cut], stem)
        for cut in (size - 1, size, size + 1)
        if cut <= len(token)
    )
