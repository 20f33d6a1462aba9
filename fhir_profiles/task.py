"""Task: a nurse is asked to review an assessment within the time of its acuity.

Inputs are the versions used, the acuity that counts, and the floor. Outputs are a
valueInteger, valueReference, valueCode (`decision`) or valueString.
https://hl7.org/fhir/R4/task.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from fhir.resources.R4B.task import Task

from domain.values import Acuity, Reference
from fhir_profiles.canonical import CASE, TASK
from fhir_profiles.datatypes import (
    Json,
    built,
    coded,
    instant,
    reference,
)
from fhir_profiles.elements import SNOMED

TaskStatus: TypeAlias = Literal[
    "requested",
    "accepted",
    "rejected",
    "in-progress",
    "on-hold",
    "completed",
    "cancelled",
    "failed",
    "entered-in-error",
]

_PRIORITIES = MappingProxyType(
    {
        Acuity.RESUSCITATION: "stat",
        Acuity.EMERGENT: "asap",
        Acuity.URGENT: "urgent",
        Acuity.LESS_URGENT: "routine",
        Acuity.NON_URGENT: "routine",
    }
)
_BUSINESS = MappingProxyType(
    {
        "overdue": "Overdue: no nurse has taken it in its time",
        "disagreement": "Rules and language model differ by two levels or more",
    }
)
_REGISTERED_NURSE = coded(SNOMED, "224535009", "Registered nurse")


@dataclass(frozen=True, kw_only=True)
class Times:
    """When the Task was asked for, was changed, has to be done, and is too late.

    Where nobody took it in its time, `overdue` says since when; where rules and model
    are far apart, `disagreement` says how far. `priority` is the level whose priority
    it has instead of that of its acuity.
    """

    authored_on: datetime
    last_modified: datetime
    period_end: datetime
    priority: Acuity | None = None
    overdue: str = ""
    disagreement: str = ""

    def elements(self, acuity: Acuity) -> Json:
        """Return the elements that say so of a Task of that acuity."""
        return {
            "priority": _PRIORITIES[self.priority or acuity],
            "businessStatus": self._business(),
            "authoredOn": instant(self.authored_on),
            "lastModified": instant(self.last_modified),
            "restriction": {"period": {"end": instant(self.period_end)}},
        }

    def _business(self) -> Json | None:
        said = {"overdue": self.overdue, "disagreement": self.disagreement}
        shown = {code: text for code, text in said.items() if text}
        if not shown:
            return None
        codings = [
            {"system": TASK, "code": code, "display": _BUSINESS[code]} for code in shown
        ]
        return {"coding": codings, "text": " ".join(shown.values())}


def task(
    *,
    resource_id: str,
    status: TaskStatus,
    focus: Reference,
    patient: Reference,
    encounter: Reference | None,
    acuity: Acuity,
    floor_acuity: Acuity,
    times: Times,
    requester: Reference,
    owner: Json | None,
    inputs: Iterable[Reference],
    outputs: Sequence[tuple[str, str | int | Reference]],
    description: str,
    group: str,
    model_acuity: Acuity | None = None,
    recalled: str = "",
) -> Json:
    """Return the Task of a case (id `group`); `recalled` says what was, "" nothing."""
    return built(
        Task,
        id=resource_id,
        groupIdentifier={"system": CASE, "value": group},
        status=status,
        intent="order",
        code=coded(TASK, "review-assessment", "Review a triage assessment"),
        reasonCode=_reason(recalled),
        description=description,
        focus=reference(focus),
        **{"for": reference(patient)},
        encounter=reference(encounter),
        **times.elements(acuity),
        requester=reference(requester),
        performerType=[_REGISTERED_NURSE],
        owner=owner,
        input=_inputs(inputs, acuity, floor_acuity, model_acuity),
        output=[_parameter(code, value) for code, value in outputs],
    )


def _reason(recalled: str) -> Json | None:
    if not recalled:
        return None
    display = "Something that the assessment used was recalled"
    return {**coded(TASK, "recalled", display), "text": recalled}


def _inputs(
    used: Iterable[Reference], acuity: Acuity, floor: Acuity, model: Acuity | None
) -> list[Json]:
    said = [] if model is None else [_parameter("model", int(model))]
    return [
        *(_parameter("resource", each) for each in used),
        _parameter("acuity", int(acuity)),
        _parameter("floor", int(floor)),
        *said,
    ]


def _parameter(code: str, value: str | int | Reference) -> Json:
    kind = coded(TASK, code)
    if isinstance(value, Reference):
        return {"type": kind, "valueReference": {"reference": str(value)}}
    if isinstance(value, int):
        return {"type": kind, "valueInteger": int(value)}
    name = "valueCode" if code == "decision" else "valueString"
    return {"type": kind, name: value}
