"""Visits that can wait, and one that is long over. Every patient is invented."""

from datetime import timedelta

from gateway.demo.measurements import (
    alertness,
    breathing,
    celsius,
    fahrenheit,
    heart_rate,
    pain,
    saturation,
    six,
)
from gateway.demo.visit import SNOMED, Channel, Code, Medicine, Person, Visit

_HYPERTENSION = Code(SNOMED, "38341003", "Hypertensive disorder")

ORDINARY: tuple[Visit, ...] = (
    Visit(
        key="ankle",
        person=Person(given="Jonas", family="Weber", gender="male", years=27),
        complaint="Twisted his ankle at football, can walk on it",
        code=Code(SNOMED, "44465007", "Sprain of ankle"),
        measured=(*six("76", "14", "99", "124/76", celsius("36.6")), pain("4")),
        takes=(Medicine("Ibuprofen 400 mg tablet", "5640", "when needed"),),
    ),
    Visit(
        key="cold",
        person=Person(given="Mei-Ling", family="Tan", gender="female", years=22),
        complaint="Runny nose and sore throat for two days. Denies fever, chest pain "
        "and shortness of breath",
        measured=six("74", "15", "99", "116/72", fahrenheit("98.4")),
        takes=(Medicine("Levonorgestrel 30 ug tablet", "6373", "1 tablet a day"),),
    ),
    Visit(
        key="prescription",
        person=Person(given="Rosa", family="Delgado", gender="female", years=54),
        complaint="Needs a repeat prescription for her blood pressure tablets",
        channel=Channel.QUESTIONNAIRE,
        measured=six("68", "14", "98", "134/82", fahrenheit("98.1")),
        takes=(
            Medicine("Amlodipine 5 mg tablet", "17767", "1 tablet in the morning"),
            Medicine("Lisinopril 10 mg tablet", "29046", "1 tablet in the morning"),
        ),
        has=(_HYPERTENSION,),
    ),
    Visit(
        key="earache-child",
        person=Person(given="Emil", family="Novotny", gender="male", years=4),
        complaint="Ear pain since last night, drinks and plays",
        measured=(
            heart_rate("112"),
            breathing("24"),
            saturation("98"),
            celsius("37.6"),
            alertness(),
            pain("3"),
        ),
        takes=(Medicine("Paracetamol 120 mg/5 mL syrup", "161", "when needed"),),
        allergic_to=(Code(SNOMED, "372687004", "Amoxicillin"),),
        decision=None,
    ),
    Visit(
        key="heartburn",
        person=Person(given="Eleanor", family="Whitcombe", gender="female", years=39),
        complaint="Heartburn after meals for a week. Denies chest pain, no shortness "
        "of breath, never fainted",
        measured=six("70", "14", "98", "122/78", celsius("36.7")),
        takes=(Medicine("Omeprazole 20 mg capsule", "7646", "1 capsule a day"),),
        decision=None,
    ),
    Visit(
        key="old-history",
        person=Person(given="Ole", family="Hansen", gender="male", years=66),
        complaint="Chest pain",
        code=Code(SNOMED, "29857009", "Chest pain"),
        measured=six("112", "24", "93", "98/60", celsius("36.9")),
        takes=(Medicine("Simvastatin 20 mg tablet", "36567", "1 tablet at night"),),
        has=(_HYPERTENSION,),
        ended=timedelta(days=410),
        decision=None,
    ),
)
