"""What the patient takes, where it makes a complaint more dangerous or hides a sign."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.floor import signs
from domain.floor.readings import Readings, distinct
from domain.values import Acuity, Fired, Reference, VitalName

BLEEDING = "NICE NG232 (2023) head injury; ESI handbook v5 ch. 4, anticoagulants"
GLUCOSE = "JBDS-IP hypoglycaemia guideline (2023)"
IMMUNE = "NICE CG151 neutropenic sepsis; ESI handbook v5 ch. 4"

_BLEEDS = ("bleeding", "epistaxis", "haematemesis", "melaena", "rectal-bleeding")
_MORE_BLEEDS = ("haemoptysis", "vaginal-bleeding", "major-bleeding")

Signs = Callable[[Readings], tuple[Reference, ...]]


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """A kind of medicine, and the signs that become an emergency with it."""

    rule: str
    medicines: str
    signs: Signs
    sentence: str
    citation: str


def _head_injury(readings: Readings) -> tuple[Reference, ...]:
    return readings.told.now("head-injury")


def _bleeding(readings: Readings) -> tuple[Reference, ...]:
    return readings.told.now(*_BLEEDS, *_MORE_BLEEDS)


def _fever(readings: Readings) -> tuple[Reference, ...]:
    return distinct((*signs.fever(readings), *readings.told.now("fever", "rigors")))


def _low_sugar(readings: Readings) -> tuple[Reference, ...]:
    told = readings.told.now("hypoglycaemia", "syncope")
    return distinct((*signs.altered(readings), *told))


MODIFIERS: tuple[Modifier, ...] = (
    Modifier(
        rule="medication.anticoagulant-head-injury",
        medicines="anticoagulant",
        signs=_head_injury,
        sentence="Head injury while taking an anticoagulant.",
        citation=BLEEDING,
    ),
    Modifier(
        rule="medication.anticoagulant-bleeding",
        medicines="anticoagulant",
        signs=_bleeding,
        sentence="Bleeding while taking an anticoagulant.",
        citation=BLEEDING,
    ),
    Modifier(
        rule="medication.glucose-lowering-altered-state",
        medicines="glucose-lowering",
        signs=_low_sugar,
        sentence="Altered or fainting while taking insulin or a sulfonylurea.",
        citation=GLUCOSE,
    ),
    Modifier(
        rule="medication.immunosuppressant-fever",
        medicines="immunosuppressant",
        signs=_fever,
        sentence="Fever while taking chemotherapy or an immunosuppressant.",
        citation=IMMUNE,
    ),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where a medicine makes a complaint or sign an emergency."""
    for modifier in MODIFIERS:
        taken = readings.taken.now(modifier.medicines)
        found = modifier.signs(readings) if taken else ()
        if found:
            yield Fired(
                rule=modifier.rule,
                acuity=Acuity.EMERGENT,
                sentence=modifier.sentence,
                citation=modifier.citation,
                sources=distinct((*taken, *found)),
            )


def notices(readings: Readings) -> Iterable[str]:
    """Say where a medicine may hide a sign; a doubt, which changes no level alone."""
    if readings.taken.now("beta-blocker") and readings.every(VitalName.HEART_RATE):
        yield "heart-rate may mislead: a beta blocker hides a fast pulse"
