"""Injuries and burns."""

from training.scenario import FOUR, ONE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A to C"

FAMILIES = (
    Family(
        name="head-injury",
        why="Drowsiness, vomiting, amnesia or a blood thinner call for imaging now.",
        citation="NICE NG232, 2023",
        years=(2, 92),
        minutes=(15, 600),
        strain=Strain(heart=-0.15, systolic=0.25, clouds=0.6),
        degrees=(
            Degree(
                name="drowsy",
                acuity=ONE,
                strain=(0.9, 1.15),
                weight=0.2,
                core=(("head-blow",), ("drowsy", "fit")),
            ),
            Degree(
                name="signs",
                acuity=TWO,
                strain=(0, 0.5),
                weight=0.45,
                core=(("head-blow",), ("amnesia", "vomiting", "confused")),
            ),
            Degree(
                name="bump",
                acuity=FOUR,
                strain=(0, 0.1),
                weight=0.35,
                core=(("head-blow",), ("can-walk",)),
            ),
        ),
        some={"headache": 0.4},
        history={"atrial fibrillation": 0.15},
        medicines={"apixaban": 0.12, "warfarin": 0.08, "clopidogrel": 0.08},
    ),
    Family(
        name="road-crash",
        why="The mechanism counts before the signs do.",
        citation="ACS National guideline for field triage 2021",
        years=(4, 85),
        minutes=(10, 120),
        strain=Strain(
            heart=0.6, breathing=0.5, systolic=-0.4, saturation=-5, clouds=0.8
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.7, 1),
                weight=0.35,
                core=(("crash",), ("drowsy", "breathless")),
                pain=(5, 10),
            ),
            Degree(
                name="mechanism",
                acuity=TWO,
                strain=(0, 0.35),
                weight=0.65,
                core=(("crash",), ("belly-pain", "chest-stab", "back-pain")),
                pain=(4, 8),
            ),
        ),
        medicines={"apixaban": 0.08, "bisoprolol": 0.1},
    ),
    Family(
        name="hip-fracture",
        why="A fall with groin pain and a turned leg is a hip until imaged.",
        citation="NICE CG124, 2011; " + _ESI,
        years=(68, 97),
        minutes=(30, 900),
        female=0.7,
        strain=Strain(heart=0.2),
        degrees=(
            Degree(
                name="fall",
                acuity=TWO,
                strain=(0, 1),
                core=(("hip-pain",),),
                pain=(5, 9),
            ),
        ),
        some={"head-blow": 0.2, "confused": 0.1},
        history={"osteoporosis": 0.5, "dementia": 0.3},
        medicines={"apixaban": 0.25, "alendronic acid": 0.3},
    ),
    Family(
        name="sprained-ankle",
        why="An ankle that bears weight may need one picture.",
        citation="Stiell IG et al., Ottawa ankle rules, JAMA 1994; " + _ESI,
        years=(10, 65),
        minutes=(60, 3000),
        strain=Strain(),
        degrees=(
            Degree(
                name="sprain",
                acuity=FOUR,
                strain=(0, 1),
                core=(("twisted-ankle",), ("can-walk",)),
                pain=(2, 6),
            ),
        ),
        absent=("head-blow",),
    ),
    Family(
        name="back-strain",
        why="Back pain without red flags needs advice.",
        citation="NICE NG59, 2016; " + _ESI,
        years=(20, 49),
        minutes=(300, 8000),
        strain=Strain(),
        degrees=(
            Degree(
                name="strain",
                acuity=FOUR,
                strain=(0, 1),
                core=(("back-pain",), ("can-walk",)),
                pain=(3, 6),
            ),
        ),
        absent=("numb-seat", "no-urine", "fever", "leg-weak"),
        history={"back pain before": 0.4},
    ),
    Family(
        name="snakebite",
        why="Poison shows late and spreads fast.",
        citation="WHO guidelines for the management of snakebites 2016",
        years=(4, 70),
        minutes=(10, 400),
        strain=Strain(heart=0.5, breathing=0.5, systolic=-0.35, clouds=0.85),
        degrees=(
            Degree(
                name="poisoned",
                acuity=ONE,
                strain=(0.75, 1),
                weight=0.4,
                core=(("snake",), ("drowsy", "fainted")),
            ),
            Degree(
                name="bitten",
                acuity=TWO,
                strain=(0, 0.4),
                weight=0.6,
                core=(("snake",),),
            ),
        ),
        some={"vomiting": 0.3},
    ),
)
