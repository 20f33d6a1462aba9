from datetime import UTC, datetime

import pytest

from domain.particulars import Criticality
from domain.values import Reference
from fhir_profiles.history import (
    allergies,
    conditions,
    flags,
    history,
    unvaccinated,
)
from fhir_profiles.medication import medications

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Reference(type="Condition", id="1", version=1)
WARFARIN = {"medicationCodeableConcept": {"text": "warfarin 5 mg"}}


def state(code):
    return {"coding": [{"code": code}]}


def statement(status, **more):
    return {"resourceType": "MedicationStatement", "status": status} | WARFARIN | more


def request(status, **more):
    return (
        {"resourceType": "MedicationRequest", "status": status, "intent": "order"}
        | WARFARIN
        | more
    )


def texts(findings):
    return [finding.text for finding in findings]


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, True),
        ({"clinicalStatus": state("active")}, True),
        ({"clinicalStatus": state("remission")}, True),
        ({"clinicalStatus": state("resolved")}, False),
        ({"verificationStatus": state("refuted")}, False),
        ({"verificationStatus": state("entered-in-error")}, False),
        ({"resourceType": "Procedure"}, False),
        ({"code": {}}, False),
    ],
)
def test_a_condition_counts_until_it_is_over_or_untrue(more, kept):
    condition = {"resourceType": "Condition", "code": {"text": "asthma"}} | more

    assert texts(conditions(condition, SOURCE)) == (["asthma"] if kept else [])


@pytest.mark.parametrize(
    ("medication", "kept"),
    [
        (statement("active"), True),
        (statement("on-hold"), True),
        (statement("not-taken"), False),
        (statement("stopped"), False),
        (statement("entered-in-error"), False),
        (statement("completed"), True),
        (statement("completed", effectivePeriod={"end": "2026-10-01"}), True),
        (statement("completed", effectivePeriod={"end": "2026-06-01"}), False),
        (statement("active", effectivePeriod={"start": "1990"}), True),
        (request("active"), True),
        (request("completed", authoredOn="2026-11-01"), True),
        (request("completed", authoredOn="2019-11-01"), False),
        (request("cancelled"), False),
        (request("draft"), False),
        (request("active", intent="proposal"), False),
        (request("active", doNotPerform=True), False),
        (request("active", resourceType="Task"), False),
    ],
)
def test_a_medication_counts_while_it_may_act(medication, kept):
    found = medications(medication, SOURCE, at=NOW)

    assert texts(found) == (["warfarin 5 mg"] if kept else [])


def test_a_contained_medication_is_named_by_its_code_and_else_by_the_display():
    medication = {"medicationReference": {"reference": "#m", "display": "a tablet"}}
    contained = [
        {"resourceType": "Medication", "id": "m", "code": {"text": "apixaban"}}
    ]
    bare = {"resourceType": "MedicationStatement", "status": "active"} | medication

    assert texts(medications(bare | {"contained": contained}, SOURCE, at=NOW)) == [
        "apixaban"
    ]
    assert texts(medications(bare, SOURCE, at=NOW)) == ["a tablet"]


def test_a_contained_medication_without_a_code_falls_back_to_the_display():
    medication = {"medicationReference": {"reference": "#m", "display": "a tablet"}}
    bare = {"resourceType": "MedicationStatement", "status": "active"} | medication
    contained = [{"resourceType": "Medication", "id": "m"}]

    assert texts(medications(bare | {"contained": contained}, SOURCE, at=NOW)) == [
        "a tablet"
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"code": {"text": "penicillin"}}, ["penicillin"]),
        ({"reaction": [{"substance": {"text": "latex"}}]}, ["latex"]),
        ({"code": {"text": "x"}, "clinicalStatus": state("inactive")}, []),
        ({"code": {"text": "x"}, "verificationStatus": state("refuted")}, []),
        ({}, []),
    ],
)
def test_an_allergy_counts_while_it_holds(more, expected):
    allergy = {"resourceType": "AllergyIntolerance"} | more

    assert texts(allergies(allergy, SOURCE)) == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"clinicalStatus": state("resolved")}, ["asthma"]),
        ({"clinicalStatus": state("inactive")}, ["asthma"]),
        ({"abatementString": "as a child"}, ["asthma"]),
        ({"clinicalStatus": state("active")}, []),
        (
            {
                "clinicalStatus": state("resolved"),
                "verificationStatus": state("refuted"),
            },
            [],
        ),
        ({"resourceType": "Procedure", "status": "completed"}, ["asthma"]),
        ({"resourceType": "Procedure", "status": "not-done"}, []),
        ({"resourceType": "Procedure", "status": "preparation"}, []),
        ({"resourceType": "FamilyMemberHistory"}, []),
    ],
)
def test_what_is_over_or_was_done_is_history_and_no_condition(resource, expected):
    sent = {"resourceType": "Condition", "code": {"text": "asthma"}} | resource

    assert texts(history(sent, SOURCE)) == expected
    assert not (expected and conditions(sent, SOURCE))


@pytest.mark.parametrize(
    ("status", "confirmed"),
    [("provisional", False), ("unconfirmed", False), ("confirmed", True)],
)
def test_a_suspected_condition_counts_and_says_that_it_is_suspected(status, confirmed):
    (found,) = conditions(
        {
            "resourceType": "Condition",
            "code": {"text": "asthma"},
            "verificationStatus": state(status),
        },
        SOURCE,
    )

    assert found.confirmed is confirmed


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Criticality.UNKNOWN),
        ({"criticality": "low"}, Criticality.LOW),
        ({"criticality": "high"}, Criticality.HIGH),
        ({"criticality": "unable-to-assess"}, Criticality.UNKNOWN),
        (
            {"criticality": "low", "reaction": [{"severity": "severe"}]},
            Criticality.HIGH,
        ),
    ],
)
def test_a_severe_reaction_makes_an_allergy_highly_critical(more, expected):
    (found,) = allergies(
        {"resourceType": "AllergyIntolerance", "code": {"text": "nuts"}} | more, SOURCE
    )

    assert found.criticality is expected


def test_an_allergy_tells_its_category_and_what_it_did():
    (found,) = allergies(
        {
            "resourceType": "AllergyIntolerance",
            "category": ["food"],
            "code": {"text": "nuts"},
            "reaction": [
                {"manifestation": [{"text": "wheeze"}], "description": "at a party"},
                {"manifestation": [{"text": "wheeze"}]},
            ],
        },
        SOURCE,
    )

    assert (found.categories, found.reactions) == (("food",), ("wheeze", "at a party"))


FLAG = {
    "resourceType": "Flag",
    "status": "active",
    "code": {"text": "Immunosuppressed"},
}


def flagged(code, system="http://terminology.hl7.org/CodeSystem/flag-category"):
    return {"category": [{"coding": [{"system": system, "code": code}]}]}


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, True),
        (flagged("clinical"), True),
        (flagged("safety"), True),
        (flagged("admin", "urn:of-the-site"), True),
        (flagged("admin"), False),
        (flagged("advance-directive"), False),
        ({"status": "inactive"}, False),
        ({"status": "entered-in-error"}, False),
        ({"period": {"end": "2026-11-21"}}, False),
        ({"period": {"end": "2026-11-22"}}, True),
        ({"period": {"start": "2020"}}, True),
        ({"resourceType": "FamilyMemberHistory"}, False),
        ({"code": {}}, False),
    ],
)
def test_a_flag_counts_while_it_is_active_and_no_matter_of_the_office(more, kept):
    found = flags(FLAG | more, SOURCE, at=NOW)

    assert texts(found) == (["Immunosuppressed"] if kept else [])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ["Unvaccinated: no MMR"]),
        ({"vaccineCode": {}}, ["Unvaccinated: no vaccine"]),
        ({"statusReason": state("OSTOCK")}, ["Unvaccinated: no MMR"]),
        (
            {
                "statusReason": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                            "code": "IMMUNE",
                        }
                    ]
                }
            },
            [],
        ),
        ({"status": "completed"}, []),
        ({"resourceType": "Procedure"}, []),
    ],
)
def test_only_a_vaccine_that_was_not_given_is_told(more, expected):
    missed = {
        "resourceType": "Immunization",
        "status": "not-done",
        "vaccineCode": {"text": "MMR"},
    }

    assert texts(unvaccinated(missed | more, SOURCE)) == expected
