"""Red flags of injury, poison, exposure, and of a mind in crisis."""

from domain.floor.ages import years
from domain.floor.flag import ONE, THREE, TWO, RedFlag, flag

TRAUMA = "ACS field triage guideline 2021; ESI handbook v5 (ENA 2023), ch. 4"
HEAD = "NICE NG232 head injury (2023)"
POISON = "ESI handbook v5 (ENA 2023), ch. 4, overdose and poisoning"
MIND = "ESI handbook v5 (ENA 2023), ch. 4, mental health; NICE NG225 (2022)"
FROM_65 = years(65)

WATCHED = "The patient must not be alone before somebody has judged the danger."
HIDDEN = "The energy or the track of the injury hides what it hit."
HOURS = "What protects works only within hours."

FLAGS: tuple[RedFlag, ...] = (
    flag(
        *(TWO, "penetrating-trauma", "Penetrating trauma.", HIDDEN),
        citation=TRAUMA,
        worse=ONE,
    ),
    flag(
        *(TWO, "major-mechanism", "A high-energy injury.", HIDDEN),
        citation=TRAUMA,
        worse=ONE,
    ),
    flag(
        *(TWO, "casualties", "Several casualties, or a blast.", HIDDEN),
        citation=TRAUMA,
        worse=ONE,
    ),
    flag(
        *(TWO, "head-injury syncope|vomiting|altered-state|seizure|stroke"),
        "Head injury with loss of consciousness, vomiting or confusion.",
        "These are the criteria for imaging within the hour.",
        citation=HEAD,
        worse=ONE,
    ),
    flag(
        *(THREE, "head-injury", "A head injury."),
        "Nobody is safe from a bleed until examined.",
        citation=HEAD,
    ),
    flag(
        *(TWO, "overdose", "Overdose or poisoning."),
        "Absorption goes on; antidotes and decontamination have a time window.",
        citation=POISON,
        worse=ONE,
    ),
    flag(
        *(TWO, "snakebite", "Snakebite."),
        "Venom spreads; antivenom has a time window.",
        citation=POISON,
        worse=ONE,
    ),
    flag(
        *(TWO, "intoxication head-injury|fall|altered-state|syncope"),
        "Intoxicated, and injured or altered.",
        "Alcohol is not the explanation until injury and low sugar are excluded.",
        citation=HEAD,
    ),
    flag(TWO, "suicidal", "Danger to oneself.", WATCHED, citation=MIND),
    flag(
        *(TWO, "psychosis-or-violence", "Danger to others, or psychosis.", WATCHED),
        citation=MIND,
    ),
    flag(
        *(TWO, "mania", "Mania."),
        "Without sleep and insight the patient endangers life and family.",
        citation=MIND,
    ),
    flag(
        *(TWO, "sexual-assault", "Sexual assault."),
        "Prophylaxis and evidence have a time window, and a safe room is due.",
        citation="WHO clinical management of rape 2020; ESI handbook v5 ch. 4",
    ),
    flag(
        *(THREE, "abuse", "Abuse or violence at home."),
        "Nobody goes back into danger before it is judged.",
        citation=MIND,
        worse=TWO,
    ),
    flag(
        *(TWO, "needle-exposure", "Needle or body fluid exposure.", HOURS),
        citation="CDC/USPHS PEP guideline 2013; ESI handbook v5 (ENA 2023), ch. 4",
    ),
    flag(
        *(THREE, "animal-bite-rabies", "Possible exposure to rabies."),
        "Prophylaxis is certain before the first sign, and useless after it.",
        citation="WHO rabies position paper 2018",
    ),
)
