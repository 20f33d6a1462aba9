"""Invented patients as lines of JSON, and small tables in the form of data sets."""

import csv
import json
from datetime import UTC, datetime

from gateway.evaluation.datasets import resources

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW_HOURS = 24


def bundle(complaint="sprained finger", *measured, born="1980-05-05", more=()):
    """Return a Bundle's bytes; `measured` are LOINC code, value and UCUM unit."""
    return resources.bundle(
        [
            resources.patient(gender="female", born=born),
            resources.encounter(AT, reason=complaint),
            *(resources.quantity(*each, AT) for each in measured),
            *more,
        ]
    )


GRAVE = ("59408-5", "80", "%")
WELL = (
    ("8867-4", "72", "/min"),
    ("9279-1", "15", "/min"),
    ("59408-5", "99", "%"),
    ("8310-5", "36.8", "Cel"),
)


def line(name, content=None, **more):
    """Return a line of a JSONL file."""
    sent = json.loads(content or bundle())
    return {"id": name, "bundle": sent, "at": AT.isoformat(), **more}


def written(path, lines):
    """Write lines of JSON and return the path."""
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def some(path):
    """Write cases with labels: two right, one too calm, one too urgent."""
    return written(
        path,
        [
            line("a", bundle("chest pain", GRAVE), label={"level": 2}),
            line("b", bundle("chest pain", GRAVE), label={"level": 2}, cluster="p"),
            line("c", bundle("sprained finger", *WELL), label={"level": 1}),
            line("d", bundle("chest pain", GRAVE), label={"level": 5}, cluster="p"),
            line("e", bundle("chest pain", GRAVE)),
        ],
    )


def table(path, rows):
    """Write rows as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


TRIAGE = {
    "subject_id": "7",
    "stay_id": "70",
    "temperature": "98.3",
    "heartrate": "128",
    "resprate": "18",
    "o2sat": "99",
    "sbp": "101",
    "dbp": "68",
    "pain": "unable",
    "acuity": "2",
    "chiefcomplaint": "Fever",
}
STAY = {
    "subject_id": "7",
    "hadm_id": "",
    "stay_id": "70",
    "intime": "2150-01-02 03:04:05",
    "outtime": "2150-01-02 09:00:00",
    "gender": "F",
    "race": "",
    "arrival_transport": "AMBULANCE",
    "disposition": "ADMITTED",
}
MEDICINE = {"subject_id": "7", "stay_id": "70", "name": "warfarin", "ndc": "00056017"}


def mimic(folder, *, triage=(TRIAGE,), stays=(STAY,), medicines=(MEDICINE,)):
    """Write a folder in the form of MIMIC-IV-ED."""
    folder.mkdir(exist_ok=True)
    table(folder / "triage.csv", triage)
    table(folder / "edstays.csv", stays)
    table(folder / "medrecon.csv", medicines)
    return folder


VISIT = {
    "": "3",
    "Group": "Local",
    "Sex": "Male",
    "Age": "71",
    "Arrival mode": "Walking",
    "Injury": "No",
    "Chief_complain": "dizziness",
    "Mental": "Verbal Response",
    "Pain": "Yes",
    "Systolic BP": "160",
    "Diastolic BP": "100",
    "Heart Rate": "84",
    "Respiratory Rate": "??",
    "Body Temperature": "36.6",
    "KTAS_Nurse": "Emergency",
    "Diagnosis in ED": "vertigo",
    "Disposition": "Admission to ICU",
    "KTAS_expert": "Emergency",
    "Error_group": "2",
    "Length of stay_min": "86",
    "Mistriage Category": "Correct",
    "status": "correct",
}


def ktas(folder, *visits):
    """Write a folder in the form of the KTAS visits."""
    folder.mkdir(exist_ok=True)
    table(folder / "triage.csv", visits or (VISIT,))
    return folder
