"""The floor of a case: every rule asked, the most urgent answer decides."""

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter

from domain.floor import (
    arrival,
    baseline,
    drug_checks,
    esi_vitals,
    extremes,
    marked,
    maternal,
    medication,
    news2,
    paediatric,
    pictures,
    quality,
    red_flags,
    sepsis,
    shock,
    trends,
)
from domain.floor.readings import Readings
from domain.floor.rule import Rule
from domain.values import Acuity, Case, Fired, Floor

RULES_VERSION = "2"
"""Raised with every change that can alter an answer; kept with each assessment."""

RULES: tuple[Callable[[Readings], Iterable[Fired]], ...] = (
    arrival.rules,
    baseline.always,
    esi_vitals.rules,
    extremes.rules,
    marked.rules,
    maternal.rules,
    medication.rules,
    news2.rules,
    paediatric.rules,
    pictures.rules,
    red_flags.rules,
    sepsis.rules,
    shock.rules,
    trends.rules,
)
DOUBTS: tuple[Callable[[Readings], Iterable[str]], ...] = (
    medication.notices,
    quality.doubts,
    sepsis.notices,
)
"""What no rule judges, and what keeps a patient from the least urgent level."""
NOTICES: tuple[Callable[[Readings], Iterable[str]], ...] = (drug_checks.notices,)
"""What a nurse should know, and what says nothing about urgency."""

_BY_FAMILY = attrgetter("family", "rule")
CATALOGUE: tuple[Rule, ...] = tuple(
    sorted(
        chain(
            arrival.CATALOGUE,
            baseline.CATALOGUE,
            esi_vitals.CATALOGUE,
            extremes.CATALOGUE,
            marked.CATALOGUE,
            maternal.CATALOGUE,
            medication.CATALOGUE,
            news2.CATALOGUE,
            paediatric.CATALOGUE,
            pictures.CATALOGUE,
            red_flags.CATALOGUE,
            sepsis.CATALOGUE,
            shock.CATALOGUE,
            trends.CATALOGUE,
        ),
        key=_BY_FAMILY,
    )
)
"""Every rule that may ever fire, readable without a case."""


def assess(case: Case) -> Floor:
    """Return the least urgent level that this case may get, with every reason.

    The most urgent fired rule decides. Where none asks for 3 or more, 5 needs a
    complaint that was understood and every core vital sign, known, normal and
    undoubted; anything less is 4, and a case without any vital sign, or with words
    that no rule knows, is 3. The answer does not depend on the order of the inputs, and
    no input raises.
    """
    readings = Readings(case)
    missing = quality.missing(readings)
    doubts = _said(DOUBTS, readings)
    fired = set(chain.from_iterable(rule(readings) for rule in RULES))
    if all(each.acuity > Acuity.URGENT for each in fired):
        fired.add(baseline.default(readings, missing=missing, doubts=doubts))
    ordered = tuple(sorted(fired, key=order))
    return Floor(
        acuity=ordered[0].acuity,
        rules=RULES_VERSION,
        fired=ordered,
        missing=missing,
        doubts=(*doubts, *_said(NOTICES, readings)),
    )


def _said(
    notices: Iterable[Callable[[Readings], Iterable[str]]], readings: Readings
) -> tuple[str, ...]:
    return tuple(sorted({said for notice in notices for said in notice(readings)}))


def order(fired: Fired) -> tuple[int, str, tuple[str, ...], str]:
    """Return where a fired rule stands: the most urgent first, then by its name."""
    sources = tuple(str(source) for source in fired.sources)
    return fired.acuity, fired.rule, sources, fired.sentence
