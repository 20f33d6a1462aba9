"""Why a site's rules would be laxer, unreadable, or without effect: then refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from domain.floor import compose, pews, plausibility, site
from domain.floor.limits import shown
from domain.floor.phrases import Phrase
from domain.floor.red_flags import FLAGS
from domain.floor.text import listen
from domain.ruled import MINUTES, SiteLimit, SiteRules
from domain.values import Acuity, Age, Case, Complaint, Reference, Vital, VitalName

_NOWHERE: Final = Reference(type="Basic", id="site")
_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)
_STEP: Final = Decimal("0.1")

RAISING: Final = frozenset(
    concept
    for flag in FLAGS
    for group in (*flag.all_of, flag.history)
    for concept in group
)
"""Concepts of which more words can only raise: those that a red flag asks for."""


def objections(rules: SiteRules) -> list[str]:
    """Return a sentence for each thing that makes no patient more urgent."""
    return [
        *_of_levels(rules),
        *_of_words(rules),
        *(said for each in rules.limits for said in _of_limit(each)),
        *_of_minutes(rules),
        *(pews.objections(rules.chart) if rules.chart else ()),
    ]


def _of_levels(rules: SiteRules) -> Iterator[str]:
    own = pews.catalogue(rules.chart) if rules.chart else ()
    known = {each.rule: each for each in (*compose.CATALOGUE, *own)}
    for name, level in rules.levels:
        rule = known.get(name)
        if rule is None:
            yield f"There is no rule {name}: `triage-gateway rules` lists them."
        elif level >= max(rule.acuities):
            yield (
                f"The rule {name} gives level {int(max(rule.acuities))} or a more "
                f"urgent one by itself; level {int(level)} would not be stricter."
            )
    names = [name for name, _ in rules.levels]
    if len(set(names)) < len(names):
        yield "A rule has two levels of the site: give one."


def _of_words(rules: SiteRules) -> Iterator[str]:
    for concept, phrase in rules.words:
        if concept not in RAISING:
            yield (
                f"No red flag asks for '{concept}', so more words for it would make "
                "nobody more urgent: `triage-gateway rules --words` lists the concepts."
            )
        elif not _is_heard(concept, phrase):
            yield (
                f"'{phrase}' for {concept} would never be heard: write plain words in "
                "small letters, as `triage-gateway rules --words` shows them."
            )


def _is_heard(concept: str, phrase: str) -> bool:
    """Say whether somebody who says just these words is understood."""
    parsed = Phrase.parse(concept, phrase)
    if not parsed.groups or not all(all(group) for group in parsed.groups):
        return False
    said = " ".join(min(group).replace("*", "") for group in parsed.groups)
    complaint = Complaint(text=said, source=_NOWHERE)
    lexicon = site.lexicon_of(((concept, phrase),))
    return concept in listen([complaint], year=_AT.year, lexicon=lexicon).present


def _of_limit(limit: SiteLimit) -> Iterator[str]:
    if (limit.above is None) == (limit.below is None):
        yield f"A limit of {limit.vital.value} is either above or below a value."
        return
    if limit.end_days is not None and limit.end_days <= limit.least_days:
        yield f"The limit of {limit.vital.value} ends at an age before it begins."
        return
    rule = site.limit_of(limit)
    beyond = rule.limit + (-_STEP if limit.above is None else _STEP)
    if limit.vital is VitalName.CONSCIOUSNESS or not plausibility.plausible(
        limit.vital, beyond
    ):
        yield f"'{rule.threshold}': no reading beyond that would be believed."
        return
    given = max(compose.assess(each).acuity for each in _cases(limit, beyond))
    if given <= limit.acuity:
        yield (
            f"'{rule.threshold}': the rules give level {int(given)} or a more urgent "
            f"one at {shown(beyond)} already, at every age of it, so level "
            f"{int(limit.acuity)} would not be stricter. Give a more urgent level, or "
            "a limit nearer to normal."
        )


def _cases(limit: SiteLimit, value: Decimal) -> Iterator[Case]:
    """Give patients of whom only this is known, one for each age that rules tell."""
    ages = site.limit_of(limit).ages
    vital = Vital(name=limit.vital, source=_NOWHERE, value=value, effective=_AT)
    for day in sorted({ages.least, ages.end - 1, *_days_that_matter()}):
        if ages.least <= day < ages.end:
            age = Age(least=day, most=day)
            yield Case(patient=_NOWHERE, at=_AT, age=age, vitals=(vital,))


def _days_that_matter() -> set[int]:
    """Return the first day of every age band that the catalogue knows."""
    return {band.least for rule in compose.CATALOGUE for band in rule.ages}


def _of_minutes(rules: SiteRules) -> Iterator[str]:
    for acuity, least, given in zip(Acuity, MINUTES, rules.minutes, strict=True):
        if not 0 <= given <= least:
            yield (
                f"Level {int(acuity)} waits for at most {least} minutes; {given} would "
                "be longer. A site may shorten the wait, not lengthen it."
            )
