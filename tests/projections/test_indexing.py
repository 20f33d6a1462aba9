from gateway.projections.indexing import Term, index
from tests.patients import encounter, patient, statement, vital


def texts(resource, param):
    return {term.text for term in index(resource)[0] if term.param == param}


def test_a_coding_is_found_by_code_by_system_and_by_both():
    found = texts(vital("Patient/1"), "code")

    assert found == {
        "8867-4",
        "http://loinc.org|8867-4",
        "http://loinc.org|",
    }


def test_an_identifier_is_found_by_value_by_system_and_by_both():
    assert texts(patient("7"), "identifier") == {
        "7",
        "urn:example:mrn|7",
        "urn:example:mrn|",
    }


def test_a_code_element_is_found_with_and_without_a_bar():
    assert texts(vital("Patient/1"), "status") == {"final", "|final"}


def test_a_reference_is_found_by_id_by_type_and_by_version():
    versioned = vital("Patient/1/_history/3")

    assert texts(versioned, "patient") == {
        "1",
        "Patient/1",
        "Patient/1/_history/3",
    }


def test_a_logical_reference_is_not_indexed():
    logical = {**vital("x"), "subject": {"identifier": {"value": "7"}}}

    assert texts(logical, "patient") == set()


def test_a_boolean_and_a_text_are_tokens():
    assert Term("gender", "female") in index(patient())[0]
    assert texts(statement("Patient/1", "aspirin"), "code") == set()


def test_a_period_is_indexed_from_its_start_to_its_end():
    visit = encounter("Patient/1", period={"start": "2026-01-01", "end": "2026-01-02"})

    ((moment),) = index(visit)[1]

    assert moment.param == "date"
    assert moment.high - moment.low == 2 * 86_400_000_000 - 1


def test_a_type_without_parameters_of_its_own_is_found_by_patient_and_identifier():
    flag = {
        "resourceType": "Flag",
        "identifier": [{"system": "s", "value": "1"}],
        "subject": {"reference": "Patient/1"},
    }

    assert texts(flag, "patient") == {"1", "Patient/1"}
    assert texts(flag, "identifier") == {"1", "s|1", "s|"}
