"""Wounds, burns and splashes."""

from training.scenario import FIVE, FOUR, ONE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A to C"

FAMILIES = (
    Family(
        name="stab-wound",
        why="The depth of a stab cannot be seen.",
        citation="NICE NG39, 2016",
        years=(15, 60),
        minutes=(5, 60),
        female=0.15,
        strain=Strain(
            heart=0.7, breathing=0.7, systolic=-0.45, saturation=-9, clouds=0.85
        ),
        degrees=(
            Degree(
                name="stab",
                acuity=ONE,
                strain=(0.2, 1),
                core=(("stabbed",),),
                pain=(4, 9),
            ),
        ),
        some={"breathless": 0.5, "spurting": 0.2},
    ),
    Family(
        name="spurting-wound",
        why="Bleeding under pressure kills in minutes.",
        citation=_ESI,
        years=(5, 85),
        minutes=(3, 60),
        strain=Strain(heart=0.6, breathing=0.4, systolic=-0.4),
        degrees=(
            Degree(name="arterial", acuity=ONE, strain=(0.2, 1), core=(("spurting",),)),
        ),
        some={"faint-feeling": 0.4, "weakness": 0.2},
        medicines={"warfarin": 0.1},
    ),
    Family(
        name="large-burn",
        why="Large burns lose fluid, and smoke swells the airway.",
        citation="ABA guidelines for burn patient referral 2022",
        years=(2, 80),
        minutes=(5, 120),
        strain=Strain(heart=0.6, breathing=0.5, systolic=-0.2, saturation=-6),
        degrees=(
            Degree(
                name="with smoke",
                acuity=ONE,
                strain=(0.5, 1),
                weight=0.4,
                core=(("burn-large",), ("smoke", "noisy-breath")),
                pain=(6, 10),
            ),
            Degree(
                name="large",
                acuity=TWO,
                strain=(0.1, 0.5),
                weight=0.6,
                core=(("burn-large",),),
                pain=(6, 10),
            ),
        ),
    ),
    Family(
        name="chemical-eye",
        why="Rinsing begins before registration.",
        citation="AAO chemical injury advice; " + _ESI,
        years=(4, 70),
        minutes=(2, 60),
        strain=Strain(heart=0.15),
        degrees=(
            Degree(
                name="alkali",
                acuity=TWO,
                strain=(0, 1),
                core=(("eye-splash",),),
                pain=(5, 10),
            ),
        ),
    ),
    Family(
        name="small-cut",
        why="A clean cut needs one procedure.",
        citation=_ESI,
        years=(5, 80),
        minutes=(20, 400),
        strain=Strain(),
        degrees=(
            Degree(
                name="small", acuity=FOUR, strain=(0, 1), core=(("cut",),), pain=(1, 4)
            ),
        ),
        absent=("spurting",),
    ),
    Family(
        name="small-burn",
        why="A small superficial burn needs a dressing.",
        citation=_ESI,
        years=(16, 70),
        minutes=(20, 2000),
        strain=Strain(),
        degrees=(
            Degree(
                name="small",
                acuity=FIVE,
                strain=(0, 1),
                core=(("burn-small",),),
                pain=(1, 4),
            ),
        ),
    ),
)
