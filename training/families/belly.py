"""Belly, bowel and waterworks."""

from training.scenario import FOUR, ONE, THREE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A to C"

FAMILIES = (
    Family(
        name="bleeding-gut",
        why="Blood from the gut is judged by the circulation, and by blood thinners.",
        citation="NICE CG141, 2012; Oakland K et al., BSG guideline 2019",
        years=(25, 90),
        minutes=(30, 2500),
        strain=Strain(
            heart=0.7, breathing=0.5, systolic=-0.45, saturation=-2, clouds=0.85
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.75, 1),
                weight=0.25,
                core=(("vomiting-blood", "black-stool"), ("fainted", "drowsy")),
            ),
            Degree(
                name="bleeding",
                acuity=TWO,
                strain=(0.1, 0.5),
                weight=0.75,
                core=(("vomiting-blood", "black-stool"),),
            ),
        ),
        some={"weakness": 0.4, "faint-feeling": 0.4, "belly-pain": 0.3},
        history={"stomach ulcer": 0.3, "cirrhosis": 0.2},
        medicines={"ibuprofen": 0.3, "warfarin": 0.2, "clopidogrel": 0.15},
    ),
    Family(
        name="ruptured-aneurysm",
        why="Belly or back pain with collapse over sixty is the aorta until excluded.",
        citation="NICE NG156, 2020",
        years=(62, 92),
        minutes=(10, 300),
        female=0.2,
        strain=Strain(heart=0.5, breathing=0.4, systolic=-0.5, clouds=0.8),
        degrees=(
            Degree(
                name="collapse",
                acuity=ONE,
                strain=(0.6, 1),
                weight=0.5,
                core=(("belly-pain", "flank-pain"), ("fainted",)),
                pain=(7, 10),
            ),
            Degree(
                name="contained",
                acuity=TWO,
                strain=(0, 0.3),
                weight=0.5,
                core=(("belly-pain",), ("back-pain",)),
                pain=(6, 10),
            ),
        ),
        some={"sweating": 0.4},
        history={"abdominal aneurysm": 0.4, "smoker": 0.5, "high blood pressure": 0.6},
        medicines={"atorvastatin": 0.4},
    ),
    Family(
        name="peritonitis",
        why="A rigid belly needs a surgeon.",
        citation="Sartelli M et al., WSES intra-abdominal infection guideline 2017",
        years=(18, 90),
        minutes=(180, 2500),
        strain=Strain(
            heart=0.6, breathing=0.6, systolic=-0.35, temperature=1.8, clouds=0.75
        ),
        degrees=(
            Degree(
                name="septic",
                acuity=ONE,
                strain=(0.8, 1),
                weight=0.25,
                core=(("belly-hard",), ("drowsy", "confused")),
                pain=(6, 10),
            ),
            Degree(
                name="rigid",
                acuity=TWO,
                strain=(0.2, 0.6),
                weight=0.75,
                core=(("belly-hard",), ("belly-pain",)),
                pain=(7, 10),
            ),
        ),
        some={"vomiting": 0.5, "fever": 0.4},
        history={"diverticular disease": 0.2, "stomach ulcer": 0.2},
        medicines={"prednisolone": 0.15, "ibuprofen": 0.2},
    ),
    Family(
        name="appendicitis",
        why="Pain that moved to the lower right needs blood tests and imaging.",
        citation="Di Saverio S et al., WSES appendicitis guideline 2020; " + _ESI,
        years=(6, 45),
        minutes=(360, 2500),
        strain=Strain(heart=0.3, temperature=1.3),
        degrees=(
            Degree(
                name="likely",
                acuity=THREE,
                strain=(0, 0.8),
                core=(("belly-right-low",),),
                pain=(4, 7),
            ),
        ),
        some={"vomiting": 0.5, "nausea": 0.5, "fever": 0.4},
        absent=("diarrhoea", "burning-urine"),
    ),
    Family(
        name="gastroenteritis-adult",
        why="Without blood, severe pain or fluid loss it needs advice.",
        citation="IDSA infectious diarrhoea guideline 2017; " + _ESI,
        years=(18, 64),
        minutes=(400, 4000),
        strain=Strain(heart=0.45, systolic=-0.2, temperature=0.9),
        degrees=(
            Degree(
                name="dry",
                acuity=THREE,
                strain=(0.4, 0.9),
                weight=0.4,
                core=(("vomiting",), ("diarrhoea",), ("faint-feeling",)),
            ),
            Degree(
                name="mild",
                acuity=FOUR,
                strain=(0, 0.15),
                weight=0.6,
                core=(("diarrhoea",), ("belly-cramps",)),
            ),
        ),
        some={"nausea": 0.4},
        absent=("vomiting-blood", "black-stool"),
        history={"type 2 diabetes": 0.1},
        medicines={"metformin": 0.1, "ramipril": 0.1},
    ),
    Family(
        name="known-reflux",
        why="Symptoms that the patient knows, unrelated to effort, are routine.",
        citation="NICE CG184, 2014; " + _ESI,
        years=(20, 39),
        minutes=(3000, 20000),
        strain=Strain(),
        degrees=(
            Degree(name="usual", acuity=FOUR, strain=(0, 1), core=(("heartburn",),)),
        ),
        absent=("sweating", "breathless", "black-stool", "vomiting-blood"),
        history={"reflux": 0.9},
        medicines={"omeprazole": 0.6},
    ),
    Family(
        name="constipation-adult",
        why="Constipation alone can wait.",
        citation="NICE NG12, 2015; " + _ESI,
        years=(18, 60),
        minutes=(3000, 15000),
        strain=Strain(),
        degrees=(
            Degree(name="alone", acuity=FOUR, strain=(0, 1), core=(("constipation",),)),
        ),
        absent=("vomiting", "fever", "belly-hard"),
        medicines={"codeine": 0.3},
    ),
)
