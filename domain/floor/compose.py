"""The floor of a case: every rule asked, the most urgent answer decides."""

from collections.abc import Callable, Iterable
from itertools import chain

from domain.floor import (
    baseline,
    esi_vitals,
    extremes,
    maternal,
    medication,
    news2,
    paediatric,
    quality,
    red_flags,
    sepsis,
)
from domain.floor.readings import Readings
from domain.values import Case, Fired, Floor

RULES_VERSION = "1"
"""Raised with every change that can alter an answer; kept with each assessment."""

RULES: tuple[Callable[[Readings], Iterable[Fired]], ...] = (
    baseline.always,
    esi_vitals.rules,
    extremes.rules,
    maternal.rules,
    medication.rules,
    news2.rules,
    paediatric.rules,
    red_flags.rules,
    sepsis.rules,
)


def assess(case: Case) -> Floor:
    """Return the least urgent level that this case may get, with every reason.

    The most urgent fired rule decides. Where none fires, 5 needs a complaint and
    every core vital sign, known, normal and undoubted; anything less is 4, and a
    case without any vital sign is 3. The answer does not depend on the order of the
    inputs, and no input raises.
    """
    readings = Readings(case)
    missing = quality.missing(readings)
    doubts = {*quality.doubts(readings), *medication.notices(readings)}
    fired = set(chain.from_iterable(rule(readings) for rule in RULES))
    if not fired:
        fired = {
            baseline.default(readings, missing=missing, doubts=tuple(sorted(doubts)))
        }
    ordered = tuple(sorted(fired, key=_order))
    return Floor(
        acuity=ordered[0].acuity,
        rules=RULES_VERSION,
        fired=ordered,
        missing=missing,
        doubts=tuple(sorted(doubts)),
    )


def _order(fired: Fired) -> tuple[int, str, tuple[str, ...], str]:
    sources = tuple(str(source) for source in fired.sources)
    return fired.acuity, fired.rule, sources, fired.sentence
