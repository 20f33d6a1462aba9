"""Single values, and pairs of signs, that are an emergency whatever else is known."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import ge, gt, le, lt

from domain.floor import signs
from domain.floor.ages import ANY_AGE, FROM_12, FROM_16, UNDER_90_DAYS, Band, months
from domain.floor.esi_vitals import fast_breathing
from domain.floor.limits import Comparison, Limit, beyond
from domain.floor.readings import Readings, distinct, sources
from domain.values import Acuity, Fired, Reference, VitalName

CITATION = "ESI handbook v5 (ENA 2023), decision points A and B"
DIABETES = "JBDS-IP hypoglycaemia (2023), DKA (2023) and HHS (2022) guidelines"
SEPSIS = "Surviving Sepsis Campaign 2021"

V = VitalName
ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT


def _limit(
    rule: str,
    vital: VitalName,
    compare: Comparison,
    limit: str,
    acuity: Acuity,
    *,
    meaning: str,
    ages: Band = ANY_AGE,
    citation: str = CITATION,
) -> Limit:
    return Limit(
        rule=f"extreme.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=acuity,
        ages=ages,
        meaning=meaning,
        citation=citation,
    )


LIMITS: tuple[Limit, ...] = (
    _limit("apnoea", V.RESPIRATORY_RATE, lt, "4", ONE, meaning="apnoea"),
    _limit("slow-breathing", V.RESPIRATORY_RATE, lt, "8", TWO, meaning="failing drive"),
    _limit(
        *("fast-breathing", V.RESPIRATORY_RATE, ge, "30", TWO),
        meaning="impending respiratory failure",
        ages=FROM_12,
    ),
    _limit("pulseless", V.HEART_RATE, lt, "20", ONE, meaning="no effective pulse"),
    _limit("bradycardia", V.HEART_RATE, lt, "40", TWO, meaning="severe bradycardia"),
    _limit("tachycardia", V.HEART_RATE, ge, "150", TWO, meaning="severe", ages=FROM_16),
    _limit("hypoxia", V.OXYGEN_SATURATION, lt, "90", TWO, meaning="hypoxia"),
    _limit("hypotension", V.SYSTOLIC, lt, "90", TWO, meaning="shock", ages=FROM_12),
    _limit("no-pressure", V.SYSTOLIC, lt, "40", ONE, meaning="no effective pressure"),
    _limit("hyperpyrexia", V.TEMPERATURE, ge, "41.0", TWO, meaning="hyperpyrexia"),
    _limit("hypothermia", V.TEMPERATURE, lt, "35.0", THREE, meaning="hypothermia"),
    _limit("deep-hypothermia", V.TEMPERATURE, lt, "32.0", TWO, meaning="hypothermia"),
    _limit("not-alert", V.CONSCIOUSNESS, ge, "1", TWO, meaning="not alert on ACVPU"),
    _limit("unresponsive", V.CONSCIOUSNESS, ge, "3", ONE, meaning="pain or less"),
    _limit("coma-scale", V.GLASGOW_COMA_SCALE, lt, "15", TWO, meaning="not alert"),
    _limit("coma", V.GLASGOW_COMA_SCALE, le, "8", ONE, meaning="airway at risk"),
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
        *("hyperglycaemia", V.GLUCOSE, ge, "30.0", TWO),
        meaning="hyperosmolar state possible",
        citation=DIABETES,
    ),
    _limit(
        *("lactate", V.LACTATE, ge, "4.0", TWO),
        meaning="tissue hypoxia",
        citation=SEPSIS,
    ),
    _limit("pain", V.PAIN, ge, "7", THREE, meaning="severe pain, considered for 2"),
    _limit(
        *("cold-infant", V.TEMPERATURE, lt, "36.0", TWO),
        meaning="a cold young infant may be septic",
        ages=UNDER_90_DAYS,
    ),
    _limit(
        *("feverish-infant", V.TEMPERATURE, gt, "38.0", TWO),
        meaning="fever before 90 days of age",
        ages=UNDER_90_DAYS,
    ),
    _limit(
        *("feverish-toddler", V.TEMPERATURE, gt, "39.0", THREE),
        meaning="high fever at 3 to 36 months",
        ages=months(3, 36),
    ),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on extreme values, old ones included, and on signs that add up."""
    for limit in LIMITS:
        if limit.ages.meets(readings.age):
            yield from _latest(limit, readings)
            yield from _earlier(limit, readings)
    yield from _hypoxia(readings)
    yield from _shock(readings)
    yield from _glucose(readings)
    yield from _ketoacidosis(readings)


def _latest(limit: Limit, readings: Readings) -> Iterator[Fired]:
    worst = beyond(limit, readings.latest(limit.vital))
    if worst:
        yield limit.fired(worst)


def _earlier(limit: Limit, readings: Readings) -> Iterator[Fired]:
    """Fire on a value that a newer one replaced: no longer 1, but never forgotten."""
    latest = set(readings.latest(limit.vital))
    replaced = (r for r in readings.every(limit.vital) if r not in latest)
    worst = beyond(limit, tuple(replaced))
    if worst:
        yield limit.fired(worst, max(limit.acuity, TWO))


def _resuscitation(
    rule: str, sentence: str, references: Iterable[Reference], citation: str = CITATION
) -> Fired:
    return Fired(
        rule=f"extreme.{rule}",
        acuity=ONE,
        sentence=sentence,
        citation=citation,
        sources=distinct(references),
    )


def _hypoxia(readings: Readings) -> Iterator[Fired]:
    low = [r for r in readings.latest(V.OXYGEN_SATURATION) if r.value < 90]  # noqa: PLR2004 (the limit in the sentence)
    fast = fast_breathing(readings)
    told = readings.told.now("respiratory-distress", "stridor", "airway-obstruction")
    if low and (fast or told):
        yield _resuscitation(
            "respiratory-failure",
            "Oxygen saturation below 90 % with respiratory compromise.",
            (*sources(low), *sources([fast] if fast else []), *told),
        )


def _shock(readings: Readings) -> Iterator[Fired]:
    low = [r for r in readings.latest(V.SYSTOLIC) if r.value <= 80]  # noqa: PLR2004 (the limit in the sentence)
    poor = signs.hypoperfusion(readings)
    if low and poor and FROM_12.meets(readings.age):
        yield _resuscitation(
            "decompensated-shock",
            "Systolic pressure at or below 80 with signs of hypoperfusion.",
            (*sources(low), *poor),
        )


def _glucose(readings: Readings) -> Iterator[Fired]:
    low = [r for r in readings.latest(V.GLUCOSE) if r.value < 3]  # noqa: PLR2004 (the limit in the sentence)
    state = signs.altered(readings)
    if low and state:
        yield _resuscitation(
            "neuroglycopenia",
            "Glucose below 3.0 mmol/L with an altered state.",
            (*sources(low), *state),
            DIABETES,
        )


def _ketoacidosis(readings: Readings) -> Iterator[Fired]:
    high = [r for r in readings.latest(V.GLUCOSE) if r.value >= Decimal("13.9")]
    fast = fast_breathing(readings)
    told = readings.told.now("vomiting", "ketoacidosis", "abdominal-pain")
    signals = distinct((*told, *sources([fast] if fast else [])))
    diabetes = readings.known.ever("diabetes")
    acidotic = diabetes and readings.told.now("vomiting") and fast
    if (high and signals) or acidotic:
        yield Fired(
            rule="extreme.ketoacidosis-pattern",
            acuity=TWO,
            sentence="Glucose, breathing or vomiting fit diabetic ketoacidosis.",
            citation=DIABETES,
            sources=distinct((*sources(high), *signals, *diabetes)),
        )
