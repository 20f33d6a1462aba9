"""Allergy and bleeding that endanger the airway, and the cold that does not."""

from training.scenario import FOUR, ONE, THREE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A and B"

FAMILIES = (
    Family(
        name="anaphylaxis",
        why="An allergy that reaches airway or circulation kills in minutes.",
        citation="Cardona V et al., WAO anaphylaxis guidance 2020",
        years=(1.5, 70),
        minutes=(3, 60),
        strain=Strain(
            heart=0.6, breathing=0.7, systolic=-0.5, saturation=-10, clouds=0.8
        ),
        degrees=(
            Degree(
                name="airway or circulation",
                acuity=ONE,
                strain=(0.3, 1),
                weight=0.8,
                core=(("hives", "tongue-swelling"), ("throat-tight", "breathless")),
            ),
            Degree(
                name="hives alone",
                acuity=THREE,
                strain=(0, 0.05),
                weight=0.2,
                core=(("hives",),),
            ),
        ),
        some={"vomiting": 0.3, "wheeze": 0.3, "fainted": 0.15},
        history={"asthma": 0.3, "eczema": 0.2},
        medicines={"adrenaline auto-injector": 0.3},
        allergies={"peanut": 0.4, "wasp venom": 0.2, "penicillin": 0.2},
    ),
    Family(
        name="coughing-blood",
        why="People drown in blood before they bleed out.",
        citation="NICE NG12, 2015; " + _ESI,
        years=(25, 85),
        minutes=(30, 3000),
        strain=Strain(heart=0.5, breathing=0.6, systolic=-0.35, saturation=-9),
        degrees=(
            Degree(
                name="much",
                acuity=ONE,
                strain=(0.7, 1),
                weight=0.2,
                core=(("coughing-blood",), ("breathless",)),
            ),
            Degree(
                name="some",
                acuity=TWO,
                strain=(0, 0.4),
                weight=0.8,
                core=(("coughing-blood",),),
            ),
        ),
        some={"cough": 0.6, "chest-stab": 0.2},
        history={"lung cancer": 0.2, "tuberculosis": 0.1},
        medicines={"warfarin": 0.2},
    ),
    Family(
        name="cough-and-cold",
        why="A cold with a clear chest needs no resource.",
        citation="NICE NG120, 2019; ESI handbook v5 (ENA 2023), decision point C",
        years=(6, 70),
        minutes=(1000, 9000),
        strain=Strain(temperature=0.6),
        degrees=(
            Degree(
                name="cold",
                acuity=FOUR,
                strain=(0, 1),
                core=(("cough", "runny-nose"), ("runny-nose", "sore-throat")),
            ),
        ),
        absent=("breathless", "chest-stab", "confused"),
        history={"hay fever": 0.2},
        medicines={"cetirizine": 0.1},
    ),
)
