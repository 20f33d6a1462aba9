"""The one table of the demonstration."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from gateway.demo import findings
from gateway.demo.reader import Reader
from gateway.demo.task import case, model_says, parameter, patient, used
from gateway.demo.watch import Watch

Resource = dict[str, Any]
_SHOWN = frozenset({"Encounter", "Observation", "Condition", "QuestionnaireResponse"})
_RULE = re.compile(r"\[([\w.-]+)\]$")
_MOST_RULES = 4
_FIXED = {"Model": 11, "Final": 5, "Nurse": 10, "Task": 10, "Seconds": 11}
_SHARES = {"Patient": 11, "Complaint": 17, "Vital signs": 15, "Floor and its rules": 22}
_COLUMNS = (*_SHARES, *_FIXED)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case as the table shows it."""

    patient: str
    complaint: str
    vitals: str
    floor: str
    model: str
    final: str
    nurse: str
    task: str
    time: str


async def row(reader: Reader, watch: Watch, task: Resource) -> Row:
    """Read what the table shows of a case; `task` as it stands now."""
    sent = [await reader.read(each) for each in used(task) if _shown(each)]
    impression = await reader.read(f"ClinicalImpression/{case(task)}")
    decided = parameter(task, "output", "decision")
    level = parameter(task, "output" if decided else "input", "acuity")
    return Row(
        patient=_name(await reader.read(patient(task))),
        complaint=findings.complaint(sent),
        vitals=findings.vitals(sent),
        floor=f"{parameter(task, 'input', 'floor')}\n{_rules(impression)}",
        model=model_says(task),
        final=str(level) if decided else f"{level}?",
        nurse=decided or "waiting",
        task=task["id"],
        time=_time(watch, task),
    )


def table(rows: Sequence[Row]) -> Table:
    """Return the rows as a table of the width that it is printed on."""
    drawn = Table(
        box=box.HORIZONTALS,
        show_lines=True,
        expand=True,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in _COLUMNS:
        drawn.add_column(
            name, ratio=_SHARES.get(name), width=_FIXED.get(name), overflow="fold"
        )
    for each in rows:
        drawn.add_row(*(Text(str(cell)) for cell in vars(each).values()))
    return drawn


def _shown(address: str) -> bool:
    return address.partition("/")[0] in _SHOWN


def _name(person: Resource) -> str:
    names = person.get("name") or [{}]
    first = names[0]
    said = [*first.get("given", []), first.get("family", "")]
    shown: str = first.get("text") or " ".join(filter(None, said))
    return shown or person["id"]


def _rules(impression: Resource) -> str:
    said = [
        each.get("itemCodeableConcept", {}).get("text", "")
        for each in impression.get("finding", [])
    ]
    fired = [found[1] for text in said if (found := _RULE.search(text))]
    more = len(fired) - _MOST_RULES
    rest = [f"and {more} more"] if more > 0 else []
    return "\n".join([*fired[:_MOST_RULES], *rest])


def _time(watch: Watch, task: Resource) -> str:
    floor, model = watch.floor_seconds(task), watch.model_seconds(task)
    first = "" if floor is None else f"floor {floor:.2f}"
    then = "" if model is None else f"model {model:.1f}"
    return "\n".join(filter(None, (first, then)))
