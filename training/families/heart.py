"""Heart and vessels."""

from training.scenario import ONE, THREE, TWO, Degree, Family, Strain

_HEART = {"high blood pressure": 0.5, "type 2 diabetes": 0.3, "angina": 0.25}
_HEART_DRUGS = {
    "aspirin": 0.35,
    "bisoprolol": 0.3,
    "atorvastatin": 0.4,
    "ramipril": 0.3,
}
_ESI = "ESI handbook v5 (ENA 2023), decision points A and B"

FAMILIES = (
    Family(
        name="acute-coronary-syndrome",
        why="Chest pain that may be the heart needs an electrocardiogram at once.",
        citation="Gulati M et al., 2021 AHA/ACC chest pain guideline; " + _ESI,
        years=(38, 90),
        minutes=(15, 600),
        female=0.42,
        strain=Strain(
            heart=0.5, breathing=0.5, systolic=-0.45, saturation=-7, clouds=0.8
        ),
        degrees=(
            Degree(
                name="with shock",
                acuity=ONE,
                strain=(0.75, 1),
                weight=0.2,
                core=(("chest-pressure",), ("drowsy", "weakness")),
                pain=(5, 10),
            ),
            Degree(
                name="typical",
                acuity=TWO,
                strain=(0.05, 0.5),
                weight=0.5,
                core=(("chest-pressure",),),
                pain=(4, 10),
            ),
            Degree(
                name="without chest pain",
                acuity=TWO,
                strain=(0.05, 0.5),
                weight=0.3,
                core=(("jaw-pain", "arm-pain", "breathless"), ("sweating",)),
            ),
        ),
        some={"sweating": 0.5, "nausea": 0.4, "arm-pain": 0.35, "breathless": 0.3},
        absent=("fever", "cough"),
        history=_HEART,
        medicines=_HEART_DRUGS,
    ),
    Family(
        name="aortic-dissection",
        why="A torn aorta kills by the hour.",
        citation="Isselbacher EM et al., 2022 ACC/AHA aortic disease guideline; "
        + _ESI,
        years=(45, 85),
        minutes=(10, 240),
        female=0.35,
        strain=Strain(
            heart=0.45, breathing=0.4, systolic=-0.5, saturation=-4, clouds=0.8
        ),
        degrees=(
            Degree(
                name="with shock",
                acuity=ONE,
                strain=(0.7, 1),
                weight=0.3,
                core=(("tearing-pain",), ("fainted", "drowsy")),
                pain=(8, 10),
            ),
            Degree(
                name="with pressure held",
                acuity=TWO,
                strain=(0, 0.4),
                weight=0.7,
                core=(("tearing-pain",),),
                pain=(7, 10),
            ),
        ),
        some={"sweating": 0.4, "leg-weak": 0.15, "arm-weak": 0.1},
        history={"high blood pressure": 0.7, "Marfan syndrome": 0.08},
        medicines={"amlodipine": 0.4},
    ),
    Family(
        name="acute-heart-failure",
        why="Fluid on the lungs worsens within the hour.",
        citation="McDonagh TA et al., 2021 ESC heart failure guideline; " + _ESI,
        years=(55, 94),
        minutes=(120, 4000),
        strain=Strain(
            heart=0.5, breathing=1.1, systolic=0.15, saturation=-16, clouds=0.85
        ),
        degrees=(
            Degree(
                name="failing",
                acuity=ONE,
                strain=(0.75, 1),
                weight=0.3,
                core=(("breathless",), ("cannot-speak", "drowsy")),
            ),
            Degree(
                name="breathless at rest",
                acuity=TWO,
                strain=(0.3, 0.7),
                weight=0.4,
                core=(("breathless",), ("breathless-lying", "swollen-ankles")),
            ),
            Degree(
                name="slowly worse",
                acuity=THREE,
                strain=(0, 0.15),
                weight=0.3,
                core=(("swollen-ankles",),),
            ),
        ),
        some={"cough": 0.3, "weakness": 0.3},
        absent=("fever",),
        history={"heart failure": 0.7, "atrial fibrillation": 0.4, **_HEART},
        medicines={"furosemide": 0.6, "apixaban": 0.3, **_HEART_DRUGS},
    ),
    Family(
        name="fast-arrhythmia",
        why="A fast rhythm with fainting, pain or low pressure is unstable.",
        citation="Brugada J et al., 2019 ESC supraventricular tachycardia guideline",
        years=(18, 88),
        minutes=(10, 360),
        strain=Strain(
            heart=1.3, breathing=0.5, systolic=-0.4, saturation=-4, clouds=0.85
        ),
        degrees=(
            Degree(
                name="unstable",
                acuity=ONE,
                strain=(0.75, 1),
                weight=0.3,
                core=(("palpitations",), ("fainted", "chest-pressure")),
            ),
            Degree(
                name="fast",
                acuity=TWO,
                strain=(0.35, 0.65),
                weight=0.7,
                core=(("palpitations",), ("breathless", "faint-feeling")),
            ),
        ),
        some={"chest-pressure": 0.2, "nausea": 0.2},
        history={"atrial fibrillation": 0.3, "thyroid overactivity": 0.1},
        medicines={"bisoprolol": 0.2, "salbutamol inhaler": 0.1},
    ),
    Family(
        name="palpitations-that-passed",
        why="Felt palpitations need a recording, not minutes.",
        citation=_ESI + " and C",
        years=(18, 75),
        minutes=(60, 3000),
        strain=Strain(heart=0.15),
        degrees=(
            Degree(name="gone", acuity=THREE, strain=(0, 1), core=(("palpitations",),)),
        ),
        some={"tingling-hands": 0.1},
        absent=("fainted", "chest-pressure", "breathless"),
        history={"anxiety": 0.2},
        medicines={"salbutamol inhaler": 0.15},
    ),
    Family(
        name="syncope",
        why="A faint without warning, with exertion or palpitations may be the heart.",
        citation="Brignole M et al., 2018 ESC syncope guideline; " + _ESI,
        years=(17, 92),
        minutes=(15, 300),
        strain=Strain(heart=-0.25, systolic=-0.2),
        degrees=(
            Degree(
                name="cardiac features",
                acuity=TWO,
                strain=(0.2, 1),
                weight=0.6,
                core=(("fainted",), ("palpitations", "chest-pressure", "breathless")),
            ),
            Degree(
                name="alone",
                acuity=THREE,
                strain=(0, 0.2),
                weight=0.4,
                core=(("fainted",),),
            ),
        ),
        some={"sweating": 0.2, "nausea": 0.2, "head-blow": 0.15},
        absent=("fit",),
        history={"heart failure": 0.15, "high blood pressure": 0.3},
        medicines={"bisoprolol": 0.2, "furosemide": 0.15, "apixaban": 0.15},
    ),
    Family(
        name="leg-thrombosis",
        why="A clot in the leg is found today; with breathlessness it is in the lung.",
        citation="NICE NG158, 2020; " + _ESI,
        years=(20, 85),
        minutes=(600, 10000),
        female=0.55,
        strain=Strain(heart=0.5, breathing=0.6, saturation=-8),
        degrees=(
            Degree(
                name="with breathlessness",
                acuity=TWO,
                strain=(0.4, 1),
                weight=0.4,
                core=(("swollen-leg",), ("breathless", "chest-stab")),
            ),
            Degree(
                name="leg alone",
                acuity=THREE,
                strain=(0, 0.1),
                weight=0.6,
                core=(("swollen-leg",),),
            ),
        ),
        history={"cancer under treatment": 0.15, "knee surgery last month": 0.2},
        medicines={"combined contraceptive pill": 0.2},
    ),
)
