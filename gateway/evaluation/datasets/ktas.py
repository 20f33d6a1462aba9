"""The KTAS visits of Moon et al., PLOS ONE 2019 (doi 10.1371/journal.pone.0216972).

The copy in use folds the expert's level to emergency (1-3) or not (4-5), and has lost
the pain score and the oxygen saturation.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.evaluation.cases import DataSet, Input, LabelledCase
from gateway.evaluation.datasets import resources
from gateway.evaluation.datasets.resources import Resource
from gateway.evaluation.datasets.tables import Row, cases, rows
from inference.metrics import Truth

FILE = "triage.csv"
MARK = "KTAS_expert"

_AT = datetime(2016, 12, 31, 12, tzinfo=UTC)
"""The visits have no date. On the last day of a year, whoever was born in the year that
is `age` years back has exactly that age, so that the year alone says it."""

_VITALS = (
    ("Heart Rate", "8867-4", "/min"),
    ("Respiratory Rate", "9279-1", "/min"),
    ("Body Temperature", "8310-5", "Cel"),
)
_COLUMNS = (
    *("", "Sex", "Age", "Chief_complain", "Mental", "Systolic BP", "Diastolic BP"),
    *("KTAS_expert", "Disposition", "Arrival mode", "Injury"),
)
_LABELS = {"Emergency": Truth(1, 3), "Non-Emergency": Truth(4, 5)}
_GENDERS = {"Male": "male", "Female": "female"}
_AVPU = {
    "Alert": "Alert",
    "Verbal Response": "Responds to voice",
    "Pain Response": "Responds to pain",
    "Unresponsive": "Unresponsive",
}
_ADMITTED = {"Admission to ward", "Admission to ICU", "Surgery"}
_CAVEATS = (
    (
        "KTAS (Moon 2019): two emergency departments in Korea, adults; the label says "
        "only emergency (level 1-3) or not (4-5): no agreement level by level."
    ),
    (
        "This copy has no pain score, no oxygen saturation and no history; whether "
        "there was pain or an injury is known, but no resource of triage carries it."
    ),
    "Values that were lost with their Korean text ('??') are taken as not sent.",
    "In the whole set nurses agreed with the experts in 85.3 % of visits.",
)


def load(folder: Path) -> DataSet:
    """Return the visits of a folder that holds triage.csv.

    Raises:
        CasesError: the table is missing or lacks a column.

    """
    measured = (name for name, _, _ in _VITALS)
    table = rows(folder / FILE, (*_COLUMNS, *measured))
    return DataSet(
        name="KTAS (Moon 2019)", cases=cases(table, "", _case), caveats=_CAVEATS
    )


def _case(sent: Row) -> LabelledCase:
    row = {name: "" if not value.strip("? ") else value for name, value in sent.items()}
    return LabelledCase(
        id=row[""],
        input=Input(bundle=resources.bundle(_resources(row)), at=_AT),
        truth=_LABELS.get(row["KTAS_expert"]),
        outcomes={
            "admitted": row["Disposition"] in _ADMITTED,
            "icu": row["Disposition"] == "Admission to ICU",
            "died": row["Disposition"] == "Death",
        },
        groups={
            "arrival": row["Arrival mode"].casefold(),
            "injury": row["Injury"].casefold(),
        },
        provenance="Moon 2019, level by three raters",
    )


def _resources(row: Row) -> Iterator[Resource]:
    born = str(_AT.year - int(row["Age"]))
    yield resources.patient(gender=_GENDERS.get(row["Sex"], "unknown"), born=born)
    yield resources.encounter(_AT, reason=row["Chief_complain"])
    for name, code, unit in _VITALS:
        if row[name]:
            yield resources.quantity(code, row[name], unit, _AT)
    if row["Systolic BP"] or row["Diastolic BP"]:
        yield resources.pressure(row["Systolic BP"], row["Diastolic BP"], _AT)
    if row["Mental"] in _AVPU:
        yield resources.answer("67775-7", _AVPU[row["Mental"]], _AT)
