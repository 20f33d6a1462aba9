"""Mind, poison and withdrawal."""

from training.scenario import ONE, THREE, TWO, Degree, Family, Strain

_ESI = "ESI handbook v5 (ENA 2023), decision points A and B"

FAMILIES = (
    Family(
        name="overdose",
        why="Poisons that kill late look harmless early.",
        citation="NICE NG225, 2022; " + _ESI,
        years=(13, 75),
        minutes=(30, 900),
        female=0.6,
        strain=Strain(
            heart=0.5, breathing=-0.3, systolic=-0.3, saturation=-8, clouds=0.6
        ),
        degrees=(
            Degree(
                name="drowsy",
                acuity=ONE,
                strain=(0.85, 1.1),
                weight=0.35,
                core=(("overdose",), ("drowsy",)),
            ),
            Degree(
                name="awake",
                acuity=TWO,
                strain=(0, 0.4),
                weight=0.65,
                core=(("overdose",),),
            ),
        ),
        some={"vomiting": 0.3, "wish-to-die": 0.5},
        history={"depression": 0.6},
        medicines={"amitriptyline": 0.2, "sertraline": 0.3},
    ),
    Family(
        name="opioid-poisoning",
        why="Breathing stops in sleep.",
        citation="WHO community management of opioid overdose 2014",
        years=(17, 65),
        minutes=(5, 120),
        female=0.3,
        strain=Strain(heart=-0.15, breathing=-0.65, saturation=-18, clouds=0.35),
        degrees=(
            Degree(
                name="slow breathing",
                acuity=ONE,
                strain=(0.7, 1),
                core=(("slow-breaths",), ("drowsy",)),
            ),
        ),
        history={"opioid dependence": 0.7},
        medicines={"methadone": 0.4, "diazepam": 0.2},
    ),
    Family(
        name="suicidal",
        why="A plan is a danger to life; the patient is not left alone.",
        citation="NICE NG225, 2022; " + _ESI,
        years=(13, 80),
        minutes=(100, 10000),
        strain=Strain(heart=0.1),
        degrees=(
            Degree(name="plan", acuity=TWO, strain=(0, 1), core=(("wish-to-die",),)),
        ),
        history={"depression": 0.7},
        medicines={"sertraline": 0.4, "lithium": 0.1},
    ),
    Family(
        name="psychosis",
        why="Voices that command endanger the patient and others.",
        citation="NICE NG10, 2015; " + _ESI,
        years=(16, 60),
        minutes=(500, 10000),
        strain=Strain(heart=0.3),
        degrees=(
            Degree(name="commands", acuity=TWO, strain=(0, 1), core=(("voices",),)),
        ),
        some={"wish-to-die": 0.2},
        history={"schizophrenia": 0.6},
        medicines={"olanzapine": 0.3, "clozapine": 0.15},
    ),
    Family(
        name="alcohol-withdrawal",
        why="Tremor goes on to fits and delirium.",
        citation="NICE CG100, 2010",
        years=(25, 70),
        minutes=(600, 4000),
        female=0.3,
        strain=Strain(
            heart=0.6, breathing=0.3, systolic=0.25, temperature=0.9, clouds=0.7
        ),
        degrees=(
            Degree(
                name="delirium",
                acuity=TWO,
                strain=(0.8, 1.05),
                weight=0.6,
                core=(("withdrawal-shakes",), ("confused", "fit")),
            ),
            Degree(
                name="tremor",
                acuity=TWO,
                strain=(0.3, 0.5),
                weight=0.4,
                core=(("withdrawal-shakes",), ("sweating",)),
            ),
        ),
        history={"alcohol dependence": 1.0},
        medicines={"thiamine": 0.3},
    ),
    Family(
        name="panic",
        why="Only a known pattern, all else excluded, is panic; the first time is not.",
        citation="NICE CG113, 2011; ESI handbook v5 (ENA 2023), decision point C",
        years=(18, 39),
        minutes=(15, 200),
        female=0.65,
        strain=Strain(heart=0.2, breathing=0.15),
        degrees=(
            Degree(
                name="known",
                acuity=THREE,
                strain=(0, 1),
                core=(("panic",), ("tingling-hands",)),
            ),
        ),
        absent=("chest-pressure", "fainted", "breathless"),
        history={"panic disorder": 0.95},
        medicines={"sertraline": 0.3},
    ),
    Family(
        name="smoke-inhalation",
        why="Carbon monoxide reads as a normal saturation.",
        citation="ABA guidelines 2022; " + _ESI,
        years=(3, 85),
        minutes=(10, 200),
        strain=Strain(heart=0.5, breathing=0.5, saturation=-3, clouds=0.75),
        degrees=(
            Degree(
                name="clouded",
                acuity=ONE,
                strain=(0.85, 1.05),
                weight=0.4,
                core=(("smoke",), ("confused", "noisy-breath")),
            ),
            Degree(
                name="exposed",
                acuity=TWO,
                strain=(0, 0.5),
                weight=0.6,
                core=(("smoke",), ("headache", "cough")),
            ),
        ),
    ),
)
