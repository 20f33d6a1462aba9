"""Red flags of bleeding."""

from domain.floor.ages import years
from domain.floor.flag import IMMEDIATE, ONE, THREE, TWO, RedFlag, flag
from domain.values import Sex

BLOOD = "ESI handbook v5 (ENA 2023), ch. 4, bleeding"
GUT = "NICE CG141 upper gastrointestinal bleeding; ESI handbook v5 (ENA 2023), ch. 4"
CLOTTING = "WFH haemophilia guideline 2020; ESI handbook v5 (ENA 2023), ch. 4"
WOMEN = "NICE NG126 ectopic pregnancy and miscarriage; ESI handbook v5 (ENA 2023)"
FERTILE = years(12, 56)

FASTER = "Blood loss goes on out of sight and can become shock."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(ONE, "major-bleeding", "Bleeding that is major or not controlled."),
        "Blood loss must be stopped at once.",
    ),
    flag(
        *(ONE, "massive-haemoptysis", "Massive coughing of blood."),
        "The patient suffocates on the blood before losing much of it.",
        citation="CHEST 2020 massive haemoptysis; " + IMMEDIATE,
    ),
    flag(TWO, "haematemesis", "Vomiting blood.", FASTER, citation=GUT, worse=ONE),
    flag(TWO, "melaena", "Gastrointestinal bleeding.", FASTER, citation=GUT, worse=ONE),
    flag(
        *(THREE, "rectal-bleeding", "Rectal bleeding.", FASTER),
        citation=BLOOD,
        worse=TWO,
    ),
    flag(
        *(TWO, "rectal-bleeding|haematuria|epistaxis syncope|dizziness|hypoperfusion"),
        "Bleeding with fainting or dizziness.",
        "The symptoms show that the blood lost is missed.",
        citation=BLOOD,
    ),
    flag(
        *(THREE, "haemoptysis", "Coughing blood."),
        "Small amounts may announce a large bleed.",
        citation=BLOOD,
        worse=TWO,
    ),
    flag(
        *(THREE, "haematuria", "Blood in the urine."),
        "It needs tests, and clots can block the bladder.",
        citation=BLOOD,
        ages=years(16),
    ),
    flag(
        *(THREE, "vaginal-bleeding", "Vaginal bleeding."),
        "It needs a pregnancy test and a blood count.",
        citation=WOMEN,
        worse=TWO,
    ),
    flag(
        *(TWO, "vaginal-bleeding abdominal-pain|back-pain|syncope|dizziness"),
        "Vaginal bleeding with pain or dizziness, pregnancy not excluded.",
        "An ectopic pregnancy is possible until a test says no.",
        citation=WOMEN,
        ages=FERTILE,
        not_for=Sex.MALE,
    ),
    flag(
        *(TWO, "heavy-vaginal-bleeding", "Heavy vaginal bleeding."),
        "A pad an hour or large clots lose blood fast.",
        citation=WOMEN,
        worse=ONE,
    ),
    flag(
        *(
            TWO,
            "bleeding-after-procedure",
            "Bleeding after tonsillectomy or of a fistula.",
        ),
        "Both bleed from an artery, and small bleeds announce large ones.",
        citation=BLOOD,
        worse=ONE,
    ),
    flag(
        *(TWO, "bleeding|epistaxis|haematuria|hot-joint|minor-limb"),
        "Bleeding, or a painful joint, with a clotting disorder.",
        "The clotting factor is given before anything else.",
        rule="clotting-disorder",
        citation=CLOTTING,
        history="haemophilia",
    ),
    flag(
        *(TWO, "head-injury", "Head injury with a clotting disorder."),
        "Bleeding inside the skull starts hours later.",
        rule="clotting-disorder-head-injury",
        citation=CLOTTING,
        history="haemophilia",
    ),
)
