"""Children's limits as data: NICE sepsis bands, and blood pressure by age."""

from dataclasses import dataclass
from decimal import Decimal
from operator import ge, lt

from domain.floor import signs
from domain.floor.ages import CHILD, UNDER_16, UNDER_28_DAYS, Band, months, years
from domain.floor.limits import Comparison, Limit
from domain.values import Acuity, VitalName

CITATION = "NICE suspected sepsis in under 16s (NG51 2024, now NG254)"
HYPOTENSION = "PALS (AHA 2020), hypotension by age"

V = VitalName
TWO, THREE = Acuity.EMERGENT, Acuity.URGENT


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Rates per minute from which a child with infection is at a risk."""

    ages: Band
    high: tuple[int, int]  # respiration, heart
    moderate: tuple[int, int]


BANDS: tuple[Rates, ...] = (
    Rates(ages=years(0, 1), high=(60, 160), moderate=(50, 150)),
    Rates(ages=years(1, 3), high=(50, 150), moderate=(40, 140)),
    Rates(ages=years(3, 5), high=(40, 140), moderate=(35, 130)),
    Rates(ages=years(5, 6), high=(29, 130), moderate=(24, 120)),
    Rates(ages=years(6, 8), high=(27, 120), moderate=(24, 110)),
    Rates(ages=years(8, 12), high=(25, 115), moderate=(22, 105)),
    Rates(ages=years(12, 16), high=(25, 131), moderate=(21, 91)),
)
RATES = (V.RESPIRATORY_RATE, V.HEART_RATE)


def _limit(
    rule: str,
    vital: VitalName,
    compare: Comparison,
    limit: str,
    ages: Band,
    *,
    meaning: str,
    why: str,
    acuity: Acuity = TWO,
    citation: str = CITATION,
) -> Limit:
    return Limit(
        rule=f"paediatric.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        ages=ages,
        acuity=acuity,
        why=why,
        meaning=meaning,
        citation=citation,
    )


def _rates(name: str, place: str, acuity: Acuity, why: str) -> tuple[Limit, ...]:
    return tuple(
        _limit(
            *(f"{name}.{vital.value}", vital, ge),
            str(getattr(band, place)[RATES.index(vital)]),
            band.ages,
            acuity=acuity,
            why=why,
            meaning=f"{place} risk for the age" + ", with infection" * ("and" in name),
        )
        for band in BANDS
        for vital in RATES
    )


HIGH = "A high-risk sign of NICE: antibiotics within the hour."
# Crying alone makes a heart this fast; breathing this fast it does not make.
HIGH_BREATHING = tuple(
    limit
    for limit in _rates(
        *("high-risk", "high", TWO),
        "Crying does not make a child breathe this fast: level 2, infected or not.",
    )
    if limit.vital is V.RESPIRATORY_RATE
)
HIGH_HEART = tuple(
    limit
    for limit in _rates(
        *("high-risk", "high", THREE),
        "NICE means it for suspected sepsis; crying makes a heart this fast, too.",
    )
    if limit.vital is V.HEART_RATE
)
INFECTED_HEART = tuple(
    limit
    for limit in _rates("high-risk-and-infection", "high", TWO, HIGH)
    if limit.vital is V.HEART_RATE
)
MODERATE = _rates(
    *("moderate-risk-and-infection", "moderate", THREE),
    "A moderate-risk sign of NICE: review by a clinician within the hour.",
)

SLOW = _limit(
    *("slow-heart", V.HEART_RATE, lt, "60", CHILD),
    meaning="too slow for a child",
    why="A child's heart slows down before it stops; NICE holds it for high risk.",
)
REFILL = _limit(
    *("capillary-refill", V.CAPILLARY_REFILL, ge, str(signs.SLOW_REFILL), UNDER_16),
    acuity=THREE,
    meaning="slow for a child",
    why="A moderate-risk sign of NICE; cold hands have it, too.",
)
INFANT_FEVER = _limit(
    *("infant-fever", V.TEMPERATURE, ge, "39.0", months(3, 6)),
    acuity=THREE,
    meaning="moderate risk at 3 to 6 months",
    why="A moderate-risk sign of NICE: review by a clinician within the hour.",
)
MODERATE_OXYGEN = _limit(
    *("moderate-risk-and-infection.oxygen-saturation", V.OXYGEN_SATURATION, lt),
    *("92", UNDER_16),
    acuity=THREE,
    meaning="moderate risk, with infection",
    why="A moderate-risk sign of NICE; ESI holds it for level 2 on its own.",
)


def _pressure(least: int, ages: Band) -> Limit:
    return _limit(
        *("hypotension", V.SYSTOLIC, lt, str(least), ages),
        meaning="hypotension for the age",
        why="Children hold their pressure until shock is far advanced.",
        citation=HYPOTENSION,
    )


PRESSURES: tuple[Limit, ...] = (
    _pressure(60, UNDER_28_DAYS),
    _pressure(70, Band(UNDER_28_DAYS.end, months(0, 12).end)),
    *(_pressure(70 + 2 * age, years(age, age + 1)) for age in range(1, 10)),
    _pressure(90, years(10, 16)),
)

ALWAYS = (SLOW, REFILL, INFANT_FEVER, *PRESSURES, *HIGH_BREATHING, *HIGH_HEART)
INFECTED = (*INFECTED_HEART, *MODERATE, MODERATE_OXYGEN)
