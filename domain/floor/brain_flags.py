"""Red flags of the brain, the eyes and the nerves."""

from domain.floor.ages import FROM_16, years
from domain.floor.flag import ONE, THREE, TWO, RedFlag, flag
from domain.floor.told_signs import FEVERISH

STROKE = "BE-FAST (Aroor, Stroke 2017;48:479); AHA/ASA 2019: note when last well"
HEADACHE = "SNNOOP10 headache red flags (Do, Neurology 2019;92:134)"
MENINGITIS = "NICE NG240 meningitis (2024)"
EYES = "ESI handbook v5 (ENA 2023), ch. 4, eyes; RCOphth emergency eye care 2017"
FROM_50 = years(50)

TIME = "Every minute of a stroke costs brain: treatment has a time window."

FLAGS: tuple[RedFlag, ...] = (
    flag(TWO, "stroke", "Stroke signs: note when last well.", TIME, citation=STROKE),
    flag(
        *(TWO, "intracranial-bleeding", "Bleeding inside the skull."),
        "Pressure inside the skull rises until the brainstem fails.",
        citation=STROKE,
        worse=ONE,
    ),
    flag(
        *(TWO, "altered-state", "New confusion or lethargy."),
        "ESI 2 names new confusion, lethargy and disorientation.",
    ),
    flag(TWO, "seizure", "A seizure.", "It may come again, and its cause is unknown."),
    flag(
        *(TWO, "thunderclap", "Headache that is sudden or the worst ever."),
        "One in four to ten of these bleeds under the arachnoid.",
        citation=HEADACHE,
    ),
    flag(
        *(TWO, "headache altered-state|stroke|visual-loss|syncope|seizure"),
        "Headache with a neurological sign.",
        "A headache with vision, strength or mind changed has a cause to be found.",
        rule="headache-and-deficit",
        citation=HEADACHE,
    ),
    flag(
        *(TWO, "headache neck-stiffness", "Headache with a stiff neck."),
        "Meningitis or bleeding under the arachnoid.",
        citation=HEADACHE,
    ),
    flag(
        *(THREE, "headache", "Headache from 50 years on."),
        "A new headache at that age may be giant cell arteritis or a mass: tests.",
        rule="headache-from-50",
        citation="NICE CG150 headaches in over 12s, further evaluation; SNOOP4",
        ages=FROM_50,
    ),
    flag(
        *(TWO, "headache", "Headache with cancer, lowered immunity or pregnancy."),
        "Metastasis, abscess, venous thrombosis and pre-eclampsia start so.",
        rule="headache-secondary",
        citation=HEADACHE,
        history="cancer immunosuppression postpartum",
    ),
    flag(
        *(TWO, "neck-stiffness", "Fever with a stiff neck."),
        "Bacterial meningitis kills within hours: antibiotics within one.",
        rule="neck-stiffness-and-fever",
        citation=MENINGITIS,
        sign=FEVERISH,
    ),
    flag(
        *(TWO, "shunt headache|vomiting|altered-state|fever|weakness"),
        "A shunt of the brain with headache, vomiting, fever or drowsiness.",
        "A blocked or infected shunt raises the pressure in the skull.",
    ),
    flag(
        *(TWO, "visual-loss", "Sudden loss of vision or double vision."),
        "Retina and optic nerve recover only within hours.",
        citation=EYES,
    ),
    flag(
        *(TWO, "eye-threat", "An injury or pressure that threatens the eye."),
        "Sight is lost within hours without treatment.",
        citation=EYES,
    ),
    flag(
        *(TWO, "eye-pain vomiting|nausea|headache|visual-disturbance|visual-loss"),
        "Eye pain with vomiting, headache or vision changed.",
        "Acute angle closure blinds within hours.",
        citation=EYES,
    ),
    flag(
        TWO, "chemical-eye", "A chemical in the eye.", "Rinse at once.", citation=EYES
    ),
    flag(
        *(THREE, "numbness", "Numbness from 50 years on."),
        "A new loss of sensation may be a stroke or a TIA.",
        citation=STROKE,
        ages=FROM_50,
    ),
    flag(
        *(TWO, "ascending-weakness", "Weakness that rises or reaches the breathing."),
        "Guillain-Barre and myasthenia stop the breathing.",
        worse=ONE,
    ),
    flag(
        *(TWO, "withdrawal", "Withdrawal with tremor, seizure or delirium."),
        "Alcohol and benzodiazepine withdrawal can kill.",
        citation="ASAM alcohol withdrawal guideline 2020",
    ),
    flag(
        *(TWO, "visual-disturbance headache", "Headache with vision changed."),
        "From 50 on giant cell arteritis blinds; in pregnancy it is pre-eclampsia.",
        citation=HEADACHE,
        ages=FROM_50,
    ),
    flag(
        *(THREE, "agitation", "Agitation."),
        "It may be delirium or a danger to others; somebody must stay near.",
        ages=FROM_16,
    ),
)
