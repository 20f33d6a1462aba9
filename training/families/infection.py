"""Infections that are more than local."""

from training.scenario import FOUR, ONE, THREE, TWO, Degree, Family, Strain

_SEPSIS = "Evans L et al., Surviving Sepsis Campaign 2021; NICE NG253, 2025"

FAMILIES = (
    Family(
        name="sepsis-adult",
        why="Sepsis is judged by breathing, pressure, mind and skin, not by fever.",
        citation=_SEPSIS,
        years=(18, 95),
        minutes=(200, 4000),
        strain=Strain(
            heart=0.7,
            breathing=0.9,
            systolic=-0.42,
            saturation=-7,
            temperature=2.0,
            clouds=0.6,
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.85, 1.05),
                weight=0.4,
                core=(("fever", "chills"), ("confused", "drowsy")),
            ),
            Degree(
                name="suspected",
                acuity=TWO,
                strain=(0.4, 0.75),
                weight=0.6,
                core=(("fever", "chills"), ("weakness", "breathless")),
            ),
        ),
        some={"burning-urine": 0.25, "cough": 0.3, "red-skin": 0.15, "vomiting": 0.25},
        history={"type 2 diabetes": 0.3, "chronic kidney disease": 0.15},
        medicines={"metformin": 0.2, "bisoprolol": 0.2},
        allergies={"penicillin": 0.1},
    ),
    Family(
        name="neutropenic-fever",
        why="Fever after chemotherapy is an emergency although the patient looks well.",
        citation="NICE CG151, 2012",
        years=(20, 80),
        minutes=(60, 1200),
        strain=Strain(
            heart=0.5, breathing=0.4, systolic=-0.3, temperature=2.2, clouds=0.9
        ),
        degrees=(
            Degree(
                name="feverish",
                acuity=TWO,
                strain=(0.3, 0.8),
                core=(("chemo",), ("fever", "chills")),
            ),
        ),
        some={"sore-throat": 0.3, "weakness": 0.4, "diarrhoea": 0.2},
        history={"cancer under treatment": 1.0},
        medicines={"capecitabine": 0.3, "docetaxel": 0.3},
    ),
    Family(
        name="necrotising-infection",
        why="Pain beyond what is seen is a surgical emergency.",
        citation="Stevens DL et al., IDSA soft tissue guideline 2014",
        years=(25, 85),
        minutes=(200, 2000),
        strain=Strain(
            heart=0.6, breathing=0.6, systolic=-0.4, temperature=1.8, clouds=0.8
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.85, 1),
                weight=0.4,
                core=(("red-skin",), ("pain-beyond",), ("drowsy", "confused")),
                pain=(8, 10),
            ),
            Degree(
                name="early",
                acuity=TWO,
                strain=(0.2, 0.6),
                weight=0.6,
                core=(("red-skin",), ("pain-beyond", "skin-blisters")),
                pain=(8, 10),
            ),
        ),
        some={"chills": 0.3, "fever": 0.4},
        history={"type 2 diabetes": 0.4, "cirrhosis": 0.1},
        medicines={"dapagliflozin": 0.1},
    ),
    Family(
        name="cellulitis",
        why="Red warm skin in a well person needs one resource at most.",
        citation="NICE NG141, 2019; ESI handbook v5 (ENA 2023), decision point C",
        years=(18, 85),
        minutes=(1000, 8000),
        strain=Strain(heart=0.1, temperature=0.7),
        degrees=(
            Degree(
                name="feverish",
                acuity=THREE,
                strain=(0.8, 1.6),
                weight=0.4,
                core=(("red-skin",), ("fever",)),
            ),
            Degree(
                name="local",
                acuity=FOUR,
                strain=(0, 0.2),
                weight=0.6,
                core=(("red-skin",),),
            ),
        ),
        absent=("chills", "confused"),
        history={"swollen legs": 0.3, "type 2 diabetes": 0.2},
        allergies={"penicillin": 0.1},
    ),
    Family(
        name="septic-joint",
        why="A joint is destroyed within days.",
        citation="Coakley G et al., BSR hot swollen joint guideline 2006",
        years=(20, 88),
        minutes=(600, 5000),
        strain=Strain(heart=0.4, breathing=0.2, temperature=1.8),
        degrees=(
            Degree(
                name="hot joint",
                acuity=TWO,
                strain=(0.3, 1),
                core=(("hot-joint",), ("fever", "chills")),
                pain=(6, 9),
            ),
        ),
        history={"knee replacement": 0.3, "rheumatoid arthritis": 0.2},
        medicines={"methotrexate": 0.15, "prednisolone": 0.15},
    ),
    Family(
        name="fever-after-travel",
        why="Fever after the tropics is malaria until shown otherwise.",
        citation="Lalloo DG et al., UK malaria treatment guidelines 2016",
        years=(5, 65),
        minutes=(600, 6000),
        strain=Strain(
            heart=0.4, breathing=0.5, systolic=-0.2, temperature=2.8, clouds=0.7
        ),
        degrees=(
            Degree(
                name="severe",
                acuity=ONE,
                strain=(0.9, 1.1),
                weight=0.25,
                core=(("jungle",), ("fever",), ("drowsy", "confused")),
            ),
            Degree(
                name="fever",
                acuity=TWO,
                strain=(0.3, 0.6),
                weight=0.75,
                core=(("jungle",), ("fever", "chills")),
            ),
        ),
        some={"headache": 0.5, "vomiting": 0.3, "weakness": 0.3},
    ),
    Family(
        name="line-infection",
        why="Chills with the use of a line come from the line.",
        citation="Mermel LA et al., IDSA catheter infection guideline 2009",
        years=(18, 80),
        minutes=(60, 1500),
        strain=Strain(
            heart=0.5, breathing=0.4, systolic=-0.3, temperature=2.2, clouds=0.9
        ),
        degrees=(
            Degree(
                name="rigors",
                acuity=TWO,
                strain=(0.3, 0.8),
                core=(("line",), ("fever", "chills")),
            ),
        ),
        history={"kidney failure on dialysis": 0.4, "cancer under treatment": 0.4},
    ),
    Family(
        name="sore-throat",
        why="A sore throat with swallowing and easy breathing needs no resource.",
        citation="NICE NG84, 2018; ESI handbook v5 (ENA 2023), decision point C",
        years=(5, 40),
        minutes=(700, 6000),
        strain=Strain(heart=0.1, temperature=0.8),
        degrees=(
            Degree(
                name="simple", acuity=FOUR, strain=(0, 0.6), core=(("sore-throat",),)
            ),
        ),
        some={"runny-nose": 0.3, "cough": 0.2},
        absent=("drooling", "noisy-breath", "breathless", "stiff-neck"),
        allergies={"penicillin": 0.1},
    ),
    Family(
        name="airway-infection",
        why="Drooling and noise on breathing in announce a closing airway.",
        citation="ESI handbook v5 (ENA 2023), decision point A",
        years=(2, 60),
        minutes=(120, 1500),
        strain=Strain(heart=0.5, breathing=0.6, saturation=-8, temperature=2.2),
        degrees=(
            Degree(
                name="closing",
                acuity=ONE,
                strain=(0.5, 1),
                weight=0.5,
                core=(("sore-throat",), ("noisy-breath",), ("drooling",)),
            ),
            Degree(
                name="threatened",
                acuity=TWO,
                strain=(0.2, 0.4),
                weight=0.5,
                core=(("sore-throat",), ("drooling",)),
            ),
        ),
        some={"fever": 0.6},
        absent=("cough",),
    ),
)
