"""Suspected infection with signs that it has become sepsis."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from operator import ge, gt, le

from domain.floor import signs
from domain.floor.ages import FROM_16
from domain.floor.limits import Comparison, Limit, broken
from domain.floor.readings import Readings, distinct
from domain.values import Acuity, Fired, Reference, VitalName

CITATION = "NICE suspected sepsis, 16 or over (NG51 2024, NG253 2025), high-risk signs"
QSOFA = "qSOFA (Singer, JAMA 2016;315:801), as a marker only"
IMMUNE = "NICE NG51 (2024) and ESI handbook v5: fever with lowered immunity"

V = VitalName


def _limit(
    rule: str, vital: VitalName, compare: Comparison, limit: str, citation: str
) -> Limit:
    return Limit(
        rule=f"sepsis.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=Acuity.EMERGENT,
        citation=citation,
        ages=FROM_16,
        meaning="with suspected infection, high risk of sepsis",
    )


LIMITS: tuple[Limit, ...] = (
    _limit("respiratory-rate", V.RESPIRATORY_RATE, ge, "25", CITATION),
    _limit("heart-rate", V.HEART_RATE, gt, "130", CITATION),
    _limit("systolic", V.SYSTOLIC, le, "90", CITATION),
    _limit("lactate", V.LACTATE, gt, "2.0", CITATION),
)
MARKERS: tuple[Limit, ...] = (
    _limit("qsofa", V.RESPIRATORY_RATE, ge, "22", QSOFA),
    _limit("qsofa", V.SYSTOLIC, le, "100", QSOFA),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where infection is suspected and the body fails, or cannot fight it."""
    yield from _lowered_immunity(readings)
    infected = signs.infection(readings)
    if not infected or not FROM_16.meets(readings.age):
        return
    for fired in broken(LIMITS, readings):
        yield replace(fired, sources=distinct((*fired.sources, *infected)))
    yield from _appearance(readings, infected)
    yield from _qsofa(readings, infected)


def _fired(rule: str, sentence: str, citation: str, *found: Reference) -> Fired:
    return Fired(
        rule=f"sepsis.{rule}",
        acuity=Acuity.EMERGENT,
        sentence=sentence,
        citation=citation,
        sources=distinct(found),
    )


def _lowered_immunity(readings: Readings) -> Iterator[Fired]:
    lowered = readings.known.ever("immunosuppression")
    hot = (*signs.fever(readings), *readings.told.now("fever", "rigors"))
    if lowered and hot:
        yield _fired(
            "lowered-immunity",
            "Fever in a patient whose immunity is lowered.",
            IMMUNE,
            *(*lowered, *hot),
        )


def _appearance(readings: Readings, infected: tuple[Reference, ...]) -> Iterator[Fired]:
    looks = (*signs.altered(readings), *readings.told.now("hypoperfusion"))
    if looks:
        yield _fired(
            "appearance",
            "Suspected infection with an altered state or poor perfusion.",
            CITATION,
            *(*infected, *looks),
        )


def _qsofa(readings: Readings, infected: tuple[Reference, ...]) -> Iterator[Fired]:
    markers = list(broken(MARKERS, readings))
    found = [source for fired in markers for source in fired.sources]
    if len(markers) == len(MARKERS):
        yield _fired(
            "qsofa",
            "Suspected infection with fast breathing and a low pressure.",
            QSOFA,
            *(*infected, *found),
        )
