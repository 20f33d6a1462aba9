import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_profiles import lexical
from fhir_profiles.catalogue import CATALOGUE
from fhir_profiles.findings import LIMIT
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.release import resource_types
from fhir_profiles.structure import check, read
from tests.fhir_profiles.places import places

PATIENT = {
    "resourceType": "Patient",
    "id": "p-1",
    "meta": {
        "lastUpdated": "2024-02-29T23:59:60.123+02:00",
        "profile": ["http://a.b/c"],
    },
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml" lang="de">Frau M.</div>',
    },
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
    "identifier": [{"system": "urn:oid:2.16.756", "value": "7"}],
    "name": [
        {
            "given": ["Ada", None],
            "_given": [
                None,
                {"extension": [{"url": "http://a.b/c", "valueCode": "x"}]},
            ],
        }
    ],
    "gender": "female",
    "_birthDate": {"extension": [{"url": "http://a.b/unknown", "valueCode": "asked"}]},
    "deceasedBoolean": False,
    "managingOrganization": {"reference": "#o"},
}
OBSERVATION = {
    "resourceType": "Observation",
    "_status": {"extension": [{"url": "http://a.b/c", "valueCode": "x"}]},
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "subject": {"reference": "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"},
    "effectivePeriod": {"start": "2024-01-01", "end": "2024-01-01T10:00:00Z"},
    "valueQuantity": {"value": 72, "unit": "/min"},
    "component": [{"code": {"text": "x"}, "referenceRange": [{"text": "normal"}]}],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {"resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
        for one in (PATIENT, OBSERVATION)
    ],
}
NAMES = st.sampled_from(
    [
        "resourceType",
        "id",
        "meta",
        "contained",
        "extension",
        "url",
        "valueCode",
        "_value",
        "status",
        "code",
        "coding",
        "system",
        "subject",
        "reference",
        "name",
        "given",
        "_given",
        "entry",
        "resource",
        "request",
        "text",
        "div",
        "type",
        "item",
        "identifier",
        "assigner",
        "period",
        "start",
        "component",
        "low",
        "high",
        "value",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.builds(lambda n: lexical.Lexeme(f"{n}.5"), st.integers(0, 99))
    | st.text(max_size=5)
    | st.sampled_from(["Patient", "Bundle", "#x", "Patient/1", "2024-02-30", "\ud800"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5)
    ),
    max_leaves=12,
)


def found_in(resource):
    return {(issue.id, issue.expression) for issue in check(resource)}


@pytest.mark.parametrize("resource", [PATIENT, OBSERVATION, BUNDLE])
def test_what_r4_allows_is_accepted(resource):
    assert check(resource) == []


def test_every_resource_type_of_r4_is_known():
    unknown = [
        name
        for name in resource_types()
        if "unknown" in str(found_in({"resourceType": name, "id": "x"}))
    ]

    assert len(resource_types()) == 146
    assert unknown == []


@given(JSON)
def test_any_json_value_is_answered_and_never_crashes(value):
    assert all(issue.id in CATALOGUE for issue in check(value))


@settings(max_examples=300)
@given(st.sampled_from([PATIENT, OBSERVATION, BUNDLE]), st.data())
def test_a_mutated_resource_is_answered_and_never_crashes(resource, data):
    mutated = copy.deepcopy(resource)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(mutated)))
        container[key] = data.draw(JSON)

    assert all(issue.id in CATALOGUE for issue in check(mutated))


@given(st.sampled_from([PATIENT, OBSERVATION, BUNDLE]), st.data())
def test_a_value_replaced_by_null_is_never_accepted(resource, data):
    mutated = copy.deepcopy(resource)
    container, key = data.draw(st.sampled_from(places(mutated)))
    known_null = container[key] is None
    container[key] = None

    assert known_null or check(mutated)


def test_elements_nested_forty_deep_are_refused_and_not_followed():
    nested = {"url": "http://a.b/c", "valueCode": "x"}
    for _ in range(5000):
        nested = {"url": "http://a.b/c", "extension": [nested]}

    issues = check({"resourceType": "Patient", "extension": [nested]})

    assert [issue.id for issue in issues] == ["limit.depth"]


def test_identifiers_inside_references_inside_identifiers_end_somewhere():
    nested = {"value": "x"}
    for _ in range(5000):
        nested = {"assigner": {"identifier": nested}}

    issues = check({"resourceType": "Patient", "identifier": [nested]})

    assert [issue.id for issue in issues] == ["limit.depth"]


def test_a_hundred_issues_are_listed_and_more_are_said_to_exist():
    names = [{"use": "banana"}] * 150

    issues = check({"resourceType": "Patient", "name": names})

    assert len(issues) == LIMIT + 1
    assert issues[-1].id == "limit.more"


def test_all_issues_are_reported_at_once_with_their_entries():
    broken = copy.deepcopy(BUNDLE)
    broken["entry"][0]["resource"]["gender"] = "banana"
    broken["entry"][1]["resource"].pop("code")
    broken["entry"][1]["fullUrl"] = "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"

    issues = check(broken)

    assert [(i.entry, i.full_url, i.expression) for i in issues] == [
        (0, None, "Bundle.entry[0].resource.gender"),
        (
            1,
            "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01",
            "Bundle.entry[1].resource.code",
        ),
    ]


def test_a_full_url_that_may_name_a_patient_is_not_repeated():
    entry = {"fullUrl": "http://a.b/Patient/roe", "resource": {"resourceType": "X"}}

    [issue] = check({"resourceType": "Bundle", "type": "collection", "entry": [entry]})

    assert (issue.entry, issue.full_url) == (0, None)


def test_a_warning_beside_an_error_hides_nothing():
    period = {"start": "2024-05-02", "end": "2024-05-01"}
    name = {"text": "Roe ", "period": period}

    assert found_in({"resourceType": "Patient", "name": [name]}) == {
        ("value.padded", "Patient.name[0].text"),
        ("value.order", "Patient.name[0].period"),
    }


def test_true_is_no_text_even_where_one_was_met_before():
    coding = {"system": "http://a.b", "code": "x", "userSelected": True}
    checked = {"resourceType": "Basic", "code": {"coding": [coding]}}

    accepted, refused = (
        check(checked),
        check(
            {
                "resourceType": "Basic",
                "code": {"coding": [coding | {"userSelected": 1}]},
            }
        ),
    )

    assert accepted == []
    assert [issue.id for issue in refused] == ["value.boolean"]


def test_names_met_before_do_not_excuse_names_that_are_missing():
    def observation(**more):
        return {"resourceType": "Observation", "status": "final", **more}

    for _ in range(2):
        assert check(observation(code={"text": "x"})) == []
        assert found_in(observation()) == {("structure.required", "Observation.code")}


@pytest.mark.parametrize(
    ("reference", "issue"),
    [
        ("Patient/1", None),
        ("Patient/1/_history/2", None),
        ("http://a.b/fhir/Patient/1", None),
        ("https://a.b/documents?id=7", None),
        ("urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01", None),
        ("urn:oid:1.2.3", None),
        ("Patient?identifier=http://a.b|7", None),
        ("Organization/1", "reference.target"),
        ("Organization?identifier=7", "reference.target"),
        ("http://a.b/fhir/Medication/1", "reference.target"),
        ("Patient/" + "1" * 65, "reference.syntax"),
        ("Spaceship/1", "reference.syntax"),
        ("patient 1", "reference.syntax"),
        ("vbscript:x", "reference.syntax"),
        ("#nobody", "reference.contained"),
    ],
)
def test_a_reference_is_of_a_known_form_and_fits_its_place(reference, issue):
    resource = {**OBSERVATION, "subject": {"reference": reference}}

    assert {one for one, _ in found_in(resource)} == ({issue} if issue else set())


def test_content_is_read_with_decimals_as_written():
    body = b'{"resourceType":"Observation","status":"final","code":{"text":"t"},'
    body += b'"valueQuantity":{"value":72.50}}'

    assert lexical.serialise(read(body)) == body


def test_reading_refuses_with_every_place():
    body = json.dumps({**PATIENT, "gender": "x", "active": "true"}, indent=1).encode()

    with pytest.raises(InvalidResourceError) as refused:
        read(body)

    assert {i.expression for i in refused.value.issues} == {
        "Patient.gender",
        "Patient.active",
    }
    assert all(issue.line and issue.column for issue in refused.value.issues)


def concept(system, code):
    url = f"http://terminology.hl7.org/CodeSystem/{system}"
    return {"coding": [{"system": url, "code": code}]}


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        (
            {
                "resourceType": "Condition",
                "subject": {"reference": "Patient/1"},
                "clinicalStatus": concept("condition-clinical", "active"),
                "verificationStatus": concept(
                    "condition-ver-status", "entered-in-error"
                ),
            },
            "con-5",
        ),
        (
            {
                "resourceType": "AllergyIntolerance",
                "patient": {"reference": "Patient/1"},
            },
            "ait-1",
        ),
        (
            {
                "resourceType": "Questionnaire",
                "status": "draft",
                "item": [
                    {
                        "linkId": "1",
                        "type": "string",
                        "enableWhen": [
                            {
                                "question": "a",
                                "operator": "exists",
                                "answerBoolean": True,
                            }
                        ]
                        * 2,
                    }
                ],
            },
            "que-12",
        ),
        ({**OBSERVATION, "valueQuantity": {"value": 1, "code": "/min"}}, "qty-3"),
        ({**PATIENT, "telecom": [{"value": "1"}]}, "cpt-2"),
        ({**PATIENT, "contact": [{"gender": "other"}]}, "pat-1"),
        ({**PATIENT, "photo": [{"data": "AA=="}]}, "att-1"),
        ({**OBSERVATION, "referenceRange": [{"appliesTo": [{"text": "x"}]}]}, "obs-3"),
    ],
)
def test_an_invariant_is_named_as_the_specification_names_it(resource, rule):
    [issue] = check(resource)

    assert (issue.code, f"({rule}" in issue.diagnostics) == ("invariant", True)
