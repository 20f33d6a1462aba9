"""Single values that are an emergency whatever else is known."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from operator import ge, gt, le, lt

from domain.floor.ages import (
    ANY_AGE,
    FROM_12,
    FROM_16,
    UNDER_90_DAYS,
    Band,
    months,
    years,
)
from domain.floor.limits import Comparison, Limit, beyond, catalogued
from domain.floor.readings import Readings
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, VitalName

ESI = "ESI handbook v5 (ENA 2023), decision points A and B"
ESI_FEVER = "ESI handbook v5 (ENA 2023), paediatric fever considerations"
NEWS2 = "NEWS2 (RCP 2017), a parameter that scores 3"
DIABETES = "JBDS-IP hypoglycaemia (2023), DKA (2023) and HHS (2022) guidelines"
SEPSIS = "Surviving Sepsis Campaign 2021"
COLD = "European Resuscitation Council 2021, accidental hypothermia"
TENSION = "ESC hypertension 2024 and NICE NG136 (2023): severe hypertension"
SLOW = "European Resuscitation Council 2021, bradycardia"
FAMILY = "Single values"

V = VitalName
ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT

AT_ONCE = "Life is in danger within minutes: ESI point A."
HIGH_RISK = "A high-risk situation that should not wait: ESI point B."
SOON = "It is treated or watched before it becomes an emergency."


def _limit(
    rule: str,
    vital: VitalName,
    compare: Comparison,
    limit: str,
    acuity: Acuity,
    *,
    meaning: str,
    why: str = "",
    ages: Band = ANY_AGE,
    citation: str = ESI,
) -> Limit:
    return Limit(
        rule=f"extreme.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=acuity,
        ages=ages,
        meaning=meaning,
        why=why or {ONE: AT_ONCE, TWO: HIGH_RISK, THREE: SOON}[acuity],
        citation=citation,
    )


BREATHING = (
    _limit("apnoea", V.RESPIRATORY_RATE, lt, "4", ONE, meaning="apnoea"),
    _limit(
        *("slow-breathing", V.RESPIRATORY_RATE, le, "8", TWO),
        meaning="failing drive",
        citation=NEWS2,
    ),
    _limit(
        *("fast-breathing", V.RESPIRATORY_RATE, ge, "30", TWO),
        meaning="impending respiratory failure",
        ages=FROM_12,
    ),
    _limit("hypoxia", V.OXYGEN_SATURATION, lt, "90", TWO, meaning="hypoxia"),
)
CIRCULATION = (
    _limit("pulseless", V.HEART_RATE, lt, "20", ONE, meaning="no effective pulse"),
    _limit(
        *("bradycardia", V.HEART_RATE, le, "40", TWO),
        meaning="severe bradycardia",
        citation=NEWS2,
    ),
    _limit(
        *("slow-heart", V.HEART_RATE, le, "50", THREE),
        meaning="bradycardia, ECG",
        why="Trained hearts are this slow too, so that alone it floors to 3.",
        ages=FROM_12,
        citation=SLOW,
    ),
    _limit("tachycardia", V.HEART_RATE, ge, "150", TWO, meaning="severe", ages=FROM_16),
    _limit(
        *("hypotension", V.SYSTOLIC, le, "90", TWO),
        meaning="shock",
        ages=FROM_12,
        citation=NEWS2,
    ),
    _limit(
        *("severe-hypotension", V.SYSTOLIC, le, "70", ONE),
        meaning="shock, whatever is told",
        why="Organs are not perfused at this pressure, told or not: ESI point A.",
        ages=FROM_12,
    ),
    _limit("no-pressure", V.SYSTOLIC, lt, "40", ONE, meaning="no effective pressure"),
    _limit(
        *("systolic-hypertension", V.SYSTOLIC, ge, "200", THREE),
        meaning="severe hypertension",
        why="Harm to brain, heart or eye must be looked for; 180 to 199 without any "
        "symptom is common and can wait.",
        ages=FROM_16,
        citation=TENSION,
    ),
    _limit(
        *("diastolic-hypertension", V.DIASTOLIC, ge, "120", THREE),
        meaning="severe hypertension",
        why="Harm to brain, heart or eye must be looked for.",
        ages=FROM_16,
        citation=TENSION,
    ),
    _limit(
        *("lactate", V.LACTATE, ge, "4.0", TWO),
        meaning="tissue hypoxia",
        citation=SEPSIS,
    ),
)
TEMPERATURE = (
    _limit("hyperpyrexia", V.TEMPERATURE, ge, "41.0", TWO, meaning="hyperpyrexia"),
    _limit(
        *("hypothermia", V.TEMPERATURE, lt, "35.0", THREE),
        meaning="hypothermia",
        citation=COLD,
    ),
    _limit(
        *("deep-hypothermia", V.TEMPERATURE, lt, "32.0", TWO),
        meaning="hypothermia",
        citation=COLD,
    ),
    _limit(
        *("cold-infant", V.TEMPERATURE, lt, "36.0", TWO),
        meaning="a cold young infant may be septic",
        ages=UNDER_90_DAYS,
        citation=ESI_FEVER,
    ),
    _limit(
        *("feverish-infant", V.TEMPERATURE, gt, "38.0", TWO),
        meaning="fever before 90 days of age",
        why="At 1 to 28 days ESI demands 2; up to 90 days it says 'consider', and NICE "
        "holds 38.0 under 3 months for high risk, so it is 2 throughout.",
        ages=UNDER_90_DAYS,
        citation=ESI_FEVER,
    ),
    _limit(
        *("feverish-toddler", V.TEMPERATURE, gt, "39.0", THREE),
        meaning="high fever at 3 months to 5 years",
        why="ESI leaves 2 or 3 open above 39.0. (Elsewhere it says 38.5: from there to "
        "39.0 the temperature is not normal, and the child not level 5.)",
        ages=Band(months(3, 4).least, years(0, 5).end),
        citation=ESI_FEVER,
    ),
    _limit(
        *("cold-child", V.TEMPERATURE, lt, "36.0", THREE),
        meaning="a cold child may be septic",
        why="ESI leaves 2 or 3 open below 36.0 from 3 months on.",
        ages=Band(UNDER_90_DAYS.end, years(0, 5).end),
        citation=ESI_FEVER,
    ),
)
MIND = (
    _limit("not-alert", V.CONSCIOUSNESS, ge, "1", TWO, meaning="not alert on ACVPU"),
    _limit("unresponsive", V.CONSCIOUSNESS, ge, "3", ONE, meaning="pain or less"),
    _limit("coma-scale", V.GLASGOW_COMA_SCALE, lt, "15", TWO, meaning="not alert"),
    _limit("coma", V.GLASGOW_COMA_SCALE, le, "8", ONE, meaning="airway at risk"),
    _limit(
        *("pain", V.PAIN, ge, "7", THREE),
        meaning="severe pain, considered for 2",
        why="ESI considers 2 from 7 of 10 on, and does not demand it.",
    ),
)
SUGAR = (
    _limit(
        *("hypoglycaemia", V.GLUCOSE, lt, "3.0", TWO),
        meaning="hypoglycaemia",
        citation=DIABETES,
    ),
    _limit(
        *("low-glucose", V.GLUCOSE, lt, "4.0", THREE),
        meaning="treat before waiting",
        citation=DIABETES,
    ),
    _limit(
        *("ketosis", V.KETONES, ge, "3.0", THREE),
        meaning="ketosis",
        why="Hunger and vomiting do it, too; with diabetes or a high glucose it is 2.",
        citation=DIABETES,
    ),
    _limit(
        *("hyperglycaemia", V.GLUCOSE, ge, "30.0", TWO),
        meaning="hyperosmolar state possible",
        citation=DIABETES,
    ),
)

LIMITS: tuple[Limit, ...] = (*BREATHING, *CIRCULATION, *TEMPERATURE, *MIND, *SUGAR)


def _with_earlier(rule: Rule) -> Rule:
    """Add the level of a value that a newer one replaced."""
    if rule.acuities != (ONE,):
        return rule
    why = f"{rule.why} If a newer value is better, it still floors to 2."
    return replace(rule, acuities=(ONE, TWO), why=why)


CATALOGUE: tuple[Rule, ...] = tuple(map(_with_earlier, catalogued(FAMILY, LIMITS)))


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on extreme values, old ones included: an old alarm is no all-clear."""
    for limit in LIMITS:
        if readings.every(limit.vital) and limit.ages.meets(readings.age):
            yield from _latest(limit, readings)
            yield from _earlier(limit, readings)


def _latest(limit: Limit, readings: Readings) -> Iterator[Fired]:
    worst = beyond(limit, readings.latest(limit.vital))
    if worst:
        yield limit.fired(worst)


def _earlier(limit: Limit, readings: Readings) -> Iterator[Fired]:
    """Fire on a value that a newer one replaced: no longer 1, but never forgotten."""
    worst = beyond(limit, readings.replaced(limit.vital))
    if worst:
        yield limit.fired(worst, max(limit.acuity, TWO))
