"""Red flags of the belly, the kidneys, infection and metabolism."""

from domain.floor.ages import FROM_16, years
from domain.floor.flag import HIGH_RISK, ONE, THREE, TWO, RedFlag, flag
from domain.floor.told_signs import ALARMING_ABDOMEN, DRY, FEVERISH, SEVERE_PAIN
from domain.values import Sex

SEPSIS = "NICE suspected sepsis (NG51 2024, NG253 2025)"
URINE = "ESI handbook v5 (ENA 2023), ch. 4, genitourinary"
DIABETES = "JBDS-IP DKA (2023) and hypoglycaemia (2023) guidelines"
IMMUNE = "NICE CG151 neutropenic sepsis; ESI handbook v5 ch. 4"
SICKLE = "NICE CG143 sickle cell acute painful episode; ESI handbook v5 ch. 4"
FROM_65 = years(65)

HOURS = "The organ dies within hours: surgery decides."
SEVERAL = "It needs blood tests and imaging: more than one resource."
INFECTED = "Sepsis: each hour without antibiotics costs lives."
CRISIS = "Without treatment it leads to coma or arrest within hours."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(TWO, "abdominal-pain|abdominal-discomfort", "Acute abdomen in the elderly."),
        "In the elderly one in five needs surgery, and signs come late.",
        sign=ALARMING_ABDOMEN,
        ages=FROM_65,
    ),
    flag(
        *(TWO, "peritonism", "Peritonitis, obstruction or ischaemia possible."),
        HOURS,
        worse=ONE,
    ),
    flag(
        *(THREE, "abdominal-pain", "Abdominal pain in an adult.", SEVERAL),
        rule="abdominal-pain-adult",
        ages=FROM_16,
    ),
    flag(THREE, "flank-pain", "Flank pain.", SEVERAL, ages=FROM_16),
    flag(
        *(TWO, "flank-pain", "Severe flank pain."),
        "ESI names severe renal colic as pain that may not wait.",
        rule="severe-flank-pain",
        citation=URINE,
        sign=SEVERE_PAIN,
    ),
    flag(
        *(TWO, "torsion", "Torsion of the testis possible.", HOURS),
        citation=URINE,
        ages=years(0, 50),
        not_for=Sex.FEMALE,
    ),
    flag(
        *(TWO, "ovarian-torsion", "Torsion of the ovary possible.", HOURS),
        citation=URINE,
        not_for=Sex.MALE,
    ),
    flag(
        *(TWO, "priapism", "Priapism."),
        "After four to six hours the tissue is lost.",
        citation=URINE,
        not_for=Sex.FEMALE,
    ),
    flag(
        *(THREE, "urinary-retention", "Urine cannot pass."),
        "It is painful, needs a catheter, and may be the spinal cord.",
        citation=URINE,
        worse=TWO,
    ),
    flag(
        *(TWO, "urinary-infection rigors|back-pain|flank-pain"),
        "Urinary infection with rigors or back pain.",
        "The infection has reached the kidney or the blood.",
        citation=URINE,
    ),
    flag(
        *(TWO, "urinary-infection", "Urinary infection with fever in the elderly."),
        "Urosepsis is the commonest sepsis of the elderly.",
        rule="urinary-infection-elderly",
        citation=URINE,
        sign=FEVERISH,
        ages=FROM_65,
    ),
    flag(
        *(THREE, "urinary-infection", "Urinary infection in the elderly.", SEVERAL),
        rule="urinary-infection-from-65",
        citation=URINE,
        ages=FROM_65,
    ),
    flag(TWO, "sepsis", "Suspected sepsis.", INFECTED, citation=SEPSIS),
    flag(
        *(TWO, "non-blanching-rash", "A rash that does not blanch.", INFECTED),
        citation=SEPSIS,
    ),
    flag(
        *(TWO, "necrotising-infection", "A necrotising infection possible."),
        "It spreads by centimetres an hour and needs surgery.",
        citation=SEPSIS,
        worse=ONE,
    ),
    flag(
        *(TWO, "device-infection", "An infected line or device with fever.", INFECTED),
        rule="device-infection-fever",
        citation=SEPSIS,
        sign=FEVERISH,
    ),
    flag(
        *(THREE, "device-infection", "An infected line or device."),
        "Bacteria have a way into the blood; it needs cultures and treatment.",
        citation=SEPSIS,
        worse=TWO,
    ),
    flag(
        *(TWO, "infection|rigors|weakness|vomiting|diarrhoea"),
        "Unwell or infected after chemotherapy or a transplant.",
        "With lowered immunity sepsis shows late and kills early.",
        rule="lowered-immunity-unwell",
        citation=IMMUNE,
        history="neutropenia",
    ),
    flag(
        *(THREE, "travel fever|infection|diarrhoea"),
        "Fever after a journey: think of isolation.",
        "Malaria kills within days; some infections need a room of their own.",
        citation="UKHSA/WHO returning traveller guidance; " + HIGH_RISK,
        worse=TWO,
    ),
    flag(
        *(THREE, "diarrhoea|vomiting", "Vomiting or diarrhoea in the elderly."),
        "The elderly lose fluid and salts fast.",
        rule="fluid-loss-elderly",
        ages=FROM_65,
    ),
    flag(
        *(THREE, "diarrhoea vomiting", "Vomiting together with diarrhoea."),
        "Fluid is lost at both ends and cannot be drunk: tests and infusion.",
    ),
    flag(
        *(
            THREE,
            "diarrhoea|vomiting|dehydration",
            "Fluid loss that shows in pulse or pressure.",
        ),
        "Pulse and pressure show that the loss counts: tests and infusion.",
        rule="fluid-loss-circulation",
        sign=DRY,
        ages=FROM_16,
    ),
    flag(TWO, "ketoacidosis", "Ketoacidosis.", CRISIS, citation=DIABETES, worse=ONE),
    flag(
        *(TWO, "vomiting|abdominal-pain|dyspnoea thirst|altered-state|missed-insulin"),
        "Diabetes with vomiting or pain, and thirst, drowsiness or no insulin.",
        "The picture of ketoacidosis, whatever the glucose.",
        rule="ketoacidosis-picture",
        citation=DIABETES,
        history="diabetes",
    ),
    flag(TWO, "hypoglycaemia", "Hypoglycaemia.", CRISIS, citation=DIABETES, worse=ONE),
    flag(
        *(THREE, "hyperglycaemia", "A high blood sugar."),
        "Ketones and salts must be measured.",
        citation=DIABETES,
        worse=TWO,
    ),
    flag(
        *(TWO, "adrenal-crisis", "Adrenal crisis possible.", CRISIS),
        citation="Society for Endocrinology adrenal crisis guidance 2016",
        worse=ONE,
    ),
    flag(
        *(TWO, "thyroid-storm", "Thyroid storm or myxoedema coma.", CRISIS),
        citation="ATA hyperthyroidism guideline 2016",
        worse=ONE,
    ),
    flag(
        *(TWO, "potassium", "A high potassium, or dialysis missed."),
        "The heart can stop without any warning sign: ECG at once.",
        citation="UKKA hyperkalaemia guideline 2023",
        worse=ONE,
    ),
    flag(
        *(TWO, "cold-exposure altered-state|weakness|hypoperfusion"),
        "Cold exposure with an altered state.",
        "Below 32 Cel the heart may fibrillate.",
        citation="ERC guidelines 2021, special circumstances",
        worse=ONE,
    ),
    flag(TWO, "sickle-crisis", "Sickle cell crisis.", CRISIS, citation=SICKLE),
    flag(
        *(TWO, "", "Fever with sickle cell disease."),
        "Without a working spleen pneumococci kill within hours.",
        rule="sickle-cell-fever",
        citation=SICKLE,
        history="sickle-cell",
        sign=FEVERISH,
    ),
    flag(
        *(TWO, "severe-pain", "Severe pain with cancer or sickle cell disease."),
        "Pain of a systemic cause may not wait.",
        rule="severe-pain-systemic",
        history="cancer sickle-cell",
    ),
)
