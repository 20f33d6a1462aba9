"""Who told a complaint, since when, and where its words come from."""

from datetime import UTC, datetime

import pytest

from domain.particulars import Author, Onset
from domain.values import Reference
from fhir_profiles.complaint import as_reason, complaints, reasons, states_reason
from fhir_profiles.telling import onset

SOURCE = Reference(type="Condition", id="1", version=1)
LOINC = "http://loinc.org"


def utc(day, hour=0, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def condition(**more):
    return {
        "resourceType": "Condition",
        "category": [{"coding": [_coding("encounter-diagnosis")]}],
        "code": {"text": "chest pain"},
        **more,
    }


def _coding(code):
    system = "http://terminology.hl7.org/CodeSystem/condition-category"
    return {"system": system, "code": code}


def verified(code):
    return {"verificationStatus": {"coding": [{"code": code}]}}


def request(**more):
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "reasonCode": [{"text": "fell from a ladder"}],
        **more,
    }


def only(resource, **more):
    (complaint,) = complaints(resource, SOURCE, **more)
    return complaint


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"asserter": {"reference": "Patient/1"}}, Author.PATIENT),
        ({"asserter": {"reference": "RelatedPerson/1/_history/2"}}, Author.CARER),
        ({"recorder": {"reference": "PractitionerRole/1"}}, Author.CLINICIAN),
        (
            {
                "asserter": {"reference": "Patient/1"},
                "recorder": {"reference": "Practitioner/1"},
            },
            Author.PATIENT,
        ),
        ({"asserter": {"type": "RelatedPerson", "display": "mother"}}, Author.CARER),
        (
            {
                "asserter": {"reference": "#m"},
                "contained": [{"resourceType": "RelatedPerson", "id": "m"}],
            },
            Author.CARER,
        ),
        ({"asserter": {"reference": "#nobody"}}, Author.UNKNOWN),
        ({"asserter": {"reference": "urn:uuid:1"}}, Author.UNKNOWN),
        ({}, Author.UNKNOWN),
    ],
)
def test_a_complaint_says_whose_words_it_is_in(more, expected):
    assert only(condition(**more)).author is expected


def test_the_performer_of_an_observation_is_the_author_of_its_complaint():
    told = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "8661-1"}]},
        "valueString": "my chest hurts",
        "performer": [{"reference": "Patient/1"}],
    }

    assert only(told).author is Author.PATIENT


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"onsetDateTime": "2026-11-22T09:30:00Z"},
            Onset(earliest=utc(22, 9, 30), latest=utc(22, 9, 30)),
        ),
        (
            {"onsetDateTime": "2026-11-22"},
            Onset(earliest=utc(21, 10), latest=utc(23, 12)),
        ),
        (
            {
                "onsetPeriod": {
                    "start": "2026-11-22T08:00:00Z",
                    "end": "2026-11-22T09:00:00Z",
                }
            },
            Onset(earliest=utc(22, 8), latest=utc(22, 9)),
        ),
        (
            {"onsetPeriod": {"start": "2026-11-22T08:00:00Z"}},
            Onset(earliest=utc(22, 8)),
        ),
        ({"onsetString": "since\x00 breakfast"}, Onset(words="since breakfast")),
        (
            {"onsetAge": {"value": 12, "unit": "years"}},
            Onset(words="at the age of 12 years"),
        ),
        ({"onsetDateTime": "soon"}, None),
        ({}, None),
    ],
)
def test_an_onset_is_an_interval_or_the_words_that_tell_it(more, expected):
    assert onset(condition(**more)) == expected


@pytest.mark.parametrize(
    ("resource", "stated"),
    [
        (condition(category=[], **verified("provisional")), True),
        (condition(category=[], **verified("confirmed")), False),
        (condition(category=[]), False),
        (condition(**verified("refuted")), False),
        (request(), True),
        (request(status="completed"), True),
        (request(status="revoked"), False),
        (request(status="entered-in-error"), False),
        (request(intent="proposal"), False),
        ({"resourceType": "FamilyMemberHistory", "code": {"text": "stroke"}}, False),
    ],
)
def test_what_states_a_complaint(resource, stated):
    assert bool(complaints(resource, SOURCE)) is stated


def encounter(**more):
    return {"resourceType": "Encounter", "status": "in-progress", **more}


def test_a_contained_reason_is_read_where_it_is():
    sent = encounter(
        reasonReference=[{"reference": "#c"}],
        contained=[
            {"resourceType": "Condition", "id": "c", "code": {"text": "stroke"}},
            {"resourceType": "Condition", "id": "d", "code": {"text": "gout"}},
        ],
    )

    assert [each.text for each in complaints(sent, SOURCE)] == ["stroke"]


def test_a_diagnosis_in_the_role_of_a_chief_complaint_is_a_reason():
    role = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
    named = [
        {
            "condition": {"reference": f"Condition/{code}"},
            "use": {"coding": [{"system": role, "code": code}]},
        }
        for code in ("CC", "DD")
    ]

    assert reasons(encounter(diagnosis=named)) == [{"reference": "Condition/CC"}]
    assert reasons(encounter(status="cancelled", diagnosis=named)) == []


@pytest.mark.parametrize(
    ("resource", "shows"),
    [
        (encounter(reasonReference=[{"reference": "Condition/1"}]), True),
        (encounter(reasonCode=[{"text": "cough"}]), True),
        (encounter(), False),
        (request(), False),
    ],
)
def test_an_encounter_that_only_refers_to_its_reason_has_one(resource, shows):
    assert states_reason(resource, SOURCE, frozenset()) is shows


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (condition(category=[]), ["chest pain"]),
        (condition(**verified("refuted")), []),
        (
            {
                "resourceType": "Observation",
                "code": {"text": "temperature"},
                "valueString": "very hot",
            },
            ["very hot"],
        ),
        (
            {"resourceType": "Observation", "code": {"text": "fever"}},
            ["fever"],
        ),
        (
            {
                "resourceType": "Observation",
                "status": "cancelled",
                "code": {"text": "fever"},
            },
            [],
        ),
        ({"resourceType": "Procedure", "code": {"text": "wound care"}}, ["wound care"]),
    ],
)
def test_what_an_encounter_names_as_its_reason_is_one_in_any_category(
    resource, expected
):
    assert [each.text for each in as_reason(resource, SOURCE)] == expected


FORM = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/triage",
    "version": "2",
    "item": [
        {"linkId": "1", "code": [{"system": LOINC, "code": "8661-1"}]},
        {"linkId": "2", "code": [{"system": "urn:site", "code": "since"}]},
    ],
}


def answered(canonical):
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": canonical,
        "source": {"reference": "RelatedPerson/1"},
        "item": [
            {"linkId": "1", "answer": [{"valueString": "he cannot breathe"}]},
            {"linkId": "2", "answer": [{"valueString": "since noon"}]},
        ],
    }


@pytest.mark.parametrize(
    ("canonical", "questions", "expected"),
    [
        ("https://example.org/triage", (), ["he cannot breathe"]),
        ("https://example.org/triage|2", (), ["he cannot breathe"]),
        ("https://example.org/triage|1", (), []),
        ("https://example.org/other", (), []),
        ("", (), []),
        (
            "https://example.org/triage",
            ("urn:site|since",),
            ["he cannot breathe", "since noon"],
        ),
    ],
)
def test_an_answer_is_understood_through_the_stored_questionnaire(
    canonical, questions, expected
):
    found = complaints(
        answered(canonical), SOURCE, questions=frozenset(questions), forms=[FORM]
    )

    assert [each.text for each in found] == expected
    assert {each.author for each in found} <= {Author.CARER}
