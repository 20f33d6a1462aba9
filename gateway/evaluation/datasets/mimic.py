"""MIMIC-IV-ED (Johnson, PhysioNet 2023, doi 10.13026/5ntk-km72), and its open demo.

A stay's triage row becomes Observations at the time of arrival, in the units it was
charted in (temperature in Fahrenheit); home medicines of medrecon become
MedicationStatements. Diagnosis, disposition, medicines given and later vital signs
never enter a Bundle.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.evaluation.cases import DataSet, Input, LabelledCase, LeftOut
from gateway.evaluation.datasets import resources
from gateway.evaluation.datasets.resources import Resource
from gateway.evaluation.datasets.tables import Row, cases, rows
from inference.metrics import Truth

FILES = ("triage.csv", "edstays.csv", "medrecon.csv")

_VITALS = (
    ("temperature", "8310-5", "[degF]"),
    ("heartrate", "8867-4", "/min"),
    ("resprate", "9279-1", "/min"),
    ("o2sat", "59408-5", "%"),
    ("pain", "72514-3", "{score}"),
)
_TRIAGE = ("stay_id", "subject_id", "acuity", "chiefcomplaint", "sbp", "dbp")
_STAYS = ("stay_id", "intime", "gender", "arrival_transport", "disposition")
_MEDICINES = ("stay_id", "name", "ndc")
_GENDERS = {"M": "male", "F": "female"}
_ADULT = 18
_CAVEATS = (
    (
        "MIMIC-IV-ED: one hospital (Boston), dates shifted; labels are the triage "
        "nurses' ESI levels, not an expert's."
    ),
    (
        "The tables have neither age nor level of consciousness: the age is taken as "
        "18 or more, since the data set holds adults only, so rules for the old apply."
    ),
    "Home medicines were charted during the stay, some of them after triage.",
    "Stays without an acuity are assessed, and count for outcomes only.",
)


def load(folder: Path) -> DataSet:
    """Return the stays of a folder that holds the tables as CSV.

    Raises:
        CasesError: a table is missing or lacks a column.

    """
    measured = (name for name, _, _ in _VITALS)
    triage = rows(folder / "triage.csv", (*_TRIAGE, *measured))
    stays = {row["stay_id"]: row for row in rows(folder / "edstays.csv", _STAYS)}
    medicines: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for row in rows(folder / "medrecon.csv", _MEDICINES):
        medicines[row["stay_id"]][row["name"], row["ndc"]] = None
    known = [row for row in triage if row["stay_id"] in stays]
    found = cases(
        known,
        "stay_id",
        lambda row: _case(row, stays[row["stay_id"]], list(medicines[row["stay_id"]])),
    )
    stray = tuple(
        LeftOut(id=row["stay_id"], reason="edstays.csv has no such stay")
        for row in triage
        if row["stay_id"] not in stays
    )
    return DataSet(name="MIMIC-IV-ED", cases=found, left_out=stray, caveats=_CAVEATS)


def _case(row: Row, stay: Row, medicines: list[tuple[str, str]]) -> LabelledCase:
    at = datetime.fromisoformat(stay["intime"]).replace(tzinfo=UTC)
    content = resources.bundle(_resources(row, stay, medicines, at))
    acuity = int(row["acuity"].removesuffix(".0")) if row["acuity"] else None
    return LabelledCase(
        id=row["stay_id"],
        input=Input(bundle=content, at=at, youngest_years=_ADULT),
        truth=None if acuity is None else Truth(acuity, acuity),
        outcomes={
            "admitted": stay["disposition"] == "ADMITTED",
            "died": stay["disposition"] == "EXPIRED",
        },
        cluster=row["subject_id"],
        groups={"age": "18 or more", "arrival": stay["arrival_transport"].casefold()},
        provenance="MIMIC-IV-ED, ESI by the triage nurse",
    )


def _resources(
    row: Row, stay: Row, medicines: list[tuple[str, str]], at: datetime
) -> Iterator[Resource]:
    yield resources.patient(gender=_GENDERS.get(stay["gender"], "unknown"))
    yield resources.encounter(at, reason=row["chiefcomplaint"])
    for name, code, unit in _VITALS:
        if row[name]:
            yield resources.quantity(code, row[name], unit, at)
    if row["sbp"] or row["dbp"]:
        yield resources.pressure(row["sbp"], row["dbp"], at)
    for text, ndc in medicines:
        yield resources.statement(text, ndc=ndc if ndc.strip("0") else "")
