"""Children: NICE sepsis high-risk bands, and blood pressure too low for the age."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, lt

from domain.floor import signs
from domain.floor.ages import (
    CHILD,
    UNDER_16,
    UNDER_28_DAYS,
    Band,
    months,
    years,
)
from domain.floor.limits import Limit, broken
from domain.floor.readings import Readings, distinct, sources
from domain.values import Acuity, Fired, VitalName

CITATION = "NICE suspected sepsis in under 16s (NG51 2024, now NG254), high-risk signs"
HYPOTENSION = "PALS (AHA 2020), hypotension by age"


@dataclass(frozen=True, kw_only=True)
class HighRisk:
    """Rates per minute at or above which a child with infection is at high risk."""

    ages: Band
    respiration: int
    heart: int


BANDS: tuple[HighRisk, ...] = (
    HighRisk(ages=years(0, 1), respiration=60, heart=160),
    HighRisk(ages=years(1, 3), respiration=50, heart=150),
    HighRisk(ages=years(3, 5), respiration=40, heart=140),
    HighRisk(ages=years(5, 6), respiration=29, heart=130),
    HighRisk(ages=years(6, 8), respiration=27, heart=120),
    HighRisk(ages=years(8, 12), respiration=25, heart=115),
    HighRisk(ages=years(12, 16), respiration=25, heart=131),
)

SLOW = Limit(
    rule="paediatric.slow-heart",
    vital=VitalName.HEART_RATE,
    compare=lt,
    limit=Decimal(60),
    acuity=Acuity.EMERGENT,
    citation=CITATION,
    ages=CHILD,
    meaning="too slow for a child",
)
REFILL = Limit(
    rule="paediatric.capillary-refill",
    vital=VitalName.CAPILLARY_REFILL,
    compare=ge,
    limit=signs.SLOW_REFILL,
    acuity=Acuity.URGENT,
    citation=CITATION,
    ages=UNDER_16,
    meaning="slow for a child",
)


def _pressure(least: Decimal, ages: Band) -> Limit:
    return Limit(
        rule="paediatric.hypotension",
        vital=VitalName.SYSTOLIC,
        compare=lt,
        limit=least,
        acuity=Acuity.EMERGENT,
        citation=HYPOTENSION,
        ages=ages,
        meaning="hypotension for the age",
    )


PRESSURES: tuple[Limit, ...] = (
    _pressure(Decimal(60), UNDER_28_DAYS),
    _pressure(Decimal(70), Band(UNDER_28_DAYS.end, months(0, 12).end)),
    *(_pressure(Decimal(70 + 2 * age), years(age, age + 1)) for age in range(1, 10)),
    _pressure(Decimal(90), years(10, 16)),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on the high-risk signs of children and on low blood pressure."""
    if not UNDER_16.meets(readings.age):
        return
    yield from broken((SLOW, REFILL, *PRESSURES), readings)
    infected = bool(signs.infection(readings))
    for band in BANDS:
        yield from broken(_rates(band, infected=infected), readings)
    yield from _appearance(readings)


def _rates(band: HighRisk, *, infected: bool) -> tuple[Limit, ...]:
    breathing = Limit(
        rule="paediatric.high-risk.respiratory-rate",
        vital=VitalName.RESPIRATORY_RATE,
        compare=ge,
        limit=Decimal(band.respiration),
        acuity=Acuity.EMERGENT,
        citation=CITATION,
        ages=band.ages,
        meaning="high risk for the age",
    )
    # The bands are meant for suspected sepsis. Crying alone makes a heart this
    # fast, so without a sign of infection the same rate is urgent, not emergent.
    heart = Limit(
        rule="paediatric.high-risk.heart-rate",
        vital=VitalName.HEART_RATE,
        compare=ge,
        limit=Decimal(band.heart),
        acuity=Acuity.EMERGENT if infected else Acuity.URGENT,
        citation=CITATION,
        ages=band.ages,
        meaning="high risk for the age" + (" with infection" if infected else ""),
    )
    return breathing, heart


def _appearance(readings: Readings) -> Iterator[Fired]:
    """Fire on a child who looks wrong and is infected, and on a carer's concern."""
    infected = signs.infection(readings)
    ill = readings.told.now("hypoperfusion", "altered-state")
    if infected and ill:
        yield Fired(
            rule="paediatric.ill-appearance",
            acuity=Acuity.EMERGENT,
            sentence="A child with signs of infection is mottled, ashen or not alert.",
            citation=CITATION,
            sources=distinct((*infected, *ill)),
        )
    refill = readings.current(VitalName.CAPILLARY_REFILL)
    slow = sources(r for r in refill if r.value >= signs.SLOW_REFILL)
    if infected and slow:
        yield Fired(
            rule="paediatric.poor-perfusion",
            acuity=Acuity.EMERGENT,
            sentence="A child with signs of infection has a slow capillary refill.",
            citation=CITATION,
            sources=distinct((*infected, *slow)),
        )
    concern = readings.told.now("carer-concern")
    if concern:
        yield Fired(
            rule="paediatric.carer-concern",
            acuity=Acuity.URGENT,
            sentence="A carer says that the child is not as usual.",
            citation=CITATION,
            sources=concern,
        )
