"""ESI danger-zone vital signs by age: one beyond its limit, or several."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import gt, lt

from domain.floor.ages import FROM_12, Band, months, years
from domain.floor.limits import Limit, beyond
from domain.floor.readings import Reading, Readings, sources
from domain.values import Acuity, Fired, VitalName

CITATION = "ESI handbook v5 (ENA 2023), danger-zone vitals, decision point D"

LOW_SATURATION = 92  # %, at every age


@dataclass(frozen=True, kw_only=True)
class DangerZone:
    """Heart and respiratory rate per minute above which an age is in danger."""

    ages: Band
    heart: int
    respiration: int


ZONES: tuple[DangerZone, ...] = (
    DangerZone(ages=months(0, 1), heart=190, respiration=60),
    DangerZone(ages=months(1, 12), heart=180, respiration=55),
    DangerZone(ages=years(1, 3), heart=140, respiration=40),
    DangerZone(ages=years(3, 5), heart=120, respiration=35),
    DangerZone(ages=years(5, 12), heart=120, respiration=30),
    DangerZone(ages=FROM_12, heart=100, respiration=20),
)


def _limit(vital: VitalName, limit: int) -> Limit:
    low = vital is VitalName.OXYGEN_SATURATION
    return Limit(
        rule=f"esi.danger-zone.{vital.value}",
        vital=vital,
        compare=lt if low else gt,
        limit=Decimal(limit),
        # A single fast pulse or breath is 'consider 2': pain, fever and fear do it
        # too, and a floor that always shouts is switched off. Low oxygen is not.
        acuity=Acuity.EMERGENT if low else Acuity.URGENT,
        citation=CITATION,
        meaning="danger zone for the age",
    )


def _limits(zone: DangerZone) -> tuple[Limit, ...]:
    return (
        _limit(VitalName.HEART_RATE, zone.heart),
        _limit(VitalName.RESPIRATORY_RATE, zone.respiration),
        _limit(VitalName.OXYGEN_SATURATION, LOW_SATURATION),
    )


def in_danger(readings: Readings) -> dict[Limit, Reading]:
    """Return the limits of this age that current readings broke, one per vital."""
    found: dict[VitalName, tuple[Limit, Reading]] = {}
    for zone in ZONES:
        if not zone.ages.meets(readings.age):
            continue
        for limit in _limits(zone):
            worst = beyond(limit, readings.current(limit.vital))
            if worst:
                found.setdefault(limit.vital, (limit, worst))
    return dict(found.values())


def fast_breathing(readings: Readings) -> Reading | None:
    """Return a respiratory rate in the danger zone of the patient's age."""
    found = in_danger(readings).values()
    breaths = (r for r in found if r.name is VitalName.RESPIRATORY_RATE)
    return next(breaths, None)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for each danger-zone vital, and again where two or more are beyond."""
    broken = in_danger(readings)
    for limit, reading in broken.items():
        yield limit.fired(reading)
    if len(broken) > 1:
        names = ", ".join(sorted(str(reading.name) for reading in broken.values()))
        yield Fired(
            rule="esi.danger-zone.several",
            acuity=Acuity.EMERGENT,
            sentence=f"Several vital signs are in the danger zone: {names}.",
            citation=CITATION,
            sources=sources(broken.values()),
        )
