"""The floor as a site has it: never less urgent than the floor by itself.

The rules judge a case as they are; what a site adds can only fire beside them. So no
setting, right or wrong, takes anything away: that is the shape of the code, and a
property test over cases and settings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from operator import gt, lt

from domain.floor import compose, limits, pews
from domain.floor.ages import OLDEST, Band
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.readings import Readings
from domain.floor.text import listen
from domain.ruled import NO_SITE_RULES, SiteLimit, SiteRules
from domain.values import Case, Fired, Floor

CITATION = "The site's own rule"


def assess(case: Case, site: SiteRules) -> Floor:
    """Return the least urgent level that this case may get at this site.

    Everything that `compose.assess` fires is there too, at its level or a more urgent
    one. The answer depends on nothing but the two arguments.
    """
    floor = compose.assess(case)
    if site == NO_SITE_RULES:
        return floor
    fired = {*floor.fired, *_measured(case, site), *_worded(case, site)}
    ordered = tuple(sorted(_levelled(fired, site), key=compose.order))
    return replace(floor, acuity=ordered[0].acuity, fired=ordered)


def limit_of(limit: SiteLimit) -> limits.Limit:
    """Return a site's limit as a rule of the floor."""
    below = limit.below is not None
    value = limit.below if limit.below is not None else limit.above
    if value is None:
        raise ValueError("A site's limit is above or below something.")
    side = "below" if below else "above"
    number = str(value).replace(".", "-").removeprefix("-")
    return limits.Limit(
        rule=f"site.{limit.vital.value}-{side}-{number}",
        vital=limit.vital,
        compare=lt if below else gt,
        limit=value,
        acuity=limit.acuity,
        citation=CITATION,
        why="The site wants patients beyond this limit to be seen sooner.",
        ages=Band(
            limit.least_days, OLDEST if limit.end_days is None else limit.end_days
        ),
        meaning="a limit of this site",
    )


@cache
def lexicon_of(words: tuple[tuple[str, str], ...]) -> Lexicon:
    """Return a site's phrases, ready to be heard."""
    return Lexicon(Phrase.parse(concept, phrase) for concept, phrase in words)


def _levelled(fired: Iterable[Fired], site: SiteRules) -> Iterator[Fired]:
    levels = dict(site.levels)
    for each in fired:
        wanted = levels.get(each.rule, each.acuity)
        if wanted < each.acuity:
            said = f"{each.sentence} At this site: level {int(wanted)}."
            yield replace(each, acuity=wanted, sentence=said)
        else:
            yield each


def _measured(case: Case, site: SiteRules) -> Iterator[Fired]:
    """Ask the site's limits, and its chart for children."""
    readings = Readings(case)
    yield from limits.broken(map(limit_of, site.limits), readings)
    if site.chart is not None:
        yield from pews.rules(readings, site.chart)


def _worded(case: Case, site: SiteRules) -> Iterator[Fired]:
    """Ask every rule again, of a patient who also says what the site's words mean."""
    if not site.words:
        return
    readings, lexicon = Readings(case), lexicon_of(site.words)
    heard = listen(case.complaints, year=case.at.year, lexicon=lexicon)
    if not heard.present and not heard.past:
        return
    readings.told = readings.told.joined(heard)
    for rule in compose.RULES:
        yield from rule(readings)
