"""Everything that a clinician reads before signing, in the order of the page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from domain.floor import digest, pews, site
from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import CATALOGUE, RULES_VERSION
from domain.floor.concepts import Concept
from domain.floor.limits import catalogued
from domain.floor.red_flags import FLAGS
from domain.floor.rule import Rule
from domain.rulebook import Rulebook
from domain.ruled import MINUTES, NO_SITE_RULES, Minutes, Signature, SiteRules
from domain.values import Acuity

SITE_FAMILY = "Limits of this site"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A rule, the concepts that it asks for, and the site's own level for it."""

    rule: Rule
    asks: tuple[str, ...] = ()
    here: Acuity | None = None

    @property
    def ages(self) -> str:
        """Return for which ages it is, in words."""
        if self.rule.thresholds and len(self.rule.ages) > 1:
            return "by age, as listed"
        return ", ".join(dict.fromkeys(band.words for band in self.rule.ages))

    @property
    def levels(self) -> str:
        """Return its levels, such as `1 or 2`."""
        return " or ".join(str(int(each)) for each in sorted(self.rule.acuities))


@dataclass(frozen=True, kw_only=True)
class Family:
    """Rules of one heading, the most urgent first."""

    title: str
    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        """Return its name in a link."""
        words = "".join(c if c.isalnum() else " " for c in self.title.lower())
        return "family-" + "-".join(words.split())


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words and codes that mean a concept, and which red flags ask for it."""

    concept: str
    phrases: tuple[str, ...]
    codes: tuple[str, ...]
    here: tuple[str, ...] = ()  # the site's own


@dataclass(frozen=True, kw_only=True)
class Booklet:
    """The rules of one version, with what one site adds."""

    version: str
    catalogue: str
    families: tuple[Family, ...]
    words: tuple[Words, ...]
    minutes: Minutes
    site: SiteRules
    signature: Signature | None

    @property
    def rules(self) -> int:
        """Return how many rules there are."""
        return sum(len(each.entries) for each in self.families)

    @property
    def signed(self) -> bool:
        """Say whether the last signature is of these very rules."""
        signature = self.signature
        return signature is not None and signature.catalogue == self.catalogue

    @property
    def adds(self) -> bool:
        """Say whether the site adds anything."""
        return self.site != NO_SITE_RULES

    @property
    def shortened(self) -> bool:
        """Say whether the site waits for less long than the program."""
        return self.minutes != MINUTES


def booklet(book: Rulebook) -> Booklet:
    """Return what a clinician reads of the rules of this program at a site."""
    return Booklet(
        version=RULES_VERSION,
        catalogue=digest.of_catalogue(book.site),
        families=tuple(_families(book.site)),
        words=tuple(_words(book.site)),
        minutes=book.site.minutes,
        site=book.site,
        signature=book.signature,
    )


def readable(phrase: str) -> str:
    """Write a phrase of the catalogue so that a clinician can read it.

    Words that stand near each other in any order are joined by `+`, others for one
    by `/`; `…` is any ending, and quotes ask for just these words in this order.
    """
    groups = phrase.lstrip("=~").split()
    parts = [part for part in groups if part[0] != "!"]
    barred = [part[1:] for part in groups if part[0] == "!"]
    exact = phrase.startswith("=") and len(parts) > 1
    either = _bracketed if len(parts) > 1 else _either
    said = (" " if exact else " + ").join(map(either, parts))
    more = f", not near {', '.join(map(_either, barred))}" if barred else ""
    more += ", also across commas" if phrase.startswith("~") else ""
    return f"“{said}”{more}" if exact else f"{said}{more}"


def _either(group: str) -> str:
    return group.replace("*", "…").replace("|", " / ")


def _bracketed(group: str) -> str:
    return f"({_either(group)})" if "|" in group else _either(group)


def _families(rules: SiteRules) -> Iterator[Family]:
    asked = {flag.rule: _asked(flag.all_of, flag.history) for flag in FLAGS}
    levels = dict(rules.levels)
    chart = pews.catalogue(rules.chart) if rules.chart else ()
    own = (*catalogued(SITE_FAMILY, map(site.limit_of, rules.limits)), *chart)
    by_family = attrgetter("family")
    for title, found in groupby(sorted((*own, *CATALOGUE), key=by_family), by_family):
        entries = (
            Entry(rule=each, asks=asked.get(each.rule, ()), here=levels.get(each.rule))
            for each in found
        )
        yield Family(title=title, entries=tuple(sorted(entries, key=_most_urgent)))


def _asked(
    told: Iterable[tuple[str, ...]], history: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in (*told, history) for name in group))


def _most_urgent(entry: Entry) -> tuple[int, str]:
    return min(entry.rule.acuities), entry.rule.rule


def _words(rules: SiteRules) -> Iterator[Words]:
    for concept in sorted(CONCEPTS, key=attrgetter("name")):
        own = [phrase for name, phrase in rules.words if name == concept.name]
        yield Words(
            concept=concept.name,
            phrases=tuple(map(readable, concept.phrases)),
            codes=tuple(_codes(concept)),
            here=tuple(map(readable, own)),
        )


def _codes(concept: Concept) -> Iterator[str]:
    for system, codes in (
        ("SNOMED CT", sorted(concept.snomed)),
        ("ICD-10", concept.icd10),
        ("ATC", concept.atc),
        ("RxNorm", sorted(concept.rxnorm)),
    ):
        if codes:
            yield f"{system} {', '.join(codes)}"
