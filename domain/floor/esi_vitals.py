"""ESI danger-zone vital signs by age: one beyond its limit, or several."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import gt, lt

from domain.floor.ages import FROM_12, Band, months, years
from domain.floor.limits import Limit, beyond, catalogued
from domain.floor.normal import otherwise_normal
from domain.floor.readings import Reading, Readings, sources
from domain.floor.rule import Rule
from domain.floor.understanding import minor_injury
from domain.values import Acuity, Fired, VitalName

CITATION = "ESI handbook v5 (ENA 2023), danger-zone vitals, decision point D"
CITATION_V4 = "ESI handbook v4 (AHRQ 2012), danger-zone vitals, decision point D"
FAMILY = "ESI danger zone"

V = VitalName
TWO, THREE, FOUR = Acuity.EMERGENT, Acuity.URGENT, Acuity.LESS_URGENT

LOW_SATURATION = 92  # %, at every age
FAR = Decimal("1.1")  # a rate more than a tenth beyond its limit is not just over it

WHY = {
    V.OXYGEN_SATURATION: "Low oxygen has no harmless reason; ESI raises it to level 2.",
    V.HEART_RATE: "ESI says 'consider 2': pain, fever and fear do it too, so alone it "
    " floors to 3. Up to a tenth over the limit, with only a minor injury told and "
    "all else known and normal, it is 4 and is measured again.",
    V.RESPIRATORY_RATE: "ESI says 'consider 2': alone it floors to 3.",
}


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
ZONES_V4: tuple[DangerZone, ...] = (
    DangerZone(ages=months(0, 3), heart=180, respiration=50),
    DangerZone(
        ages=Band(months(3, 4).least, years(1, 3).end), heart=160, respiration=40
    ),
    DangerZone(ages=years(3, 8), heart=140, respiration=30),
    DangerZone(ages=years(8), heart=100, respiration=20),
)


def _limit(vital: VitalName, limit: int, ages: Band) -> Limit:
    low = vital is V.OXYGEN_SATURATION
    return Limit(
        rule=f"esi.danger-zone.{vital.value}",
        vital=vital,
        compare=lt if low else gt,
        limit=Decimal(limit),
        acuity=TWO if low else THREE,
        citation=CITATION,
        why=WHY[vital],
        ages=ages,
        meaning="danger zone for the age",
    )


def _limit_v4(vital: VitalName, limit: int, ages: Band) -> Limit:
    return Limit(
        rule=f"esi-v4.danger-zone.{vital.value}",
        vital=vital,
        compare=gt,
        limit=Decimal(limit),
        acuity=FOUR,
        citation=CITATION_V4,
        why="The newer edition holds the rate for normal, so it is measured again; "
        "both rates at once are not put down to crying.",
        ages=ages,
        meaning="danger zone of the older edition",
    )


LIMITS: tuple[Limit, ...] = tuple(
    limit
    for zone in ZONES
    for limit in (
        _limit(V.HEART_RATE, zone.heart, zone.ages),
        _limit(V.RESPIRATORY_RATE, zone.respiration, zone.ages),
        _limit(V.OXYGEN_SATURATION, LOW_SATURATION, zone.ages),
    )
)
LIMITS_V4: tuple[Limit, ...] = tuple(
    limit
    for zone in ZONES_V4
    for limit in (
        _limit_v4(V.HEART_RATE, zone.heart, zone.ages),
        _limit_v4(V.RESPIRATORY_RATE, zone.respiration, zone.ages),
    )
)

SEVERAL = Rule(
    rule="esi.danger-zone.several",
    family=FAMILY,
    acuities=(TWO, THREE),
    says="Two or more vital signs are in the danger zone.",
    why="Together they are harder to explain away: level 2. Where both rates are no "
    "more than a tenth over their limits and all else is known and normal, 3.",
    citation=CITATION,
)
SEVERAL_V4 = Rule(
    rule="esi-v4.danger-zone.several",
    family=FAMILY,
    acuities=(THREE,),
    says="Both rates are in the danger zone of the older edition.",
    why="Heart and breathing fast at once are more than crying, though each is normal "
    "in the newer edition.",
    citation=CITATION_V4,
)


def _catalogue() -> Iterator[Rule]:
    for rule in catalogued(FAMILY, (*LIMITS, *LIMITS_V4)):
        also = (THREE, FOUR) if rule.rule == "esi.danger-zone.heart-rate" else ()
        yield replace(rule, acuities=also or rule.acuities)
    yield SEVERAL
    yield SEVERAL_V4


def in_danger(
    readings: Readings, limits: Iterable[Limit] = LIMITS
) -> dict[Limit, Reading]:
    """Return the limits of this age that current readings broke, one per vital."""
    found: dict[VitalName, tuple[Limit, Reading]] = {}
    for limit in limits:
        if limit.ages.meets(readings.age):
            worst = beyond(limit, readings.current(limit.vital))
            if worst:
                found.setdefault(limit.vital, (limit, worst))
    return dict(found.values())


def fast_breathing(readings: Readings) -> Reading | None:
    """Return a respiratory rate in the danger zone of the patient's age."""
    found = in_danger(readings).values()
    breaths = (r for r in found if r.name is V.RESPIRATORY_RATE)
    return next(breaths, None)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for each danger-zone vital, and again where two or more are beyond."""
    broken = in_danger(readings)
    recheck = len(broken) == 1 and _may_be_pain(readings, broken)
    for limit, reading in broken.items():
        yield limit.fired(reading, FOUR if recheck else None)
    if len(broken) > 1:
        mild = _just_over(broken) and otherwise_normal(
            readings, [limit.vital for limit in broken]
        )
        yield _several(SEVERAL, broken, THREE if mild else TWO)
    if not broken:
        yield from _older_edition(in_danger(readings, LIMITS_V4))


def _older_edition(broken: Mapping[Limit, Reading]) -> Iterator[Fired]:
    """Fire on what the older edition holds for a danger zone and the newer does not."""
    for limit, reading in broken.items():
        yield limit.fired(reading)
    if len(broken) > 1:
        yield _several(SEVERAL_V4, broken, THREE)


def _just_over(broken: Mapping[Limit, Reading]) -> bool:
    return all(
        limit.vital is not V.OXYGEN_SATURATION and reading.value <= limit.limit * FAR
        for limit, reading in broken.items()
    )


def _may_be_pain(readings: Readings, broken: Mapping[Limit, Reading]) -> bool:
    """Say whether a pulse just over the limit goes with nothing but a minor injury."""
    return (
        all(limit.vital is V.HEART_RATE for limit in broken)
        and FROM_12.least <= readings.age.least
        and _just_over(broken)
        and minor_injury(readings)
        and otherwise_normal(readings, [V.HEART_RATE])
    )


def _several(rule: Rule, broken: Mapping[Limit, Reading], acuity: Acuity) -> Fired:
    names = ", ".join(sorted(str(reading.name) for reading in broken.values()))
    return Fired(
        rule=rule.rule,
        acuity=acuity,
        sentence=f"Several vital signs are in the danger zone: {names}.",
        citation=rule.citation,
        sources=sources(broken.values()),
    )


CATALOGUE: tuple[Rule, ...] = tuple(_catalogue())
