"""A site's paediatric early warning chart: checked before it is used, then scored."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from domain.chart import Chart, ChartBand, Escalation, Scored, Step
from domain.floor.ages import UNDER_16, Band
from domain.floor.limits import named
from domain.floor.plausibility import plausible
from domain.floor.readings import Reading, Readings, sources
from domain.floor.rule import Rule
from domain.values import Fired

FAMILY = "Paediatric early warning chart of the site"
LEAST_URGENT_ESCALATION = 4
"""A chart that answers nothing or 'not urgent' to a score is no chart."""


def objections(chart: Chart) -> tuple[str, ...]:
    """Say what is wrong with a chart, sorted; nothing where it may be used."""
    found = {
        *_texts(chart),
        *_ages(chart.bands),
        *_escalations(chart),
        *(said for band in chart.bands for said in _band(band)),
    }
    return tuple(sorted(found))


def _texts(chart: Chart) -> Iterator[str]:
    if not all(text.strip() for text in (chart.name, chart.version, chart.citation)):
        yield "A chart needs a name, a version and a citation."


def _ages(bands: tuple[ChartBand, ...]) -> Iterator[str]:
    if not bands:
        yield "A chart needs an age band."
        return
    if bands[0].least_days != 0:
        yield "The first age band must begin at birth."
    if any(band.end_days <= band.least_days for band in bands):
        yield "An age band must end after it begins."
    if any(one.end_days != two.least_days for one, two in pairwise(bands)):
        yield "Each age band must begin where the one before it ends."


def _band(band: ChartBand) -> Iterator[str]:
    vitals = [scored.vital for scored in band.scored]
    if not vitals:
        yield "An age band must score a vital sign."
    if len(vitals) != len(set(vitals)):
        yield "An age band may score a vital sign only once."
    for scored in band.scored:
        yield from _steps(scored)


def _steps(scored: Scored) -> Iterator[str]:
    name = named(scored.vital)
    limits = [step.most for step in scored.steps[:-1]]
    if not scored.steps or scored.steps[-1].most is not None:
        yield f"{name}: the last step must be open-ended."
    known = [limit for limit in limits if limit is not None]
    if len(known) != len(limits):
        yield f"{name}: only the last step may be open-ended."
    if any(one >= two for one, two in pairwise(known)):
        yield f"{name}: the steps must rise."
    if not all(plausible(scored.vital, limit) for limit in known):
        yield f"{name}: a step lies outside of what can be measured."
    yield from _points(name, [step.points for step in scored.steps])


def _points(name: str, points: list[int]) -> Iterator[str]:
    """Check that points fall to one normal range and rise again after it."""
    if any(each < 0 for each in points) or 0 not in points:
        yield f"{name}: points must not be negative, and one step must have none."
        return
    normal = points.index(0)
    falling = all(one >= two for one, two in pairwise(points[: normal + 1]))
    rising = all(one <= two for one, two in pairwise(points[normal:]))
    if not (falling and rising):
        yield f"{name}: a worse value must never have fewer points."


def _escalations(chart: Chart) -> Iterator[str]:
    if not chart.escalations:
        yield "A chart needs an escalation."
    for each in chart.escalations:
        if each.total is None and each.single is None:
            yield "An escalation needs a total or the points of one parameter."
        if min(each.total or 1, each.single or 1) < 1:
            yield "An escalation begins at one point or more."
        if each.acuity > LEAST_URGENT_ESCALATION:
            yield "An escalation leads to level 1, 2, 3 or 4."


def rules(readings: Readings, chart: Chart) -> Iterable[Fired]:
    """Fire what the chart demands; the worst where an unknown age meets two bands."""
    if not UNDER_16.meets(readings.age):
        return
    for band in chart.bands:
        if Band(band.least_days, band.end_days).meets(readings.age):
            yield from _fired(chart, _scored(band, readings))


def _scored(band: ChartBand, readings: Readings) -> list[tuple[Reading, int]]:
    return [
        max(((r, _worth(r, scored.steps)) for r in found), key=lambda pair: pair[1])
        for scored in band.scored
        if (found := readings.current(scored.vital))
    ]


def _worth(reading: Reading, steps: tuple[Step, ...]) -> int:
    return next(
        step.points for step in steps if step.most is None or reading.value <= step.most
    )


def _fired(chart: Chart, scored: list[tuple[Reading, int]]) -> Iterator[Fired]:
    points = [each for _, each in scored]
    total, single = sum(points), max(points, default=0)
    demanded = [e.acuity for e in chart.escalations if _reached(e, total, single)]
    if demanded:
        yield Fired(
            rule="pews.chart",
            acuity=min(demanded),
            sentence=f"{chart.name} {chart.version}: {total} points.",
            citation=chart.citation,
            sources=sources(reading for reading, each in scored if each),
        )


def _reached(escalation: Escalation, total: int, single: int) -> bool:
    by_total = escalation.total is not None and total >= escalation.total
    by_single = escalation.single is not None and single >= escalation.single
    return by_total or by_single


def catalogue(chart: Chart) -> tuple[Rule, ...]:
    """Describe a site's chart for the catalogue."""
    return (
        Rule(
            rule="pews.chart",
            family=FAMILY,
            acuities=tuple(sorted({each.acuity for each in chart.escalations})),
            says=f"The site's chart {chart.name} {chart.version} asks for escalation.",
            why="The site answers for its chart; it is used only to raise urgency.",
            citation=chart.citation,
            ages=tuple(Band(band.least_days, band.end_days) for band in chart.bands),
            thresholds=tuple(map(_told, chart.escalations)),
        ),
    )


def _told(escalation: Escalation) -> str:
    parts = []
    if escalation.total is not None:
        parts.append(f"total {escalation.total} or more")
    if escalation.single is not None:
        parts.append(f"one parameter {escalation.single} or more")
    return f"{' or '.join(parts).capitalize()}: level {int(escalation.acuity)}"
