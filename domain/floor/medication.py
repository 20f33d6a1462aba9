"""What the patient takes, where it makes a complaint more dangerous or hides a sign."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.floor import signs
from domain.floor.ages import ANY_AGE, Band, years
from domain.floor.readings import Readings, distinct
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Reference, VitalName

BLEEDING = "NICE NG232 (2023) head injury; ESI handbook v5 ch. 4, anticoagulants"
GLUCOSE = "JBDS-IP hypoglycaemia guideline (2023)"
KETONES = "JBDS-IP DKA guideline (2023); MHRA Drug Safety Update 2016, SGLT2 inhibitors"
IMMUNE = "NICE CG151 neutropenic sepsis; ESI handbook v5 ch. 4"
ADRENAL = "Society for Endocrinology adrenal crisis guidance 2016; ESI handbook v5"
FAMILY = "Medicines"

_BLEEDS = ("bleeding", "epistaxis", "haematemesis", "melaena", "rectal-bleeding")
_MORE_BLEEDS = ("haemoptysis", "haematuria", "vaginal-bleeding", "major-bleeding")

FROM_65 = years(65)
TWO, THREE = Acuity.EMERGENT, Acuity.URGENT
Signs = Callable[[Readings], tuple[Reference, ...]]


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """A kind of medicine, and the signs that become an emergency with it."""

    rule: str
    medicines: str
    signs: Signs
    sentence: str
    why: str
    citation: str
    acuity: Acuity = TWO
    ages: Band = ANY_AGE

    def fired(self, readings: Readings) -> Fired | None:
        """Return what the medicine and the signs demand, if both are there."""
        taken = readings.taken.now(self.medicines)
        found = self.signs(readings) if taken else ()
        if not found or not self.ages.meets(readings.age):
            return None
        return Fired(
            rule=self.rule,
            acuity=self.acuity,
            sentence=self.sentence,
            citation=self.citation,
            sources=distinct((*taken, *found)),
        )

    def entry(self) -> Rule:
        """Return what a clinician reads of this modifier."""
        return Rule(
            rule=self.rule,
            family=FAMILY,
            acuities=(self.acuity,),
            says=self.sentence,
            why=self.why,
            citation=self.citation,
            ages=(self.ages,),
        )


def _told(*concepts: str) -> Signs:
    return lambda readings: readings.told.now(*concepts)


def _fever(readings: Readings) -> tuple[Reference, ...]:
    told = readings.told.now("fever", "rigors", "told-temperature")
    return distinct((*signs.fever(readings), *told))


def _low_sugar(readings: Readings) -> tuple[Reference, ...]:
    told = readings.told.now("hypoglycaemia", "syncope", "seizure", "stroke")
    return distinct((*signs.altered(readings), *told))


def _ketosis(readings: Readings) -> tuple[Reference, ...]:
    told = readings.told.now("vomiting", "abdominal-pain", "dyspnoea", "ketoacidosis")
    return distinct((*signs.altered(readings), *told))


def _collapsing(readings: Readings) -> tuple[Reference, ...]:
    return distinct(
        (*readings.told.now("vomiting", "syncope"), *signs.altered(readings))
    )


MODIFIERS: tuple[Modifier, ...] = (
    Modifier(
        rule="medication.anticoagulant-head-injury",
        medicines="anticoagulant",
        signs=_told("head-injury"),
        sentence="Head injury while taking an anticoagulant.",
        why="A bleed inside the skull grows without stopping, and late.",
        citation=BLEEDING,
    ),
    Modifier(
        rule="medication.anticoagulant-fall",
        medicines="anticoagulant",
        signs=_told("fall"),
        sentence="A fall from 65 years on while taking an anticoagulant.",
        why="The old often do not remember that they hit the head.",
        citation=BLEEDING,
        ages=FROM_65,
    ),
    Modifier(
        rule="medication.anticoagulant-bleeding",
        medicines="anticoagulant",
        signs=_told(*_BLEEDS, *_MORE_BLEEDS),
        sentence="Bleeding while taking an anticoagulant.",
        why="It will not stop by itself, and an antidote takes time.",
        citation=BLEEDING,
    ),
    Modifier(
        rule="medication.antiplatelet-head-injury",
        medicines="antiplatelet",
        signs=_told("head-injury"),
        sentence="Head injury from 65 years on while taking an antiplatelet.",
        why="NICE asks for imaging on antiplatelets other than aspirin alone.",
        citation=BLEEDING,
        ages=FROM_65,
    ),
    Modifier(
        rule="medication.antiplatelet-bleeding",
        medicines="antiplatelet",
        signs=_told(*_BLEEDS, *_MORE_BLEEDS),
        sentence="Bleeding while taking an antiplatelet.",
        why="It stops later; it needs blood tests and a physician.",
        citation=BLEEDING,
        acuity=THREE,
    ),
    Modifier(
        rule="medication.glucose-lowering-altered-state",
        medicines="glucose-lowering",
        signs=_low_sugar,
        sentence="Altered or fainting while taking insulin or a sulfonylurea.",
        why="Low sugar destroys the brain and is cured in a minute.",
        citation=GLUCOSE,
    ),
    Modifier(
        rule="medication.sglt2-inhibitor-unwell",
        medicines="sglt2-inhibitor",
        signs=_ketosis,
        sentence="Vomiting, belly pain or breathlessness on an SGLT2 inhibitor.",
        why="Ketoacidosis with a normal glucose: only ketones show it.",
        citation=KETONES,
    ),
    Modifier(
        rule="medication.immunosuppressant-fever",
        medicines="immunosuppressant",
        signs=_fever,
        sentence="Fever while taking chemotherapy or an immunosuppressant.",
        why="Neutropenic sepsis: antibiotics within the hour.",
        citation=IMMUNE,
    ),
    Modifier(
        rule="medication.steroid-collapse",
        medicines="steroid",
        signs=_collapsing,
        sentence="Vomiting, fainting or altered while taking a steroid.",
        why="Steroids that are vomited or missed end in an adrenal crisis.",
        citation=ADRENAL,
        acuity=THREE,
    ),
)

CATALOGUE: tuple[Rule, ...] = tuple(modifier.entry() for modifier in MODIFIERS)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where a medicine makes a complaint or sign an emergency."""
    for modifier in MODIFIERS:
        fired = modifier.fired(readings)
        if fired:
            yield fired


def notices(readings: Readings) -> Iterable[str]:
    """Say where a medicine may hide a sign; a doubt, which changes no level alone."""
    taken = readings.taken
    if taken.now("beta-blocker") and readings.every(VitalName.HEART_RATE):
        yield "heart-rate may mislead: a beta blocker hides a fast pulse"
    if taken.now("steroid", "immunosuppressant") and readings.every(
        VitalName.TEMPERATURE
    ):
        yield "temperature may mislead: a steroid or immunosuppressant hides a fever"
