import gzip
import json
import re
from pathlib import Path

import pytest

from fhir_profiles.compartment import encounter_of, subject_of

DEFINITIONS = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "fhir"
    / "r4-definitions"
)
URN = "urn:uuid:8c1d1b6e-8f4e-4b59-9c35-6a8f0d6f2f10"


def at(path, reference, **more):
    content = {"reference": reference} | more
    for name in reversed(path.split(".")):
        content = {name: content}
    return content


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Observation", "subject"),
        ("AllergyIntolerance", "patient"),
        ("Task", "for"),
        ("Coverage", "beneficiary"),
        ("ResearchSubject", "individual"),
        ("EnrollmentRequest", "candidate"),
        ("SupplyRequest", "deliverTo"),
        ("Appointment", "participant.actor"),
        ("AppointmentResponse", "actor"),
        ("AuditEvent", "entity.what"),
        ("AuditEvent", "agent.who"),
        ("Group", "member.entity"),
        ("Person", "link.target"),
        ("Provenance", "target"),
        ("Schedule", "actor"),
    ],
)
@pytest.mark.parametrize(
    "reference",
    [
        "Patient/1",
        "Patient/1/_history/2",
        "Patient?identifier=urn:mrn|1",
        "https://ehr.example/fhir/Patient/1",
    ],
)
def test_the_patient_of_a_resource_is_found_as_written(kind, path, reference):
    resource = {"resourceType": kind} | at(path, reference)

    assert subject_of(resource) == reference


def test_a_list_of_references_is_searched_for_the_patient():
    participants = [
        {"actor": {"reference": "Practitioner/9"}},
        {"actor": {"reference": URN}},
        {"actor": {"reference": "Patient/1"}},
    ]

    assert subject_of({"resourceType": "Appointment", "participant": participants}) == (
        "Patient/1"
    )
    assert subject_of(
        {"resourceType": "Account", "subject": [{"reference": "Patient/1"}]}
    ) == ("Patient/1")


def test_a_local_urn_counts_where_it_can_only_be_the_patient():
    assert subject_of({"resourceType": "Observation"} | at("subject", URN)) == URN
    assert subject_of(
        {"resourceType": "Observation"} | at("subject", URN, type="Patient")
    ) == (URN)
    assert (
        subject_of({"resourceType": "Observation"} | at("subject", URN, type="Group"))
        is None
    )
    assert subject_of({"resourceType": "Provenance"} | at("target", URN)) is None
    assert subject_of(
        {"resourceType": "Provenance"} | at("target", URN, type="Patient")
    ) == (URN)


@pytest.mark.parametrize(
    "reference",
    ["Group/1", "#contained", "Patient?", "Patient/", "PatientX/1", "", 7],
)
def test_what_names_no_patient_gives_none(reference):
    assert (
        subject_of({"resourceType": "Observation"} | at("subject", reference)) is None
    )


def test_a_patient_has_no_subject_and_an_encounter_no_encounter():
    assert subject_of({"resourceType": "Patient"} | at("subject", "Patient/1")) is None
    assert (
        encounter_of({"resourceType": "Encounter"} | at("encounter", "Encounter/1"))
        is None
    )


@pytest.mark.parametrize(
    ("path", "reference", "found"),
    [
        ("encounter", "Encounter/1", True),
        ("encounter", URN, True),
        ("context", "Encounter/1", True),
        ("context", "EpisodeOfCare/1", False),
        ("context.encounter", "Encounter/1", True),
        ("encounter", "Patient/1", False),
    ],
)
def test_the_encounter_of_a_resource_is_found_as_written(path, reference, found):
    resource = {"resourceType": "MedicationStatement"} | at(path, reference)

    assert encounter_of(resource) == (reference if found else None)


def definitions(name):
    file = DEFINITIONS / f"{name}.ndjson.gz"
    if not file.exists():
        pytest.skip("The R4 definitions of ../shared/data are not on this machine.")
    return map(json.loads, gzip.decompress(file.read_bytes()).splitlines())


def test_every_type_of_the_r4_patient_compartment_has_a_subject():
    members = next(
        compartment["resource"]
        for compartment in definitions("CompartmentDefinition")
        if compartment["code"] == "Patient"
    )
    wanted = {
        (member["code"], param)
        for member in members
        for param in member.get("param", [])
    }
    paths = [
        (kind, path)
        for parameter in definitions("SearchParameter")
        for kind in parameter.get("base", [])
        if (kind, parameter["code"]) in wanted
        for path in re.findall(
            rf"\b{kind}\.([A-Za-z.]+?)(?=\.where|[^A-Za-z.]|$)",
            parameter.get("expression", ""),
        )
    ]

    found = {
        kind
        for kind, path in paths
        if subject_of({"resourceType": kind} | at(path, "Patient/1"))
    }
    assert {kind for kind, _ in wanted} - found == {"Patient"}
