"""What complaints, conditions and medications say, read from codes and from words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from domain.floor.catalogue import CONCEPTS
from domain.floor.concepts import Codes
from domain.floor.context import scopes
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.trailing import (
    denied_after,
    looks_back,
    others_after,
    past_after,
    supposed_after,
)
from domain.floor.triggers import Sense
from domain.floor.words import sentences
from domain.values import Complaint, Finding, Reference

Sources = tuple[Reference, ...]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Concepts that are present, and concepts that are said to be in the past."""

    present: Mapping[str, Sources]
    past: Mapping[str, Sources]

    def now(self, *concepts: str) -> Sources:
        """Return where any of the concepts is said to be present."""
        return _merged(self.present, concepts)

    def ever(self, *concepts: str) -> Sources:
        """Return where any of the concepts is said to be present or past."""
        return _distinct((self.now(*concepts), _merged(self.past, concepts)))

    def joined(self, other: "Heard") -> "Heard":
        """Return what both say together."""
        return Heard(
            present=_joined(self.present, other.present),
            past=_joined(self.past, other.past),
        )


def _joined(
    one: Mapping[str, Sources], two: Mapping[str, Sources]
) -> dict[str, Sources]:
    both = {name: _distinct((one[name], two[name])) for name in one if name in two}
    return {**one, **two, **both}


def _merged(where: Mapping[str, Sources], concepts: Sequence[str]) -> Sources:
    heard = [where[concept] for concept in concepts if concept in where]
    if not heard:  # most rules ask in vain
        return ()
    return _distinct(heard)


def _distinct(groups: Sequence[Sources]) -> Sources:
    """Return sorted sources, each once; of one complaint all groups are the same."""
    first = groups[0]
    if all(group == first for group in groups):
        return first
    return tuple(sorted({source for group in groups for source in group}, key=str))


def listen(
    findings: Iterable[Complaint | Finding],
    *,
    year: int,
    lexicon: Lexicon | None = None,
) -> Heard:
    """Read findings against the catalogue; `year` is the year of the case.

    Words are those of the catalogue where no other `lexicon` is given.
    """
    present: dict[str, set[Reference]] = {}
    past: dict[str, set[Reference]] = {}
    for finding in findings:
        for concept in _coded(finding):
            present.setdefault(concept, set()).add(finding.source)
        for concept, sense in _said(finding, year, lexicon or _lexicon()):
            place = past if sense is Sense.PAST else present
            place.setdefault(concept, set()).add(finding.source)
    return Heard(present=_sorted(present), past=_sorted(past))


def _sorted(found: Mapping[str, set[Reference]]) -> dict[str, Sources]:
    return {name: tuple(sorted(places, key=str)) for name, places in found.items()}


def _coded(finding: Complaint | Finding) -> list[str]:
    return [name for code in finding.codes for name in _codes().names(code)]


def _said(
    finding: Complaint | Finding, year: int, lexicon: Lexicon
) -> Iterable[tuple[str, Sense | None]]:
    # A code's display is words of the sender too, and often the only ones.
    for text in dict.fromkeys((finding.text, *(c.display for c in finding.codes))):
        for tokens in sentences(text):
            yield from _stated(tokens, lexicon, year)


def _stated(
    tokens: Sequence[str], lexicon: Lexicon, year: int
) -> Iterable[tuple[str, Sense | None]]:
    """Yield what a sentence says of the patient: present, or past."""
    triggers = tuple(scopes(tokens))
    behind = looks_back(tokens)
    present: set[str] = set()
    for concept, found in lexicon.said(tokens, present):
        if concept in present:  # by other words; once is enough
            continue
        senses = {scope.sense for scope in triggers if scope.covers(found)}
        if behind:
            senses |= _behind(tokens, max(found) + 1, year)
        if not senses:
            present.add(concept)
            yield concept, None
        elif senses == _PAST:
            yield concept, Sense.PAST


_PAST = {Sense.PAST}
_AFTER = (
    (Sense.DENIED, denied_after),
    (Sense.OTHER, others_after),
    (Sense.SUPPOSED, supposed_after),
)


@cache
def _codes() -> Codes:
    return Codes(CONCEPTS)


@cache
def _lexicon() -> Lexicon:
    return Lexicon(
        Phrase.parse(concept.name, text)
        for concept in CONCEPTS
        for text in concept.phrases
    )


def _behind(tokens: Sequence[str], end: int, year: int) -> set[Sense]:
    """Return what the words behind a phrase make of it."""
    if not looks_back(tokens[end : end + 6]):
        return set()
    senses = {sense for sense, says in _AFTER if says(tokens, end)}
    return senses | _PAST if past_after(tokens, end, year) else senses
