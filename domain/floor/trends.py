"""A vital sign that worsens fast between two readings; a trend only ever raises."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from domain.floor.ages import ANY_AGE, FROM_12, FROM_16, Band
from domain.floor.limits import UNITS, named, shown
from domain.floor.readings import Reading, Readings, sources
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, VitalName

NICE = "NICE suspected sepsis, 16 or over (NG253 2025): systolic 40 below normal"
HEAD = "NICE NG232 (2023) head injury: a falling Glasgow coma scale"
TREND = "RCP NEWS2 2017: a parameter that worsens asks for review"
FAMILY = "Trends"

V = VitalName
TWO, THREE = Acuity.EMERGENT, Acuity.URGENT

WINDOW = timedelta(hours=4)
"""How long before the newest reading an earlier one still tells of a trend."""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A change within `WINDOW` that ends beyond `beyond`; negative for a fall."""

    vital: VitalName
    change: Decimal
    beyond: Decimal
    acuity: Acuity
    why: str
    citation: str = TREND
    ages: Band = ANY_AGE

    @property
    def rule(self) -> str:
        """Return the id of the rule."""
        return f"trend.{self.vital.value}"

    def worsened(self, before: Reading, now: Reading) -> bool:
        """Say whether the change is that large and ends where it matters."""
        sign = 1 if self.change > 0 else -1
        moved = sign * (now.value - before.value) >= abs(self.change)
        return moved and sign * now.value >= sign * self.beyond


TRENDS: tuple[Trend, ...] = (
    Trend(
        vital=V.SYSTOLIC,
        change=Decimal(-40),
        beyond=Decimal(110),
        acuity=TWO,
        why="NICE holds a fall of 40 for as grave as 90; from a high pressure to a "
        "normal one it is not.",
        citation=NICE,
        ages=FROM_12,
    ),
    Trend(
        vital=V.GLASGOW_COMA_SCALE,
        change=Decimal(-2),
        beyond=Decimal(14),
        acuity=TWO,
        why="A falling coma scale is an emergency, whatever the scale.",
        citation=HEAD,
    ),
    Trend(
        vital=V.HEART_RATE,
        change=Decimal(30),
        beyond=Decimal(101),
        acuity=THREE,
        why="A pulse that climbs this fast may be loss of blood or sepsis.",
        ages=FROM_16,
    ),
    Trend(
        vital=V.RESPIRATORY_RATE,
        change=Decimal(8),
        beyond=Decimal(21),
        acuity=THREE,
        why="Breathing that quickens comes before most collapses.",
        ages=FROM_12,
    ),
    Trend(
        vital=V.OXYGEN_SATURATION,
        change=Decimal(-4),
        beyond=Decimal(95),
        acuity=THREE,
        why="Falling oxygen is measured again before it is believed to be harmless.",
    ),
)


def _threshold(trend: Trend) -> str:
    change = f"{trend.change:+}"
    ends = f"to {shown(trend.beyond)} {UNITS.get(trend.vital, '')}".rstrip()
    worse = "or more" if trend.change > 0 else "or less"
    return f"{named(trend.vital)} {change} within 4 hours, {ends} {worse}"


CATALOGUE: tuple[Rule, ...] = tuple(
    Rule(
        rule=trend.rule,
        family=FAMILY,
        acuities=(trend.acuity,),
        says=f"{named(trend.vital)} worsens fast between two readings.",
        why=trend.why,
        citation=trend.citation,
        ages=(trend.ages,),
        thresholds=(_threshold(trend),),
    )
    for trend in TRENDS
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for each vital that worsened fast; one that recovers takes nothing away."""
    for trend in TRENDS:
        if trend.ages.meets(readings.age):
            yield from _fired(trend, readings)


def _fired(trend: Trend, readings: Readings) -> Iterator[Fired]:
    for now in readings.current(trend.vital):
        before = [
            earlier
            for earlier in readings.replaced(trend.vital)
            if _within(earlier, now) and trend.worsened(earlier, now)
        ]
        if before:
            worst = before[-1] if trend.change < 0 else before[0]
            yield Fired(
                rule=trend.rule,
                acuity=trend.acuity,
                sentence=(
                    f"{named(trend.vital)} went from {shown(worst.value)} to "
                    f"{shown(now.value)}."
                ),
                citation=trend.citation,
                sources=sources((worst, now)),
            )


def _within(earlier: Reading, now: Reading) -> bool:
    if earlier.age is None or now.age is None:
        return False
    return earlier.age - now.age <= WINDOW
