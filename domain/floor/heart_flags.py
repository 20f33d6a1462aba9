"""Red flags of the heart, the lungs and the vessels."""

from domain.floor.ages import FROM_16, years
from domain.floor.flag import ONE, THREE, TWO, RedFlag, flag

CORONARY = "AHA/ACC chest pain guideline 2021: ECG within 10 minutes; ESI v5 ch. 4"
EMBOLISM = "ESC pulmonary embolism guideline 2019; ESI handbook v5 (ENA 2023), ch. 4"
SYNCOPE = "ESC syncope guideline 2018, high-risk features"
PACING = "ESC pacing guideline 2021; ESI handbook v5 (ENA 2023), ch. 4"

FROM_18 = years(18)
FROM_65 = years(65)
FROM_50 = years(50)

CARDIAC = "It may be the heart: an ECG within 10 minutes decides."
TESTS = "It needs an ECG or tests and a physician: more than one resource."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(TWO, "chest-pain", "Chest pain: ECG within 10 minutes.", CARDIAC),
        citation=CORONARY,
        ages=FROM_18,
    ),
    flag(
        *(THREE, "chest-pain", "Chest pain in a young patient."),
        "Coronary disease is rare before 18, but an ECG is still needed.",
        rule="chest-pain-young",
        ages=years(0, 18),
    ),
    flag(
        *(TWO, "anginal-equivalent", "Pain of jaw, arm or shoulder like angina."),
        CARDIAC,
        citation=CORONARY,
        ages=years(30),
    ),
    flag(
        *(TWO, "nausea|vomiting|weakness hypoperfusion"),
        "Nausea or fatigue with sweating may be cardiac.",
        "Women, the elderly and diabetics have infarctions without chest pain.",
        rule="silent-infarction",
        citation=CORONARY,
        ages=years(40),
    ),
    flag(
        *(TWO, "dissection", "Aortic dissection or rupture possible."),
        "A tear of the aorta kills one patient in a hundred each hour.",
        citation="ESC aortic guideline 2024; ESI handbook v5 (ENA 2023), ch. 4",
        worse=ONE,
    ),
    flag(
        *(TWO, "embolism", "Pulmonary embolism possible."),
        "An embolus can stop the circulation without warning.",
        citation=EMBOLISM,
        worse=ONE,
    ),
    flag(
        *(TWO, "dangerous-rhythm", "A dangerous rhythm."),
        "Ventricular tachycardia and high-degree block can end in arrest.",
        citation=PACING,
        worse=ONE,
    ),
    flag(
        *(TWO, "device-shock", "A defibrillator fired, or a heart device failed."),
        "The device fired for a rhythm that kills, or no longer protects from it.",
        citation=PACING,
        worse=ONE,
    ),
    flag(THREE, "arrhythmia", "An irregular, fast or slow heart rhythm.", TESTS),
    flag(THREE, "dyspnoea", "Breathlessness.", TESTS),
    flag(
        *(TWO, "dyspnoea", "Breathlessness in the elderly may be cardiac."),
        "An anginal equivalent: the elderly have infarctions without pain.",
        rule="dyspnoea-elderly",
        ages=FROM_65,
    ),
    flag(
        *(TWO, "dyspnoea", "Breathlessness with diabetes may be cardiac."),
        "An anginal equivalent: diabetics have infarctions without pain.",
        rule="dyspnoea-diabetes",
        history="diabetes",
        ages=FROM_18,
    ),
    flag(THREE, "syncope", "Loss of consciousness.", TESTS),
    flag(
        *(TWO, "syncope", "Syncope in the elderly may be cardiac."),
        "In the elderly an arrhythmia is a common cause.",
        rule="syncope-elderly",
        citation=SYNCOPE,
        ages=FROM_65,
    ),
    flag(
        *(TWO, "syncope palpitations|dyspnoea|exertion|arrhythmia"),
        "Syncope with palpitations, breathlessness or on exertion.",
        "High-risk features of cardiac syncope at any age.",
        rule="cardiac-syncope",
        citation=SYNCOPE,
    ),
    flag(
        *(TWO, "syncope", "Syncope with known heart disease."),
        "Structural heart disease makes an arrhythmia likely.",
        rule="syncope-heart-disease",
        citation=SYNCOPE,
        history="heart-disease",
    ),
    flag(THREE, "palpitations", "Palpitations: ECG and tests.", TESTS, ages=FROM_16),
    flag(
        *(THREE, "leg-thrombosis", "Venous thrombosis possible."),
        "It needs ultrasound and blood tests, and may embolise.",
        citation=EMBOLISM,
    ),
    flag(
        *(TWO, "leg-thrombosis dyspnoea|chest-pain|syncope"),
        "A swollen leg with breathlessness, chest pain or syncope.",
        "Together they mean pulmonary embolism until excluded.",
        citation=EMBOLISM,
    ),
    flag(THREE, "dizziness", "Dizziness or vertigo.", TESTS, ages=FROM_16),
    flag(
        *(TWO, "dizziness headache|visual-disturbance|visual-loss|numbness|stroke"),
        "Dizziness with headache, vision or sensation changed.",
        "With another neurological sign a stroke of the back of the brain is possible.",
        citation="GRACE-3 acute dizziness guideline (SAEM 2023)",
        ages=FROM_50,
    ),
    flag(
        *(THREE, "weakness", "Weakness or fatigue in the elderly."),
        "Infarction, sepsis and bleeding show as weakness in the elderly.",
        ages=FROM_65,
    ),
    flag(
        *(TWO, "unable-to-walk weakness|dizziness"),
        "Weak or dizzy, and newly unable to stand or walk.",
        "Loss of function shows a stroke, a cord lesion or sepsis.",
        ages=FROM_65,
    ),
    flag(
        *(THREE, "low-pressure", "A low blood pressure was found."),
        "Somebody measured it; a normal value now does not explain it.",
        citation="NEWS2 (RCP 2017); ESI handbook v5 (ENA 2023)",
    ),
)
