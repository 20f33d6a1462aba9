"""What complaints, conditions and medications say, read from codes and from words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from domain.floor.catalogue import CONCEPTS
from domain.floor.context import Scope, Sense, scopes
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.trailing import denied_after, past_after
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
    found = {source for concept in concepts for source in where.get(concept, ())}
    return tuple(sorted(found, key=str))


def listen(
    findings: Iterable[Complaint | Finding],
    *,
    year: int,
) -> Heard:
    """Read findings against the catalogue; `year` is the year of the case."""
    present: dict[str, set[Reference]] = {}
    past: dict[str, set[Reference]] = {}
    for finding in findings:
        for concept in _coded(finding):
            present.setdefault(concept, set()).add(finding.source)
        for concept, sense in _said(finding, year):
            place = past if sense is Sense.PAST else present
            place.setdefault(concept, set()).add(finding.source)
    return Heard(present=_sorted(present), past=_sorted(past))


def _sorted(found: Mapping[str, set[Reference]]) -> dict[str, Sources]:
    return {name: tuple(sorted(places, key=str)) for name, places in found.items()}


def _coded(finding: Complaint | Finding) -> list[str]:
    if not finding.codes:
        return []
    return [c.name for c in CONCEPTS if any(map(c.has_code, finding.codes))]


def _said(
    finding: Complaint | Finding, year: int
) -> Iterable[tuple[str, Sense | None]]:
    lexicon = _lexicon()
    # A code's display is words of the sender too, and often the only ones.
    for text in dict.fromkeys((finding.text, *(c.display for c in finding.codes))):
        for tokens in sentences(text):
            triggers = tuple(scopes(tokens))
            for concept, found in lexicon.said(tokens):
                sense = _sense(tokens, found, triggers, year)
                if sense in {None, Sense.PAST}:
                    yield concept, sense


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
    if denied_after(tokens, end):
        return Sense.DENIED
    for sense in (Sense.DENIED, Sense.OTHER, Sense.SUPPOSED, Sense.PAST):
        if sense in senses:
            return sense
    return Sense.PAST if past_after(tokens, end, year) else None
