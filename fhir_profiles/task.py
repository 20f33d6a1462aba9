"""Task: a nurse is asked to review an assessment within the time of its acuity."""

from collections.abc import Iterable, Sequence
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
    text,
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


def task(
    *,
    resource_id: str,
    status: TaskStatus,
    focus: Reference,
    patient: Reference,
    encounter: Reference | None,
    acuity: Acuity,
    floor_acuity: Acuity,
    authored_on: datetime,
    last_modified: datetime,
    period_end: datetime,
    requester: Reference,
    owner: Json | None,
    inputs: Iterable[Reference],
    outputs: Sequence[tuple[str, str | int | Reference]],
    status_reason: str | None,
    description: str,
    group: str,
) -> Json:
    """Return the Task of one case; `group` is the case's id, shared by its Tasks.

    The inputs are the exact versions used (`resource`), the acuity that counts
    (`acuity`) and the floor (`floor`). An output is a valueInteger, a valueReference,
    a valueCode for `decision`, else a valueString.
    https://hl7.org/fhir/R4/task.html
    """
    return built(
        Task,
        id=resource_id,
        groupIdentifier={"system": CASE, "value": group},
        status=status,
        statusReason=text(status_reason),
        intent="order",
        priority=_PRIORITIES[acuity],
        code=coded(TASK, "review-assessment", "Review a triage assessment"),
        description=description,
        focus=reference(focus),
        **{"for": reference(patient)},
        encounter=reference(encounter),
        authoredOn=instant(authored_on),
        lastModified=instant(last_modified),
        requester=reference(requester),
        performerType=[_REGISTERED_NURSE],
        owner=owner,
        restriction={"period": {"end": instant(period_end)}},
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
