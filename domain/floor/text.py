"""What complaints, conditions and medications say, read from codes and from words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from domain.floor.catalogue import CONCEPTS
from domain.floor.concepts import Codes
from domain.floor.context import Scope, scopes
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.trailing import (
    denied_after,
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
        found = {*self.now(*concepts), *_merged(self.past, concepts)}
        return tuple(sorted(found, key=str))

    def joined(self, other: "Heard") -> "Heard":
        """Return what both say together."""
        return Heard(
            present=_joined(self.present, other.present),
            past=_joined(self.past, other.past),
        )


def _joined(
    one: Mapping[str, Sources], two: Mapping[str, Sources]
) -> dict[str, Sources]:
    return {n: (*one.get(n, ()), *two.get(n, ())) for n in (*one, *two)}


def _merged(where: Mapping[str, Sources], concepts: Sequence[str]) -> Sources:
    heard = [where[concept] for concept in concepts if concept in where]
    if not heard:  # most rules ask in vain
        return ()
    return tuple(sorted({source for each in heard for source in each}, key=str))


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
            yield from _stated(tokens, tuple(lexicon.said(tokens)), year)


def _stated(
    tokens: Sequence[str], said: Sequence[tuple[str, tuple[int, ...]]], year: int
) -> Iterable[tuple[str, Sense | None]]:
    """Yield what a sentence says of the patient: present, or past."""
    triggers = tuple(scopes(tokens)) if said else ()
    present: set[str] = set()
    for concept, found in said:
        if concept in present:  # by other words; once is enough
            continue
        sense = _sense(tokens, found, triggers, year)
        if sense is None:
            present.add(concept)
        if sense in {None, Sense.PAST}:
            yield concept, sense


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


def _sense(
    tokens: Sequence[str],
    found: tuple[int, ...],
    triggers: Sequence[Scope],
    year: int,
) -> Sense | None:
    """Return why a phrase is not a present complaint of the patient, or None."""
    senses = {scope.sense for scope in triggers if scope.covers(found)}
    end = max(found) + 1
    senses |= {sense for sense, says in _AFTER if says(tokens, end)}
    for sense in (Sense.DENIED, Sense.OTHER, Sense.SUPPOSED, Sense.PAST):
        if sense in senses:
            return sense
    return Sense.PAST if past_after(tokens, end, year) else None
