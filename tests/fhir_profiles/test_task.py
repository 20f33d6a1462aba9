from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.task import Task

from domain.values import Acuity, Reference
from fhir_profiles.structure import check
from fhir_profiles.task import Times, task
from fhir_profiles.task_review import task_change

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUESTED = {
    "resource_id": "t1",
    "status": "requested",
    "focus": Reference(type="ClinicalImpression", id="c1"),
    "patient": Reference(type="Patient", id="p1"),
    "encounter": Reference(type="Encounter", id="e1"),
    "acuity": Acuity.EMERGENT,
    "floor_acuity": Acuity.URGENT,
    "times": Times(
        authored_on=AT,
        last_modified=AT,
        period_end=AT + Acuity.EMERGENT.time_limit,
    ),
    "requester": Reference(type="Device", id="d1"),
    "owner": None,
    "inputs": [Reference(type="Observation", id="o1", version=2)],
    "outputs": [],
    "description": "Review the triage assessment.",
    "group": "case-1",
}


def typed(parameters):
    return [
        (parameter["type"]["coding"][0]["code"], *list(parameter)[1:])
        for parameter in parameters
    ]


@pytest.mark.parametrize(
    ("acuity", "priority"),
    [
        (Acuity.RESUSCITATION, "stat"),
        (Acuity.EMERGENT, "asap"),
        (Acuity.URGENT, "urgent"),
        (Acuity.LESS_URGENT, "routine"),
        (Acuity.NON_URGENT, "routine"),
    ],
)
def test_the_acuity_decides_the_priority(acuity, priority):
    built = task(**REQUESTED | {"acuity": acuity})

    assert built["priority"] == priority
    assert check(built) == []


def test_a_requested_task_tells_a_worklist_all_that_it_needs():
    built = task(**REQUESTED)

    assert built["intent"] == "order"
    assert built["for"] == {"reference": "Patient/p1"}
    assert built["focus"] == {"reference": "ClinicalImpression/c1"}
    assert built["restriction"] == {"period": {"end": "2026-11-22T12:10:00.000Z"}}
    assert built["groupIdentifier"]["value"] == "case-1"
    assert built["performerType"][0]["coding"][0]["code"] == "224535009"
    assert "owner" not in built
    assert "output" not in built


def test_the_inputs_are_the_exact_versions_the_acuity_and_the_floor():
    built = task(**REQUESTED)

    assert typed(built["input"]) == [
        ("resource", "valueReference"),
        ("acuity", "valueInteger"),
        ("floor", "valueInteger"),
    ]
    assert built["input"][0]["valueReference"] == {
        "reference": "Observation/o1/_history/2"
    }
    assert [built["input"][1]["valueInteger"], built["input"][2]["valueInteger"]] == [
        2,
        3,
    ]


def test_a_completed_task_is_read_back_as_the_review_it_was_built_from():
    outputs = [
        ("decision", "overridden"),
        ("acuity", Acuity.LESS_URGENT),
        ("reason", "Anxious, pulse 88 when measured again."),
        ("resource", Reference(type="ClinicalImpression", id="c2", version=1)),
    ]
    built = task(
        **REQUESTED
        | {
            "status": "completed",
            "owner": {"reference": "Practitioner/n1"},
            "outputs": outputs,
        }
    )

    change = task_change(built)

    assert change.decision == "overridden"
    assert change.acuity is Acuity.LESS_URGENT
    assert change.reason == "Anxious, pulse 88 when measured again."
    assert change.owner == "Practitioner/n1"
    assert Task.model_validate(built)
    assert check(built) == []


@pytest.mark.parametrize(
    "status",
    ["accepted", "in-progress", "rejected", "completed", "cancelled"],
)
def test_a_task_is_valid_in_every_status(status):
    built = task(**REQUESTED | {"status": status, "encounter": None, "inputs": ()})

    assert check(built) == []
