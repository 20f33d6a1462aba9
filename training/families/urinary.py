"""Kidneys, bladder and testicles."""

from training.scenario import FOUR, THREE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A to C"

FAMILIES = (
    Family(
        name="kidney-colic",
        why="Colic needs relief and tests; fever with it is a blocked infected kidney.",
        citation="EAU urolithiasis guideline 2024; " + _ESI,
        years=(22, 65),
        minutes=(40, 900),
        female=0.35,
        strain=Strain(heart=0.5, breathing=0.35, systolic=-0.25, temperature=2.2),
        degrees=(
            Degree(
                name="infected",
                acuity=TWO,
                strain=(0.5, 1),
                weight=0.35,
                core=(("flank-pain",), ("fever", "chills")),
                pain=(6, 10),
            ),
            Degree(
                name="colic",
                acuity=THREE,
                strain=(0, 0.05),
                weight=0.65,
                core=(("flank-pain",),),
                pain=(6, 9),
            ),
        ),
        some={"vomiting": 0.5, "blood-urine": 0.4},
        history={"kidney stones": 0.5},
    ),
    Family(
        name="urine-infection-simple",
        why="Burning alone in a well woman needs one test.",
        citation="NICE NG109, 2018; " + _ESI,
        years=(18, 60),
        minutes=(700, 5000),
        female=1.0,
        strain=Strain(temperature=0.2),
        degrees=(
            Degree(
                name="simple", acuity=FOUR, strain=(0, 1), core=(("burning-urine",),)
            ),
        ),
        absent=("fever", "flank-pain", "vomiting"),
        history={"urine infections before": 0.4},
        allergies={"trimethoprim": 0.05},
    ),
    Family(
        name="urine-infection-rising",
        why="Fever and flank pain mean the kidney and, soon, the blood.",
        citation="NICE NG111, 2018",
        years=(18, 88),
        minutes=(500, 4000),
        female=0.8,
        strain=Strain(
            heart=0.5, breathing=0.5, systolic=-0.3, temperature=2.5, clouds=0.8
        ),
        degrees=(
            Degree(
                name="septic",
                acuity=TWO,
                strain=(0.6, 1),
                weight=0.5,
                core=(("burning-urine", "flank-pain"), ("chills",)),
            ),
            Degree(
                name="kidney",
                acuity=THREE,
                strain=(0.2, 0.4),
                weight=0.5,
                core=(("burning-urine",), ("fever",)),
            ),
        ),
        some={"vomiting": 0.3, "confused": 0.1},
        history={"type 2 diabetes": 0.2, "urinary catheter": 0.1},
        medicines={"metformin": 0.15},
        allergies={"penicillin": 0.1},
    ),
    Family(
        name="torsion-of-testis",
        why="The testicle dies within hours.",
        citation="EAU paediatric urology guideline 2024",
        years=(10, 25),
        minutes=(30, 600),
        female=0.0,
        strain=Strain(heart=0.2),
        degrees=(
            Degree(
                name="acute",
                acuity=TWO,
                strain=(0, 1),
                core=(("testicle-pain",),),
                pain=(6, 10),
            ),
        ),
        some={"vomiting": 0.4, "belly-pain": 0.3},
        absent=("burning-urine", "fever"),
    ),
)
