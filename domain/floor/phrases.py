"""The small language in which a catalogue says which words mean a concept.

A phrase is a line of word groups: `chest pain|pressure|tight*` asks for *chest* and
one of the others near it, in any order; `*` ends a stem; a group that starts with `!`
must not be near, as in `not breathing !well|normally`. A phrase that starts with `=`
wants its words side by side and in their order, as in `=l|left weakness`; one that
starts with `~` may go over commas: `~cast tight numb*`.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from domain.floor.ordinary import PLAIN, SLIPS
from domain.floor.words import (
    BARRIER,
    SHORTEST_MISSPELT,
    misspellable,
    one_slip,
    slips,
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

    @property
    def is_single(self) -> bool:
        """Say whether one word says it by itself, whatever stands beside it."""
        return len(self.groups) == 1 and not self.unless

    def matches(
        self, heard: Positions, barriers: Sequence[int]
    ) -> Iterator[tuple[int, ...]]:
        """Yield the word positions of every place where the phrase is said."""
        places = [_places(group, heard) for group in self.groups]
        if not all(places):
            return
        barred = _places(self.unless, heard) if self.unless else ()
        for found in _together(places, self._reach(), ordered=self.exact):
            low, high = min(found), max(found)
            if _between(barriers, low, high) and not self.across:
                continue
            if not barred or not _beside(barred, barriers, low, high):
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
        if not all(near):
            continue
        for found in product((start,), *near):
            close = max(found) - min(found) <= reach
            if close and (sorted(found) == [*found] or not ordered):
                yield from [found] if len(set(found)) == len(found) else []


def _places(terms: frozenset[str], heard: Positions) -> Sequence[int]:
    found = [heard[term] for term in terms if term in heard]
    if len(found) > 1:
        return sorted({place for places in found for place in places})
    return found[0] if found else ()


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
    return bool(near) and any(
        not _between(barriers, min(place, low), max(place, high)) for place in near
    )


class Lexicon:
    """All words of a set of phrases, found in a sentence with one slip forgiven."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        every = tuple(phrases)
        terms = {t for each in every for g in (each.unless, *each.groups) for t in g}
        self._single: dict[str, list[str]] = {}
        for phrase in every:
            for term in phrase.groups[0] if phrase.is_single else ():
                self._single.setdefault(term, []).append(phrase.concept)
        self._phrases = _anchored([each for each in every if not each.is_single])
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

    def said(
        self, tokens: Sequence[str], settled: Container[str] = ()
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield each concept said in a sentence, with the positions of its words.

        Concepts in `settled`, which may grow meanwhile, are not looked for.
        """
        heard = self.places(tokens)
        yield from self._alone(heard, settled)
        words = heard.keys()
        barriers = [i for i, token in enumerate(tokens) if token == BARRIER]
        for term in heard:
            for phrase, second in self._phrases.get(term, ()):
                # Nearly every phrase ends here.
                if words.isdisjoint(second) or phrase.concept in settled:
                    continue
                for found in phrase.matches(heard, barriers):
                    yield phrase.concept, found

    def _alone(
        self, heard: Positions, settled: Container[str]
    ) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the concepts that one word says by itself."""
        for term, places in heard.items():
            for concept in self._single.get(term, ()):
                if concept not in settled:
                    yield from ((concept, (place,)) for place in places)

    def _terms(self, token: str) -> tuple[str, ...]:
        token = SLIPS.get(token, token)
        if token in self._words:
            found = [token]
        elif misspellable(token):
            alike = {t for key in slips(token) for t in self._long.get(key, ())}
            found = sorted(term for term in alike if _misspelt(token, term))
        else:
            found = []
        stems = self._stems.get(token[:2], ())
        exact = (stem for stem in stems if token.startswith(stem[:-1]))
        return tuple(dict.fromkeys((*found, *exact)))


def _anchored(
    phrases: Sequence[Phrase],
) -> dict[str, list[tuple[Phrase, frozenset[str]]]]:
    """Index phrases by the terms of their rarest group, beside the second rarest."""
    uses = Counter(term for each in phrases for group in each.groups for term in group)
    index: dict[str, list[tuple[Phrase, frozenset[str]]]] = {}
    for phrase in phrases:
        rare = sorted(phrase.groups, key=lambda group: sum(uses[t] for t in group))
        for term in rare[0]:
            index.setdefault(term, []).append((phrase, rare[:2][-1]))
    return index


def _misspellings(terms: Iterable[str]) -> dict[str, list[str]]:
    """Index the long terms by the keys that a token one slip away shares with them."""
    index: dict[str, list[str]] = {}
    for term in terms:
        word = term.rstrip("*")
        if len(word) >= SHORTEST_MISSPELT and term not in PLAIN:
            for key in slips(word):
                index.setdefault(key, []).append(term)
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
