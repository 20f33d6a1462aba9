"""Signs that are an emergency together: failing breath, circulation, sugar, mind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.floor import shown
from domain.floor.ages import ANY_AGE, FROM_12, FROM_16, Band
from domain.floor.readings import Readings
from domain.floor.rule import Rule
from domain.values import Acuity, Fired

ESI = "ESI handbook v5 (ENA 2023), decision points A and B"
DIABETES = "JBDS-IP hypoglycaemia (2023) and DKA (2023) guidelines"
SEPSIS = "Surviving Sepsis Campaign 2021: mean arterial pressure of 65 as the target"
FEVER = "SIRS (Bone, Chest 1992;101:1644) and qSOFA (Singer, JAMA 2016;315:801)"
SLOW = "European Resuscitation Council 2021, bradycardia with adverse features"
FAMILY = "Signs together"

ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Signs that together make a level; `shows` returns what shows all of them."""

    rule: str
    acuity: Acuity
    shows: Callable[[Readings], shown.Found]
    sentence: str
    why: str
    citation: str = ESI
    ages: Band = ANY_AGE


PICTURES: tuple[Picture, ...] = (
    Picture(
        rule="extreme.respiratory-failure",
        acuity=ONE,
        shows=shown.respiratory_failure,
        sentence="Oxygen saturation below 90 % with respiratory compromise.",
        why="ESI point A: severe respiratory distress needs help at once.",
    ),
    Picture(
        rule="extreme.airway-at-risk",
        acuity=ONE,
        shows=shown.airway,
        sentence="Not awake, breathing fast, and oxygen saturation below 92 %.",
        why="Who fails to breathe and to wake cannot hold the airway: ESI point A. "
        "Where only words tell of it, the depth is unknown and it counts; confusion "
        "that was measured is 2.",
    ),
    Picture(
        rule="extreme.decompensated-shock",
        acuity=ONE,
        shows=shown.shock,
        sentence="Systolic pressure at or below 80 with signs of hypoperfusion.",
        why="ESI point A: hypoperfusion needs volume at once.",
        ages=FROM_12,
    ),
    Picture(
        rule="extreme.no-mean-pressure",
        acuity=ONE,
        shows=shown.mean_pressure,
        sentence="Mean arterial pressure below 55 mmHg.",
        why="Below it brain and kidney lose their blood flow, told or not.",
        citation=SEPSIS,
        ages=FROM_16,
    ),
    Picture(
        rule="extreme.low-mean-pressure",
        acuity=THREE,
        shows=shown.low_mean_pressure,
        sentence="Mean arterial pressure below 65 mmHg.",
        why="The target in shock; healthy young people have it too, so alone it is 3.",
        citation=SEPSIS,
        ages=FROM_16,
    ),
    Picture(
        rule="extreme.weak-and-low",
        acuity=TWO,
        shows=shown.weak_and_low,
        sentence=(
            "Weakness, dizziness, fatigue or fainting with a systolic pressure up to "
            "100, a mean pressure below 65 or a pulse below 50."
        ),
        why="What is told shows that the circulation does not suffice: ESI point B.",
        ages=FROM_12,
    ),
    Picture(
        rule="extreme.slow-and-ill",
        acuity=TWO,
        shows=shown.slow_and_ill,
        sentence="A pulse up to 50 with chest pain, breathlessness, fainting or worse.",
        why="Bradycardia with adverse features is treated, not watched.",
        citation=SLOW,
        ages=FROM_12,
    ),
    Picture(
        rule="extreme.neuroglycopenia",
        acuity=ONE,
        shows=shown.neuroglycopenia,
        sentence="Glucose below 3.0 mmol/L with an altered state.",
        why="ESI point A names it; the brain is harmed within minutes.",
        citation=DIABETES,
    ),
    Picture(
        rule="extreme.ketoacidosis-pattern",
        acuity=TWO,
        shows=shown.ketoacidosis,
        sentence=(
            "Glucose from 13.9 mmol/L or diabetes, with vomiting, abdominal pain, fast "
            "breathing or ketones from 3.0: fits diabetic ketoacidosis."
        ),
        why="It kills within hours and looks like a stomach upset: ESI point B.",
        citation=DIABETES,
    ),
    Picture(
        rule="extreme.adult-fever",
        acuity=THREE,
        shows=shown.adult_fever,
        sentence="Fever with a pulse above 90, a systolic up to 100, or age from 65.",
        why="Infection that the body answers needs tests; high-risk signs make it 2.",
        citation=FEVER,
        ages=FROM_16,
    ),
)

CATALOGUE: tuple[Rule, ...] = tuple(
    Rule(
        rule=picture.rule,
        family=FAMILY,
        acuities=(picture.acuity,),
        says=picture.sentence,
        why=picture.why,
        citation=picture.citation,
        ages=(picture.ages,),
    )
    for picture in PICTURES
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for every picture that a patient of that age shows."""
    for picture in PICTURES:
        found = picture.shows(readings) if picture.ages.meets(readings.age) else ()
        if found:
            yield Fired(
                rule=picture.rule,
                acuity=picture.acuity,
                sentence=picture.sentence,
                citation=picture.citation,
                sources=found,
            )
