"""Visits whose data are missing or contradict each other. All patients are invented."""

from gateway.demo.measurements import (
    alertness,
    breathing,
    celsius,
    fahrenheit,
    heart_rate,
    pressure,
    saturation,
)
from gateway.demo.visit import Channel, Decision, Medicine, Person, Visit

UNCERTAIN: tuple[Visit, ...] = (
    Visit(
        key="missing-vitals",
        person=Person(given="Pavel", family="Dvorak", gender="male", years=45),
        complaint="Stomach cramps since yesterday",
        measured=(heart_rate("84"), fahrenheit("99.1")),
        takes=(Medicine("Pantoprazole 40 mg tablet", "40790", "1 tablet a day"),),
        decision=None,
    ),
    Visit(
        key="no-vitals",
        person=Person(given="Ayumi", family="Sato", gender="female", years=33),
        complaint="Itchy rash on both forearms after gardening",
        channel=Channel.OBSERVATION,
        takes=(Medicine("Levothyroxine 75 ug tablet", "10582", "in the morning"),),
        decision=Decision(
            decision="overridden",
            acuity=5,
            reason="Vital signs taken at the desk are normal; contact dermatitis "
            "on the forearms, no swelling of the face.",
        ),
    ),
    Visit(
        key="contradictory-vitals",
        person=Person(given="Kwame", family="Boateng", gender="male", years=50),
        complaint="Feels dizzy when standing up",
        measured=(
            heart_rate("64"),
            heart_rate("118"),
            breathing("16"),
            saturation("97"),
            pressure("104", "128"),
            celsius("36.6"),
            alertness(),
        ),
        takes=(Medicine("Metoprolol 50 mg tablet", "6918", "1 tablet twice a day"),),
        decision=None,
    ),
)
