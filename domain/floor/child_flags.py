"""Red flags of infants and children, and of birth."""

from domain.floor.ages import INFANT, UNDER_90_DAYS, months, years
from domain.floor.flag import ONE, THREE, TWO, RedFlag, flag
from domain.values import Sex

FEVER = "NICE NG143 fever in under 5s; ESI handbook v5 (ENA 2023), paediatric fever"
CHILD = "NICE suspected sepsis under 5s (NG51 2024, NG254)"
BIRTH = "ESI handbook v5 (ENA 2023), pregnancy; RCOG green-top guidelines"
UNDER_5 = years(0, 5)
FROM_12 = years(12)

QUIET = "A young infant's only sign of sepsis may be this one."
BOTH = "Two lives are at stake, and minutes count."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(TWO, "fever", "Fever, in words, before 90 days of age.", QUIET),
        rule="feverish-infant",
        citation=FEVER,
        ages=UNDER_90_DAYS,
    ),
    flag(
        *(
            TWO,
            "young-infant fever|told-temperature|poor-feeding|inconsolable|vomiting",
        ),
        "A newborn, by the words, with fever, poor feeding or crying.",
        QUIET,
        rule="young-infant-told",
        citation=FEVER,
    ),
    flag(
        *(
            TWO,
            "poor-feeding|inconsolable",
            "A young infant who does not feed.",
        ),
        QUIET,
        rule="young-infant-unwell",
        citation=CHILD,
        ages=UNDER_90_DAYS,
    ),
    flag(
        *(TWO, "intussusception", "Intussusception possible."),
        "The bowel dies within a day.",
        citation="ESI handbook v5 (ENA 2023), paediatrics",
        ages=UNDER_5,
        worse=ONE,
    ),
    flag(
        *(TWO, "bilious-vomiting", "Green vomit of an infant."),
        "Malrotation with volvulus until excluded.",
        citation="ESI handbook v5 (ENA 2023), paediatrics",
        ages=INFANT,
        worse=ONE,
    ),
    flag(
        *(TWO, "blue-spell", "A spell of blue colour or no breathing."),
        "It may come again; infection and abuse must be excluded.",
        citation="AAP BRUE guideline 2016",
        ages=months(0, 24),
        worse=ONE,
    ),
    flag(
        *(TWO, "bulging-fontanelle", "A bulging or sunken fontanelle."),
        "Meningitis, bleeding or severe dehydration.",
        citation=CHILD,
        ages=months(0, 24),
    ),
    flag(
        *(TWO, "inconsolable fever", "A feverish child who cannot be consoled."),
        "A weak, high-pitched or unceasing cry is a high-risk sign.",
        citation=CHILD,
        ages=UNDER_5,
    ),
    flag(
        *(
            THREE,
            "inconsolable|poor-feeding",
            "A small child who cries or does not drink.",
        ),
        "Pain or dehydration that nobody can see.",
        rule="unwell-small-child",
        citation=CHILD,
        ages=UNDER_5,
    ),
    flag(
        *(THREE, "jaundice", "Jaundice of a newborn."),
        "Bilirubin can damage the brain: it is measured at once.",
        citation="NICE CG98 neonatal jaundice",
        ages=UNDER_90_DAYS,
        worse=TWO,
    ),
    flag(
        *(ONE, "imminent-delivery", "Birth is under way.", BOTH),
        citation=BIRTH,
        ages=FROM_12,
        not_for=Sex.MALE,
    ),
    flag(
        *(TWO, "labour", "Birth may be near.", BOTH),
        citation=BIRTH,
        ages=FROM_12,
        not_for=Sex.MALE,
        worse=ONE,
    ),
    flag(
        *(TWO, "eclampsia", "Pre-eclampsia or eclampsia.", BOTH),
        citation="ACOG Practice Bulletin 222 (2020)",
        ages=FROM_12,
        not_for=Sex.MALE,
        worse=ONE,
    ),
    flag(
        *(TWO, "obstetric-alarm", "The unborn child may be in danger.", BOTH),
        citation=BIRTH,
        ages=FROM_12,
        not_for=Sex.MALE,
        worse=ONE,
    ),
    flag(
        *(TWO, "ectopic", "Ectopic pregnancy possible."),
        "It can rupture and bleed at any moment.",
        citation="NICE NG126 ectopic pregnancy and miscarriage",
        not_for=Sex.MALE,
        worse=ONE,
    ),
)
