"""Pregnancy and the six weeks after birth, where NEWS2 must not be used."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from operator import ge, gt, lt

from domain.floor.ages import years
from domain.floor.limits import Comparison, Limit, broken
from domain.floor.readings import Readings, distinct
from domain.values import Acuity, Fired, Pregnancy, Reference, Sex, VitalName

WARNING_CRITERIA = "Maternal Early Warning Criteria (Mhyre, Obstet Gynecol 2014)"
ESI = "ESI handbook v5 (ENA 2023), pregnant and postpartum patients"
HYPERTENSION = "ACOG Committee Opinion 767 (2019), severe hypertension"

FERTILE = years(12, 56)
V = VitalName
WARNING = ("maternal warning", WARNING_CRITERIA)
TENSION = ("pre-eclampsia possible", WARNING_CRITERIA)


def _limit(
    rule: str,
    vital: VitalName,
    compare: Comparison,
    limit: int,
    *why: str,
) -> Limit:
    meaning, citation = why
    return Limit(
        rule=f"maternal.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=Acuity.EMERGENT,
        citation=citation,
        meaning=meaning,
    )


LIMITS: tuple[Limit, ...] = (
    _limit("low-systolic", V.SYSTOLIC, lt, 90, "shock", ESI),
    _limit("high-systolic", V.SYSTOLIC, gt, 150, "pre-eclampsia possible", ESI),
    _limit(
        *("severe-systolic", V.SYSTOLIC, ge, 160),
        *("treat within 30-60 min", HYPERTENSION),
    ),
    _limit("high-diastolic", V.DIASTOLIC, gt, 100, *TENSION),
    _limit(
        *("severe-diastolic", V.DIASTOLIC, ge, 110),
        *("treat within 30-60 min", HYPERTENSION),
    ),
    _limit("slow-heart", V.HEART_RATE, lt, 50, *WARNING),
    _limit("fast-heart", V.HEART_RATE, gt, 120, *WARNING),
    _limit("slow-breathing", V.RESPIRATORY_RATE, lt, 10, *WARNING),
    _limit("fast-breathing", V.RESPIRATORY_RATE, gt, 30, *WARNING),
    _limit("low-oxygen", V.OXYGEN_SATURATION, lt, 95, *WARNING),
)

WARNING_COMPLAINTS = (
    *("chest-pain", "dyspnoea", "abdominal-pain", "headache", "bleeding"),
    *("vaginal-bleeding", "visual-disturbance", "visual-loss", "seizure"),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on maternal limits and complaints, and on a possible ectopic pregnancy."""
    carrying, told = maternal(readings)
    if carrying:
        yield from broken(LIMITS, readings)
        yield from _complaints(readings, told)
    yield from _ectopic(readings)


def maternal(readings: Readings) -> tuple[bool, tuple[Reference, ...]]:
    """Say whether the patient is pregnant or postpartum, coded or in words."""
    status = readings.case.pregnancy
    if status is Pregnancy.NOT_PREGNANT:
        return False, ()
    told = readings.told.now("pregnancy", "postpartum")
    coded = status in {Pregnancy.PREGNANT, Pregnancy.POSTPARTUM}
    return coded or bool(told), told


def _complaints(readings: Readings, told: tuple[Reference, ...]) -> Iterator[Fired]:
    for name in WARNING_COMPLAINTS:
        found = readings.told.now(name)
        if found:
            yield Fired(
                rule=f"maternal.{name}",
                acuity=Acuity.EMERGENT,
                sentence=f"Pregnant or postpartum with {name.replace('-', ' ')}.",
                citation=ESI,
                sources=distinct((*found, *told)),
            )


def _ectopic(readings: Readings) -> Iterator[Fired]:
    """Fire where a pregnancy nobody knows of may be bleeding."""
    case = readings.case
    capable = case.sex is not Sex.MALE and FERTILE.meets(readings.age)
    if not capable or case.pregnancy is Pregnancy.NOT_PREGNANT:
        return
    told = readings.told
    signals = [
        told.now("abdominal-pain"),
        told.now("vaginal-bleeding"),
        told.now("missed-period", "syncope"),
    ]
    if sum(map(bool, signals)) > 1:
        yield Fired(
            rule="maternal.possible-ectopic",
            acuity=Acuity.EMERGENT,
            sentence=(
                "Two of abdominal pain, bleeding, and a missed period or fainting, "
                "where pregnancy is not excluded."
            ),
            citation=ESI,
            sources=distinct(chain.from_iterable(signals)),
        )
