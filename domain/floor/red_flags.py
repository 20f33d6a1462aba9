"""The catalogue of complaints that need no subtle reading, and their levels."""

from collections.abc import Iterable

from domain.floor import signs
from domain.floor.ages import ANY_AGE, FROM_16, UNDER_90_DAYS, Band, days, years
from domain.floor.flag import RedFlag, Signs
from domain.floor.readings import Readings
from domain.values import Acuity, Fired

IMMEDIATE = "ESI handbook v5 (ENA 2023), decision point A"
HIGH_RISK = "ESI handbook v5 (ENA 2023), decision point B and ch. 4"
STROKE = "BE-FAST (Aroor, Stroke 2017;48:479)"
SEPSIS = "NICE suspected sepsis (NG51 2024)"

ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT
FROM_18 = years(18)
FROM_65 = years(65)
TODDLER = days(0, 730)


def _flag(
    acuity: Acuity,
    concepts: str,
    sentence: str,
    *,
    rule: str = "",
    citation: str = "",
    history: str = "",
    signs: Signs | None = None,
    worse: Acuity | None = None,
    ages: Band = ANY_AGE,
) -> RedFlag:
    names = tuple(concepts.split())
    return RedFlag(
        rule=f"red-flag.{rule or '-and-'.join(names)}",
        acuity=acuity,
        sentence=sentence,
        citation=citation or (IMMEDIATE if acuity is ONE else HIGH_RISK),
        all_of=names,
        history=tuple(history.split()),
        signs=signs,
        worse=worse,
        ages=ages,
    )


THREATS: tuple[RedFlag, ...] = (
    _flag(ONE, "arrest", "Cardiac or respiratory arrest."),
    _flag(ONE, "unresponsive", "The patient does not respond."),
    _flag(ONE, "active-seizure", "A seizure that is still going on."),
    _flag(ONE, "airway-obstruction", "The airway is obstructed."),
    _flag(ONE, "anaphylaxis", "Anaphylaxis."),
    _flag(ONE, "major-bleeding", "Bleeding that is major or not controlled."),
    _flag(ONE, "flaccid", "A floppy infant.", ages=TODDLER),
    _flag(ONE, "allergic-reaction dyspnoea", "Allergic reaction with breathlessness."),
    _flag(ONE, "allergic-reaction stridor", "Allergic reaction with stridor."),
    _flag(
        *(ONE, "allergic-reaction respiratory-distress"),
        "Allergic reaction with respiratory distress.",
    ),
    _flag(TWO, "stridor", "Stridor.", worse=ONE),
    _flag(TWO, "secretions", "The airway is threatened.", worse=ONE),
    # Hives alone are not high risk; swelling of the airway is.
    _flag(
        THREE, "allergic-reaction", "Allergic reaction or facial swelling.", worse=ONE
    ),
    _flag(TWO, "respiratory-distress", "Respiratory distress."),
    _flag(TWO, "hypoperfusion", "Signs of hypoperfusion."),
    _flag(TWO, "penetrating-trauma", "Penetrating trauma.", worse=ONE),
)

MEDICAL: tuple[RedFlag, ...] = (
    _flag(TWO, "chest-pain", "Chest pain: ECG within 10 minutes.", ages=FROM_18),
    _flag(
        *(THREE, "chest-pain", "Chest pain in a young patient."),
        rule="chest-pain-young",
        ages=years(0, 18),
    ),
    _flag(TWO, "dissection", "Aortic dissection or rupture possible.", worse=ONE),
    _flag(TWO, "embolism", "Pulmonary embolism possible."),
    _flag(THREE, "dyspnoea", "Breathlessness."),
    _flag(
        *(TWO, "dyspnoea", "Breathlessness in the elderly may be cardiac."),
        rule="dyspnoea-elderly",
        ages=FROM_65,
    ),
    _flag(
        *(TWO, "dyspnoea", "Breathlessness with diabetes may be cardiac."),
        rule="dyspnoea-diabetes",
        history="diabetes",
        ages=FROM_18,
    ),
    _flag(THREE, "syncope", "Loss of consciousness."),
    _flag(
        *(TWO, "syncope", "Syncope in the elderly may be cardiac."),
        rule="syncope-elderly",
        ages=FROM_65,
    ),
    _flag(TWO, "syncope palpitations", "Syncope with palpitations."),
    _flag(TWO, "syncope dyspnoea", "Syncope with breathlessness."),
    _flag(TWO, "stroke", "Stroke signs: note when last well.", citation=STROKE),
    _flag(TWO, "intracranial-bleeding", "Bleeding inside the skull.", worse=ONE),
    _flag(TWO, "altered-state", "New confusion or lethargy."),
    _flag(TWO, "seizure", "A seizure."),
    _flag(TWO, "thunderclap", "Headache that is sudden or the worst ever."),
    _flag(TWO, "headache neck-stiffness", "Headache with a stiff neck."),
    _flag(TWO, "neck-stiffness fever", "Fever with a stiff neck."),
    _flag(TWO, "visual-loss", "Sudden loss of vision or double vision."),
    _flag(TWO, "sepsis", "Suspected sepsis.", citation=SEPSIS),
    _flag(TWO, "non-blanching-rash", "A rash that does not blanch.", citation=SEPSIS),
    _flag(TWO, "abdominal-pain", "Acute abdomen in the elderly.", ages=FROM_65),
    _flag(
        *(THREE, "abdominal-pain", "Abdominal pain in an adult: more than one test."),
        rule="abdominal-pain-adult",
        ages=FROM_16,
    ),
    _flag(THREE, "flank-pain", "Flank pain: more than one test.", ages=FROM_16),
    _flag(THREE, "palpitations", "Palpitations: ECG and tests.", ages=FROM_16),
    _flag(THREE, "leg-thrombosis", "Venous thrombosis possible."),
    _flag(THREE, "weakness", "Weakness or dizziness in the elderly.", ages=FROM_65),
    _flag(THREE, "fall", "A fall in the elderly.", ages=FROM_65),
    _flag(TWO, "haematemesis", "Vomiting blood.", worse=ONE),
    _flag(TWO, "melaena", "Gastrointestinal bleeding.", worse=ONE),
    _flag(THREE, "rectal-bleeding", "Rectal bleeding.", worse=TWO),
    _flag(THREE, "haemoptysis", "Coughing blood.", worse=TWO),
    _flag(TWO, "labour", "Birth may be near.", worse=ONE),
    _flag(
        *(TWO, "fever", "Fever, in words, before 90 days of age."),
        rule="feverish-infant",
        ages=UNDER_90_DAYS,
    ),
    _flag(TWO, "ectopic", "Ectopic pregnancy possible."),
    _flag(TWO, "torsion", "Torsion possible.", ages=years(0, 50)),
    _flag(
        *(TWO, "flank-pain", "Severe flank pain."),
        rule="severe-flank-pain",
        signs=signs.severe_pain,
    ),
    _flag(TWO, "urinary-infection rigors", "Urinary infection with rigors."),
    _flag(TWO, "urinary-infection back-pain", "Urinary infection with back pain."),
    _flag(TWO, "ketoacidosis", "Ketoacidosis."),
    _flag(TWO, "hypoglycaemia", "Hypoglycaemia.", worse=ONE),
    _flag(TWO, "sickle-crisis", "Sickle cell crisis."),
    _flag(
        *(TWO, "severe-pain", "Severe pain with cancer or sickle cell disease."),
        rule="severe-pain-systemic",
        history="cancer sickle-cell",
    ),
    _flag(
        *(TWO, "bleeding", "Bleeding with a clotting disorder."),
        rule="clotting-disorder",
        history="haemophilia",
    ),
    _flag(
        *(TWO, "head-injury", "Head injury with a clotting disorder."),
        rule="clotting-disorder-head-injury",
        history="haemophilia",
    ),
    _flag(TWO, "cauda-equina", "Cauda equina syndrome possible."),
    _flag(TWO, "limb-ischaemia", "A limb without blood, or under pressure."),
)

HARM: tuple[RedFlag, ...] = (
    _flag(TWO, "overdose", "Overdose or poisoning.", worse=ONE),
    _flag(TWO, "ingested-battery", "A battery or magnet swallowed."),
    _flag(TWO, "head-injury syncope", "Head injury with loss of consciousness."),
    _flag(TWO, "head-injury vomiting", "Head injury with vomiting."),
    _flag(THREE, "head-injury", "Head injury in the elderly.", ages=FROM_65),
    _flag(TWO, "major-mechanism", "A high-energy injury.", worse=ONE),
    _flag(TWO, "amputation", "Amputation."),
    _flag(TWO, "chemical-eye", "A chemical in the eye."),
    _flag(TWO, "drowning-or-current", "Drowning, current, hanging or smoke."),
    _flag(TWO, "snakebite", "Snakebite."),
    _flag(TWO, "suicidal", "Danger to oneself."),
    _flag(TWO, "psychosis-or-violence", "Danger to others, or psychosis."),
    _flag(TWO, "sexual-assault", "Sexual assault."),
    _flag(TWO, "needle-exposure", "Needle or body fluid exposure."),
)

FLAGS: tuple[RedFlag, ...] = (*THREATS, *MEDICAL, *HARM)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for every flag that the complaints raise."""
    for flag in FLAGS:
        fired = flag.fired(readings)
        if fired:
            yield fired
