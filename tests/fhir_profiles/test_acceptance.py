"""Nothing is accepted at first sight about which the full check finds something."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_profiles.findings import Walk
from fhir_profiles.lexical import Lexeme
from fhir_profiles.schema import Schema, schema
from fhir_profiles.tables import load
from tests.fhir_profiles.places import places

CODING = {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Puls</p></div>'
PATIENT = {
    "resourceType": "Patient",
    "id": "p-1",
    "meta": {"lastUpdated": "2024-02-28T23:59:60.123+02:00"},
    "text": {"status": "generated", "div": DIV},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Zürich"}],
    "extension": [{"url": "http://a.b/c", "valueCode": "x"}],
    "identifier": [{"system": "urn:oid:2.16.756", "value": "7"}],
    "name": [{"family": "Ünal", "given": ["Ada"], "period": {"start": "2024"}}],
    "gender": "female",
    "birthDate": "1980-05-17",
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "maritalStatus": {"coding": [CODING], "text": "Heart rate"},
    "photo": [{"contentType": "image/png", "data": "AA==", "url": "http://a.b"}],
    "managingOrganization": {"reference": "#o"},
}
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "category": [{"coding": [CODING]}],
    "code": {"coding": [CODING], "text": "Heart rate"},
    "subject": {"reference": "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"},
    "encounter": {"reference": "Encounter/1", "display": "Visit"},
    "effectivePeriod": {"start": "2024-01-01", "end": "2024-01-01T10:00:00Z"},
    "issued": "2024-01-01T10:00:00.5Z",
    "valueQuantity": {"value": Lexeme("72.0"), "unit": "/min"},
    "component": [{"code": {"text": "x"}, "valueInteger": 0}],
}
QUESTIONNAIRE = {
    "resourceType": "Questionnaire",
    "url": "http://a.b/q",
    "status": "draft",
    "item": [
        {"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "time"}]}
    ],
}
CONDITION = {
    "resourceType": "Condition",
    "clinicalStatus": {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                "code": "active",
            }
        ]
    },
    "subject": {"reference": "https://ehr.example/fhir/Patient/1/_history/2"},
}
RESOURCES = [PATIENT, OBSERVATION, QUESTIONNAIRE, CONDITION]
ODD = st.sampled_from(
    [
        None, True, 0, 1, -1, 2**70, "", " ", "x", " x", "ä", "\x00", "a\u00a0", "#o",
        "#x", [], {}, [None], [[]], {"a": 1}, ["x"], Lexeme("1.0"), "2024-02-29",
        "2023-02-29", "2024-02-30", "urn:oid:1.2", "urn:uuid:x", "javascript:a",
        "Patient/1", "Patient", "http://hl7.org/fhir/ValueSet/x", "\ud800", "a b",
        "<div/>", "AA=", "Heart rate", [CODING], {"reference": "#o"}, "female",
    ]
)  # fmt: skip


def without_first_sight():
    """The full check, to compare with."""
    full = Schema(load())
    full.containment._accepts = lambda _value: False
    full.acceptance.accepts_entry = lambda _value: False
    return full.containment


FULL = without_first_sight()


def accepted(resource):
    return schema().acceptance.accepts(resource)


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_is_right_is_accepted_at_first_sight_again_and_again(resource):
    assert [accepted(copy.deepcopy(resource)) for _ in range(3)] == [True] * 3


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(RESOURCES), st.data())
def test_nothing_is_accepted_about_which_the_full_check_finds_something(resource, data):
    mutated = copy.deepcopy(resource)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(mutated)))
        container[key] = copy.deepcopy(data.draw(ODD))
        if isinstance(container, dict) and data.draw(st.booleans()):
            container[data.draw(st.sampled_from(["x", "_id", "id", "url"]))] = "x"

    if accepted(mutated):
        assert not FULL.resource(mutated, Walk())


@pytest.mark.parametrize(
    "change",
    [
        {"active": 1},
        {"deceasedBoolean": 1},
        {"multipleBirthInteger": True},
        {"multipleBirthInteger": Lexeme("2.0")},
        {"managingOrganization": {"reference": "#nobody"}},
        {"managingOrganization": {"reference": "Patient/1"}},
        {"managingOrganization": {"display": "nobody refers to the ward"}},
        {"birthDate": "2023-02-29"},
        {"resourceType": ["Patient"]},
        {"resourceType": "Bundle"},
        {"meta": {}},
        {"name": ["family"]},
    ],
)
def test_a_patient_with_one_fault_is_not_accepted(change):
    assert not accepted(PATIENT | change)


def test_true_is_no_text_even_where_the_same_coding_was_met_before():
    chosen = CODING | {"userSelected": True}

    assert accepted(OBSERVATION | {"code": {"coding": [chosen]}})
    assert not accepted(
        OBSERVATION | {"code": {"coding": [CODING | {"userSelected": 1}]}}
    )


def test_extensions_nested_without_end_are_left_to_the_full_check():
    nested = {"url": "http://a.b/c", "valueCode": "x"}
    for _ in range(5000):
        nested = {"url": "http://a.b/c", "extension": [nested]}

    assert not accepted({"resourceType": "Patient", "extension": [nested]})


def test_a_patients_own_words_are_not_remembered():
    words = {"coding": [CODING], "text": "said by Mrs Roe"}

    assert accepted(OBSERVATION | {"code": words})
    assert "Roe" not in json.dumps(_remembered())


def _remembered():
    """Every text that an acceptor keeps in its closure."""
    kept = schema().acceptance._plain._element
    concept = kept("CodeableConcept", 0)
    return [
        str(cell.cell_contents)
        for cell in concept.__closure__
        if isinstance(cell.cell_contents, set)
    ]


def test_a_list_of_element_names_is_no_object():
    assert not accepted(OBSERVATION | {"code": {"coding": [list(CODING)]}})
