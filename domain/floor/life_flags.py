"""Red flags of the airway, of breathing, of circulation, and of allergy."""

from domain.floor.ages import days
from domain.floor.flag import IMMEDIATE, ONE, THREE, TWO, RedFlag, flag

ALLERGY = "WAO anaphylaxis guidance 2020; ESI handbook v5 (ENA 2023), ch. 4"
TODDLER = days(0, 730)
NOW = "Without an intervention at once the patient may die: ESI 1."
THREATENED = "The airway or the breathing may fail at any moment: ESI 2, high risk."

FLAGS: tuple[RedFlag, ...] = (
    flag(ONE, "arrest", "Cardiac or respiratory arrest.", NOW),
    flag(ONE, "unresponsive", "The patient does not respond.", NOW),
    flag(ONE, "active-seizure", "A seizure that is still going on.", NOW),
    flag(ONE, "airway-obstruction", "The airway is obstructed.", NOW),
    flag(ONE, "anaphylaxis", "Anaphylaxis.", NOW, citation=ALLERGY),
    flag(ONE, "flaccid", "A floppy infant.", NOW, ages=TODDLER),
    flag(
        *(ONE, "allergic-reaction dyspnoea|stridor|respiratory-distress"),
        "Allergic reaction with breathlessness or stridor.",
        "An allergic reaction that reaches the airway is anaphylaxis.",
        citation=ALLERGY,
    ),
    flag(
        *(ONE, "aspiration stridor|respiratory-distress"),
        "An object in the airway with stridor or distress.",
        "A partial obstruction can become complete with the next cough.",
    ),
    flag(
        *(
            ONE,
            "heat-illness|very-high-temperature altered-state|syncope|active-seizure",
        ),
        "Heat stroke: great heat with an altered state.",
        "Brain and organs fail within minutes unless the patient is cooled.",
        citation="Wilderness Medical Society heat illness guideline 2019; " + IMMEDIATE,
    ),
    flag(
        *(TWO, "aspiration", "An object may be in the airway.", THREATENED),
        worse=ONE,
    ),
    flag(
        *(TWO, "airway-hazard dyspnoea|stridor|respiratory-distress"),
        "Breathless after nuts or a small object.",
        "Either it is in the airway, or it is an allergy: both may close it.",
        worse=ONE,
    ),
    flag(TWO, "stridor", "Stridor.", THREATENED, worse=ONE),
    flag(TWO, "secretions", "The airway is threatened.", THREATENED, worse=ONE),
    flag(TWO, "respiratory-distress", "Respiratory distress.", THREATENED),
    flag(
        *(TWO, "hypoperfusion", "Signs of hypoperfusion."),
        "Shock kills before the pressure falls: ESI 2, high risk.",
    ),
    flag(
        *(TWO, "drowning-or-current", "Drowning, current, hanging or smoke."),
        "Lungs, heart or airway may fail hours later.",
        worse=ONE,
    ),
    flag(
        *(TWO, "heat-illness", "Heat illness."),
        "Exhaustion turns into heat stroke; it needs a temperature and cooling.",
    ),
    flag(
        *(THREE, "allergic-reaction", "Allergic reaction or facial swelling."),
        "Hives alone are not high risk, swelling may reach the airway.",
        citation=ALLERGY,
        worse=ONE,
    ),
    flag(
        *(THREE, "swallowed-object", "A swallowed or stuck object."),
        "It needs imaging and often endoscopy; food stuck in the gullet can perforate.",
        citation="ESGE foreign body guideline 2016",
        worse=TWO,
    ),
    flag(
        *(TWO, "ingested-battery", "A battery or magnet swallowed."),
        "A button battery burns through the gullet within two hours.",
        citation="ESI handbook v5 (ENA 2023), ch. 4; NASPGHAN 2015",
    ),
)
