from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.clinicalimpression import ClinicalImpression

from domain.values import Reference
from fhir_profiles.impression import clinical_impression
from fhir_profiles.structure import check

MACHINE = {
    "resource_id": "c1",
    "status": "in-progress",
    "patient": Reference(type="Patient", id="p1"),
    "encounter": Reference(type="Encounter", id="e1"),
    "at": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "summary": "Acuity 2: fast pulse.",
    "machine": True,
    "description": "Safety floor only.",
    "findings": ["Fast pulse", ""],
    "inputs": [
        Reference(type="Observation", id="o1", version=1),
        Reference(type="MedicationStatement", id="m1", version=2),
    ],
    "risk_assessment": Reference(type="RiskAssessment", id="r1"),
    "notes": ["The model did not answer."],
}


def test_a_machine_impression_is_labelled_in_progress_and_has_no_assessor():
    built = clinical_impression(**MACHINE)

    assert built["status"] == "in-progress"
    assert built["meta"]["security"][0]["code"] == "AIAST"
    assert "assessor" not in built
    assert built["prognosisReference"] == [{"reference": "RiskAssessment/r1"}]
    assert built["finding"] == [{"itemCodeableConcept": {"text": "Fast pulse"}}]
    assert check(built) == []


def test_every_input_is_named_in_its_version():
    built = clinical_impression(**MACHINE)

    assert built["investigation"][0]["item"] == [
        {"reference": "Observation/o1/_history/1"}
    ]
    assert built["supportingInfo"] == [
        {"reference": "MedicationStatement/m1/_history/2"}
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "completed", "assessor": {"reference": "Practitioner/n1"}},
        {"status": "completed", "assessor": {"display": "Nurse A"}},
        {"status": "entered-in-error", "status_reason": "The pulse was the mother's."},
        {"machine": False, "previous": Reference(type="ClinicalImpression", id="c0")},
        {"encounter": None, "inputs": (), "risk_assessment": None, "findings": ()},
        {"description": None, "notes": (), "summary": "x" * 4000},
    ],
)
def test_an_impression_is_valid_at_every_step_of_its_life(change):
    built = clinical_impression(**MACHINE | change)

    assert ClinicalImpression.model_validate(built)
    assert check(built) == []


def test_what_a_nurse_wrote_bears_no_label_of_a_machine():
    assert "meta" not in clinical_impression(**MACHINE | {"machine": False})


def test_a_withdrawn_impression_says_why():
    built = clinical_impression(**MACHINE | {"status_reason": "Wrong patient."})

    assert built["statusReason"] == {"text": "Wrong patient."}
