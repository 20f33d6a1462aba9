"""Suspected infection in adults with signs that it has become sepsis."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from operator import ge, gt, le

from domain.floor import signs
from domain.floor.ages import FROM_16, years
from domain.floor.limits import Comparison, Limit, broken, catalogued
from domain.floor.pressure import mean_below
from domain.floor.readings import Readings, distinct
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Reference, VitalName

CITATION = "NICE suspected sepsis, 16 or over (NG51 2024, NG253 2025), high-risk signs"
TARGET = "Surviving Sepsis Campaign 2021: mean arterial pressure of 65 as the target"
QSOFA = "qSOFA (Singer, JAMA 2016;315:801), as a marker only"
IMMUNE = "NICE NG51 (2024) and ESI handbook v5: fever with lowered immunity"
PNEUMONIA = "CRB-65 (Lim, Thorax 2003;58:377; NICE NG250)"
FAMILY = "Sepsis, 16 and over"

V = VitalName
TWO, THREE = Acuity.EMERGENT, Acuity.URGENT
FROM_65 = years(65)
Found = tuple[Reference, ...]


def _limit(rule: str, vital: VitalName, compare: Comparison, limit: str) -> Limit:
    return Limit(
        rule=f"sepsis.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=TWO,
        citation=CITATION,
        why="A high-risk sign of NICE: antibiotics within the hour, so level 2.",
        ages=FROM_16,
        meaning="with suspected infection, high risk of sepsis",
    )


LIMITS: tuple[Limit, ...] = (
    _limit("respiratory-rate", V.RESPIRATORY_RATE, ge, "25"),
    _limit("heart-rate", V.HEART_RATE, gt, "130"),
    _limit("systolic", V.SYSTOLIC, le, "90"),
    _limit("oxygen", V.INHALED_OXYGEN, ge, "40"),
    _limit("lactate", V.LACTATE, gt, "2.0"),
)


def _rule(
    rule: str,
    says: str,
    why: str,
    citation: str = CITATION,
    *,
    acuities: tuple[Acuity, ...] = (TWO,),
) -> Rule:
    return Rule(
        rule=f"sepsis.{rule}",
        family=FAMILY,
        acuities=acuities,
        says=says,
        why=why,
        citation=citation,
        ages=(FROM_16,),
    )


APPEARANCE = _rule(
    *("appearance", "Suspected infection with an altered state or poor perfusion."),
    "High-risk signs of NICE: antibiotics within the hour, so level 2.",
)
MEAN_PRESSURE = _rule(
    *("mean-pressure", "Suspected infection with a mean pressure below 65 mmHg."),
    *("Below the pressure that sepsis is treated to.", TARGET),
)
IMMUNITY = replace(
    _rule(
        *("lowered-immunity", "Fever in a patient whose immunity is lowered."),
        *("Neutropenic sepsis kills within hours and shows little.", IMMUNE),
    ),
    ages=Rule.ages,
)
CRB_65 = _rule(
    *("crb-65", "Pneumonia: confusion, breathing from 30, low pressure, age from 65."),
    "3 or 4 points carry a death rate of 31 %: 2. One or two, of 8 %: 3.",
    PNEUMONIA,
    acuities=(TWO, THREE),
)

CATALOGUE: tuple[Rule, ...] = (
    *catalogued(FAMILY, LIMITS),
    *(APPEARANCE, MEAN_PRESSURE, IMMUNITY, CRB_65),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where infection is suspected and the body fails, or cannot fight it."""
    yield from _lowered_immunity(readings)
    infected = signs.infection(readings)
    if not infected or not FROM_16.meets(readings.age):
        return
    for fired in broken(LIMITS, readings):
        yield replace(fired, sources=distinct((*fired.sources, *infected)))
    looks = (*signs.altered(readings), *readings.told.now("hypoperfusion"))
    if looks:
        yield _fired(APPEARANCE, (*infected, *looks))
    low = mean_below(readings, Decimal(65))
    if low:
        yield _fired(MEAN_PRESSURE, (*infected, *low))
    yield from _pneumonia(readings)


def notices(readings: Readings) -> Iterable[str]:
    """Say that qSOFA is positive: a marker beside the rules, never an all-clear."""
    fast = [r for r in readings.current(V.RESPIRATORY_RATE) if r.value >= 22]  # noqa: PLR2004 (qSOFA)
    low = [r for r in readings.current(V.SYSTOLIC) if r.value <= 100]  # noqa: PLR2004 (qSOFA)
    markers = (fast, low, signs.altered(readings))
    if sum(map(bool, markers)) > 1 and FROM_16.meets(readings.age):
        yield f"qSOFA is {sum(map(bool, markers))}: a marker; a lower one reassures not"


def _fired(rule: Rule, found: Iterable[Reference], acuity: Acuity = TWO) -> Fired:
    return Fired(
        rule=rule.rule,
        acuity=acuity,
        sentence=rule.says,
        citation=rule.citation,
        sources=distinct(found),
    )


def _lowered_immunity(readings: Readings) -> Iterator[Fired]:
    lowered = readings.known.ever("immunosuppression")
    hot = (*signs.fever(readings), *readings.told.now("fever", "rigors"))
    if lowered and hot:
        yield _fired(IMMUNITY, (*lowered, *hot))


def _pneumonia(readings: Readings) -> Iterator[Fired]:
    told = readings.known.now("pneumonia")
    points = [found for found in _crb(readings) if found]
    if FROM_65.meets(readings.age):
        points.append(told)
    if told and points:
        severe = len(points) > 2  # noqa: PLR2004 (points of CRB-65)
        found = (*told, *(s for each in points for s in each))
        yield _fired(CRB_65, found, TWO if severe else THREE)


def _crb(readings: Readings) -> Iterator[Found]:
    """Yield what shows each point of CRB-65 but the age."""
    fast = [r for r in readings.current(V.RESPIRATORY_RATE) if r.value >= 30]  # noqa: PLR2004 (CRB-65)
    systolic = [r for r in readings.current(V.SYSTOLIC) if r.value < 90]  # noqa: PLR2004 (CRB-65)
    diastolic = [r for r in readings.current(V.DIASTOLIC) if r.value <= 60]  # noqa: PLR2004 (CRB-65)
    yield signs.altered(readings)
    yield distinct(r.source for r in fast)
    yield distinct(r.source for r in (*systolic, *diastolic))
