from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from domain.values import Acuity, Fired, Floor, Reference
from fhir_profiles.risk_assessment import risk_assessment
from fhir_profiles.structure import check

PULSE = Reference(type="Observation", id="o1", version=3)
FLOOR = Floor(
    acuity=Acuity.EMERGENT,
    rules="2026.1",
    fired=(
        Fired(
            rule="news2.pulse",
            acuity=Acuity.EMERGENT,
            sentence="The pulse is 140/min.",
            citation="RCP 2017.",
            sources=(PULSE,),
        ),
    ),
    missing=("temperature", "pain"),
    doubts=("The weight could not be read.",),
)


def build(**more):
    return risk_assessment(
        **{
            "resource_id": "r1",
            "status": "preliminary",
            "patient": Reference(type="Patient", id="p1"),
            "encounter": Reference(type="Encounter", id="e1"),
            "at": datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC),
            "acuity": Acuity.RESUSCITATION,
            "floor": FLOOR,
            "device": Reference(type="Device", id="d1", version=1),
            "basis": [PULSE],
        }
        | more
    )


@pytest.mark.parametrize("status", ["preliminary", "final", "entered-in-error"])
def test_an_estimate_is_valid_in_every_status(status):
    built = build(status=status)

    assert RiskAssessment.model_validate(built)
    assert check(built) == []


def test_an_estimate_of_a_device_is_labelled_as_machine_made():
    built = build()

    assert built["meta"]["security"][0]["code"] == "AIAST"
    assert built["performer"] == {"reference": "Device/d1/_history/1"}
    assert built["method"]["coding"][0]["code"] == "machine"
    assert built["basis"] == [{"reference": "Observation/o1/_history/3"}]
    assert built["occurrenceDateTime"] == "2026-11-22T12:00:00.123Z"


def test_the_acuity_that_counts_comes_before_the_floor():
    levels = [
        prediction["qualitativeRisk"]["coding"][0]["code"]
        for prediction in build()["prediction"]
    ]

    assert levels == ["1", "2"]


def test_every_rule_and_everything_missing_or_doubtful_is_named():
    rule = "Rule news2.pulse (acuity 2): The pulse is 140/min."

    assert [note["text"] for note in build()["note"]] == [
        f"{rule} Used: Observation/o1/_history/3. Source: RCP 2017.",
        "Missing: temperature, pain.",
        "The weight could not be read.",
    ]


def test_a_quiet_floor_without_an_encounter_leaves_no_empty_elements():
    built = build(encounter=None, floor=Floor(acuity=Acuity.URGENT, rules="2026.1"))

    assert "encounter" not in built
    assert "note" not in built
    assert check(built) == []
