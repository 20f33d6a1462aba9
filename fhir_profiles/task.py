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
_REGISTERED_NURSE = coded(SNOMED, "224535009", "Registered nurse")


@dataclass(frozen=True, kw_only=True)
class Times:
    """When the Task was asked for, was changed, and has to be done."""

    authored_on: datetime
    last_modified: datetime
    period_end: datetime


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
) -> Json:
    """Return the Task of one case; `group` is the case's id, shared by its Tasks."""
    return built(
        Task,
        id=resource_id,
        groupIdentifier={"system": CASE, "value": group},
        status=status,
        intent="order",
        priority=_PRIORITIES[acuity],
        code=coded(TASK, "review-assessment", "Review a triage assessment"),
        description=description,
        focus=reference(focus),
        **{"for": reference(patient)},
        encounter=reference(encounter),
        authoredOn=instant(times.authored_on),
        lastModified=instant(times.last_modified),
        requester=reference(requester),
        performerType=[_REGISTERED_NURSE],
        owner=owner,
        restriction={"period": {"end": instant(times.period_end)}},
        input=_inputs(inputs, acuity, floor_acuity),
        output=[_parameter(code, value) for code, value in outputs],
    )


def _inputs(used: Iterable[Reference], acuity: Acuity, floor: Acuity) -> list[Json]:
    return [
        *(_parameter("resource", each) for each in used),
        _parameter("acuity", int(acuity)),
        _parameter("floor", int(floor)),
    ]


def _parameter(code: str, value: str | int | Reference) -> Json:
    kind = coded(TASK, code)
    if isinstance(value, Reference):
        return {"type": kind, "valueReference": {"reference": str(value)}}
    if isinstance(value, int):
        return {"type": kind, "valueInteger": int(value)}
    name = "valueCode" if code == "decision" else "valueString"
    return {"type": kind, name: value}
