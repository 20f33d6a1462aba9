"""Airways and lungs."""

from training.scenario import ONE, THREE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A and B"

FAMILIES = (
    Family(
        name="asthma-adult",
        why="Speech, rate and saturation tell a severe from a moderate attack.",
        citation="BTS/NICE/SIGN NG245, 2024",
        years=(16, 60),
        minutes=(30, 1500),
        strain=Strain(heart=0.75, breathing=1.1, saturation=-11, clouds=0.85),
        degrees=(
            Degree(
                name="life-threatening",
                acuity=ONE,
                strain=(0.8, 1),
                weight=0.25,
                core=(("breathless",), ("cannot-speak",)),
            ),
            Degree(
                name="severe",
                acuity=TWO,
                strain=(0.4, 0.75),
                weight=0.4,
                core=(("breathless",), ("wheeze",)),
            ),
            Degree(
                name="moderate",
                acuity=THREE,
                strain=(0.05, 0.3),
                weight=0.35,
                core=(("wheeze",),),
            ),
        ),
        some={"cough": 0.5, "runny-nose": 0.3},
        absent=("chest-pressure", "fever"),
        history={"asthma": 0.95, "intensive care for asthma": 0.15},
        medicines={"salbutamol inhaler": 0.9, "beclometasone inhaler": 0.5},
    ),
    Family(
        name="copd-flare",
        why="Work of breathing and drowsiness decide, not the usual saturation.",
        citation="GOLD report 2024; RCP NEWS2 2017",
        years=(50, 90),
        minutes=(300, 6000),
        strain=Strain(
            heart=0.4, breathing=0.9, saturation=-15, temperature=0.8, clouds=0.75
        ),
        degrees=(
            Degree(
                name="failing",
                acuity=ONE,
                strain=(0.8, 1),
                weight=0.25,
                core=(("breathless",), ("drowsy", "cannot-speak")),
            ),
            Degree(
                name="flare",
                acuity=TWO,
                strain=(0.35, 0.7),
                weight=0.5,
                core=(("breathless",), ("sputum", "wheeze")),
            ),
            Degree(
                name="mild",
                acuity=THREE,
                strain=(0, 0.2),
                weight=0.25,
                core=(("cough",), ("sputum",)),
            ),
        ),
        history={"COPD": 0.95, "heart failure": 0.2},
        medicines={"tiotropium inhaler": 0.6, "prednisolone": 0.25},
    ),
    Family(
        name="pneumonia",
        why="Rate, pressure, mind and age carry the risk (CRB-65).",
        citation="NICE NG250, 2025",
        years=(18, 93),
        minutes=(600, 8000),
        strain=Strain(
            heart=0.6,
            breathing=0.95,
            systolic=-0.3,
            saturation=-12,
            temperature=2.4,
            clouds=0.6,
        ),
        degrees=(
            Degree(
                name="septic",
                acuity=ONE,
                strain=(0.85, 1),
                weight=0.2,
                core=(("cough",), ("confused", "drowsy")),
            ),
            Degree(
                name="severe",
                acuity=TWO,
                strain=(0.45, 0.75),
                weight=0.4,
                core=(("cough",), ("breathless",)),
            ),
            Degree(
                name="moderate",
                acuity=THREE,
                strain=(0.1, 0.3),
                weight=0.4,
                core=(("cough",), ("fever",)),
            ),
        ),
        some={"sputum": 0.5, "chest-stab": 0.3, "chills": 0.3},
        history={"COPD": 0.2, "type 2 diabetes": 0.2, "heart failure": 0.1},
        medicines={"metformin": 0.2, "prednisolone": 0.08},
        allergies={"penicillin": 0.1},
    ),
    Family(
        name="pulmonary-embolism",
        why="A clot in the lung may collapse the circulation without warning.",
        citation="Konstantinides SV et al., 2019 ESC pulmonary embolism guideline",
        years=(22, 88),
        minutes=(20, 3000),
        female=0.55,
        strain=Strain(
            heart=0.7, breathing=0.9, systolic=-0.4, saturation=-12, clouds=0.85
        ),
        degrees=(
            Degree(
                name="massive",
                acuity=ONE,
                strain=(0.8, 1),
                weight=0.25,
                core=(("breathless",), ("fainted",)),
            ),
            Degree(
                name="likely",
                acuity=TWO,
                strain=(0.15, 0.65),
                weight=0.75,
                core=(("breathless", "chest-stab"), ("swollen-leg", "coughing-blood")),
            ),
        ),
        some={"palpitations": 0.3, "cough": 0.2},
        absent=("fever",),
        history={"cancer under treatment": 0.2, "earlier lung clot": 0.15},
        medicines={"combined contraceptive pill": 0.2},
    ),
    Family(
        name="collapsed-lung",
        why="Air under tension kills in minutes.",
        citation="Roberts ME et al., BTS pleural disease guideline 2023",
        years=(16, 75),
        minutes=(10, 1200),
        female=0.25,
        strain=Strain(heart=0.6, breathing=0.9, systolic=-0.4, saturation=-12),
        degrees=(
            Degree(
                name="tension",
                acuity=ONE,
                strain=(0.8, 1),
                weight=0.25,
                core=(("breathless",), ("cannot-speak",)),
            ),
            Degree(
                name="simple",
                acuity=TWO,
                strain=(0.05, 0.4),
                weight=0.75,
                core=(("chest-stab",), ("breathless",)),
            ),
        ),
        absent=("fever", "cough"),
        history={"COPD": 0.2, "smoker": 0.4},
    ),
)
