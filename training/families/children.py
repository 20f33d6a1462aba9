"""Infants and children."""

from training.scenario import FIVE, FOUR, ONE, THREE, TWO, Degree, Family, Strain

FAMILIES = (
    Family(
        name="fever-young-infant",
        why="Under three months fever is a red flag even in a baby who looks well.",
        citation="Pantell RH et al., AAP febrile infants guideline 2021; NICE NG143",
        years=(0.02, 0.24),
        minutes=(60, 1500),
        strain=Strain(
            heart=0.3, breathing=0.4, saturation=-4, temperature=2.1, clouds=0.9
        ),
        degrees=(
            Degree(
                name="unwell",
                acuity=ONE,
                strain=(0.85, 1.05),
                weight=0.3,
                core=(("fever",), ("floppy", "not-feeding")),
            ),
            Degree(
                name="feverish",
                acuity=TWO,
                strain=(0.65, 0.8),
                weight=0.7,
                core=(("fever",),),
            ),
        ),
        some={"not-feeding": 0.4, "crying": 0.3},
    ),
    Family(
        name="sepsis-child",
        why="Colour, activity, breathing and circulation tell the septic child.",
        citation="NICE NG254, 2025; NICE NG143, 2019",
        years=(0.3, 12),
        minutes=(120, 2500),
        strain=Strain(
            heart=0.6,
            breathing=0.7,
            systolic=-0.25,
            saturation=-6,
            temperature=2.8,
            clouds=0.65,
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.85, 1.1),
                weight=0.4,
                core=(("fever",), ("drowsy", "floppy")),
            ),
            Degree(
                name="red features",
                acuity=TWO,
                strain=(0.45, 0.7),
                weight=0.6,
                core=(("fever",), ("rash-spots", "not-feeding", "crying")),
            ),
        ),
        some={"vomiting": 0.3, "dry-nappies": 0.3},
        history={"leukaemia under treatment": 0.05},
    ),
    Family(
        name="fever-well-child",
        why="A child who drinks and plays is at low risk whatever the fever.",
        citation="NICE NG143, 2019; ESI handbook v5 (ENA 2023), ch. 6",
        years=(1, 8),
        minutes=(300, 3000),
        strain=Strain(heart=0.15, breathing=0.12, temperature=1.9),
        degrees=(
            Degree(
                name="well",
                acuity=FOUR,
                strain=(0.3, 1),
                core=(("fever",), ("drinks-plays",)),
            ),
        ),
        some={"runny-nose": 0.6, "cough": 0.3, "earache": 0.2},
        absent=("rash-spots", "drowsy", "vomiting"),
    ),
    Family(
        name="bronchiolitis",
        why="Feeding, pauses and work of breathing decide.",
        citation="NICE NG9, 2015",
        years=(0.1, 1.2),
        minutes=(600, 5000),
        strain=Strain(
            heart=0.35, breathing=0.8, saturation=-10, temperature=0.9, clouds=0.95
        ),
        degrees=(
            Degree(
                name="failing",
                acuity=ONE,
                strain=(0.85, 1.05),
                weight=0.25,
                core=(("indrawing",), ("floppy", "drowsy")),
            ),
            Degree(
                name="distress",
                acuity=TWO,
                strain=(0.4, 0.7),
                weight=0.4,
                core=(("indrawing", "wheeze"), ("not-feeding",)),
            ),
            Degree(
                name="mild",
                acuity=THREE,
                strain=(0, 0.2),
                weight=0.35,
                core=(("runny-nose",), ("cough",)),
            ),
        ),
        history={"born at 30 weeks": 0.2},
    ),
    Family(
        name="croup",
        why="Noise at rest is a narrow airway.",
        citation="Bjornson CL, Johnson DW, Croup in children, CMAJ 2013;185:1317",
        years=(0.5, 5),
        minutes=(60, 1500),
        strain=Strain(heart=0.3, breathing=0.5, saturation=-7, temperature=0.9),
        degrees=(
            Degree(
                name="at rest",
                acuity=TWO,
                strain=(0.4, 1),
                weight=0.6,
                core=(("barking-cough",), ("noisy-breath",)),
            ),
            Degree(
                name="cough only",
                acuity=FOUR,
                strain=(0, 0.15),
                weight=0.4,
                core=(("barking-cough",), ("drinks-plays",)),
            ),
        ),
        some={"runny-nose": 0.5},
        absent=("drooling",),
    ),
    Family(
        name="dehydrated-child",
        why="Small children dry out within a day.",
        citation="NICE CG84, 2009",
        years=(0.4, 5),
        minutes=(500, 3500),
        strain=Strain(
            heart=0.5, breathing=0.4, systolic=-0.2, temperature=0.8, clouds=0.7
        ),
        degrees=(
            Degree(
                name="shock",
                acuity=ONE,
                strain=(0.85, 1.1),
                weight=0.25,
                core=(("vomiting",), ("drowsy", "floppy")),
            ),
            Degree(
                name="dehydrated",
                acuity=TWO,
                strain=(0.4, 0.65),
                weight=0.4,
                core=(("vomiting", "diarrhoea"), ("dry-nappies",)),
            ),
            Degree(
                name="drinking",
                acuity=FOUR,
                strain=(0, 0.1),
                weight=0.35,
                core=(("diarrhoea",), ("drinks-plays",)),
            ),
        ),
    ),
    Family(
        name="twisted-bowel-infant",
        why="Green vomit is a twisted bowel until a surgeon says otherwise.",
        citation="NICE NG1, 2015",
        years=(0.01, 1.5),
        minutes=(60, 1000),
        strain=Strain(heart=0.3, breathing=0.3, clouds=0.95),
        degrees=(
            Degree(
                name="green vomit",
                acuity=TWO,
                strain=(0, 0.8),
                core=(("green-vomit", "screaming-bouts"),),
            ),
        ),
        some={"crying": 0.4, "not-feeding": 0.4},
    ),
    Family(
        name="battery-swallowed",
        why="A battery burns through the gullet within two hours.",
        citation="Thomson M et al., ESGE/ESPGHAN guideline 2017",
        years=(0.7, 5),
        minutes=(10, 300),
        strain=Strain(heart=0.15),
        degrees=(
            Degree(
                name="swallowed",
                acuity=TWO,
                strain=(0, 1),
                core=(("swallowed-battery",),),
            ),
        ),
        some={"drooling": 0.3, "vomiting": 0.2},
    ),
    Family(
        name="febrile-seizure-over",
        why="A first fit with fever is looked at now, to find what is behind it.",
        citation="AAP febrile seizures guideline 2011; ESI handbook v5 (ENA 2023)",
        years=(0.6, 5),
        minutes=(10, 120),
        strain=Strain(heart=0.35, breathing=0.3, temperature=2.4, clouds=0.95),
        degrees=(
            Degree(
                name="over", acuity=TWO, strain=(0.6, 0.9), core=(("fit",), ("fever",))
            ),
        ),
        some={"runny-nose": 0.4},
        history={"fit with fever before": 0.3},
    ),
    Family(
        name="earache-child",
        why="An earache in a well child needs no resource.",
        citation="NICE NG91, 2018; ESI handbook v5 (ENA 2023), decision point C",
        years=(2, 12),
        minutes=(300, 3000),
        strain=Strain(temperature=0.8),
        degrees=(
            Degree(
                name="well",
                acuity=FIVE,
                strain=(0, 0.4),
                core=(("earache",), ("drinks-plays",)),
                pain=(1, 3),
            ),
        ),
        absent=("fever", "vomiting", "stiff-neck"),
    ),
)
