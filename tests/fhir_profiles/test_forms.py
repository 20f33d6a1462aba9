"""A form accepts nothing about which the full check finds something."""

import copy
import gzip
import json
import random
import re
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fhir_profiles import form_texts, forms, lexical
from fhir_profiles.bundle import read_bundle
from fhir_profiles.delivery import delivered
from fhir_profiles.extension_places import CORE
from fhir_profiles.findings import Walk
from fhir_profiles.form_places import UnwritableError
from fhir_profiles.form_writing import Writer
from fhir_profiles.lexical import Lexeme
from fhir_profiles.primitives import PRIMITIVES
from fhir_profiles.schema import Schema
from fhir_profiles.tables import load
from tests.fhir_profiles.places import places

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fhir"
URN = "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Puls</p></div>'
CODING = {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
ACTIVE = {
    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "code": "active",
}
PATIENT = {
    "resourceType": "Patient",
    "id": "p-1",
    "text": {"status": "generated", "div": DIV},
    "contained": [
        {"resourceType": "Organization", "id": "o", "name": "Zürich"},
        {"resourceType": "Practitioner", "id": "d"},
    ],
    "extension": [
        {"url": f"{CORE}patient-birthPlace", "valueAddress": {"city": "Bern"}},
        {"url": "http://a.b/c", "valueCode": "x"},
    ],
    "identifier": [{"system": "urn:oid:2.16.756", "value": "7"}],
    "name": [{"family": "Ünal", "given": ["Ada", "Bea"], "period": {"start": "2024"}}],
    "gender": "female",
    "birthDate": "1980-05-17",
    "deceasedBoolean": False,
    "photo": [{"contentType": "image/png", "data": "AA==", "url": "http://a.b"}],
    "generalPractitioner": [{"reference": "#d", "type": "Practitioner"}],
    "managingOrganization": {"reference": "#o"},
}
OBSERVATION = {
    "resourceType": "Observation",
    "meta": {"profile": [f"{CORE}heartrate"]},
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/"
                    "observation-category",
                    "code": "vital-signs",
                }
            ]
        }
    ],
    "code": {"coding": [CODING]},
    "subject": {"reference": URN, "display": "Ada"},
    "performer": [{"reference": "Patient/1", "type": "Patient"}],
    "effectivePeriod": {"start": "2024-01-01", "end": "2024-01-01T10:00:00Z"},
    "issued": "2024-01-01T10:00:00.5Z",
    "valueQuantity": {
        "value": Lexeme("72.0"),
        "unit": "/min",
        "system": "http://unitsofmeasure.org",
        "code": "/min",
    },
    "component": [
        {"code": {"text": "x"}, "valueInteger": 0},
        {"code": {"text": "y"}, "valuePeriod": {"start": "2024", "end": "2025"}},
    ],
}
CONDITION = {
    "resourceType": "Condition",
    "clinicalStatus": {"coding": [ACTIVE]},
    "subject": {"reference": "https://ehr.example/fhir/Patient/1/_history/2"},
    "recordedDate": "2024-02",
}
RESOURCES = [PATIENT, OBSERVATION, CONDITION]
ODDITIES = [
        None, True, 0, 1, -1, 2**60, "", " ", "x", " x", "ä", 'a"b', "a\\b", "a\u00a0",
        "#o", "#d", "#x", [], {}, [None], [[]], {"a": 1}, ["x"], Lexeme("1.0"),
        "2024-02-29", "2023-02-29", "2024-02-30", "2026-01-01", "urn:oid:1.2",
        "urn:uuid:x", "javascript:a", "Patient/1", "Group/1", "Organization/1",
        "http://hl7.org/fhir/ValueSet/x", "a b", "<div/>", "AA=", "Heart rate",
        [CODING], {"reference": "#o"}, {"reference": "#d"}, "female", "8867-4",
        "http://loinc.org", f"{CORE}patient-birthPlace", f"{CORE}heartrate", "resolved",
        "Practitioner", "o", "d", "vital-signs", "1e5", "2024-01-01T10:00:00+15:00",
    ]  # fmt: skip
ODD = st.sampled_from(ODDITIES)


def exact():
    """The full check of an entry, without first sight, to compare with."""
    full = Schema(load())
    full.containment._accepts = lambda _value: False
    full.acceptance.accepts_entry = lambda _value: False
    return full.shape("Bundle.entry").check


EXACT = exact()
TYPES = Schema(load()).acceptance._types


def entry(resource):
    request = {"method": "POST", "url": str(resource["resourceType"])}
    return {"fullUrl": URN, "resource": resource, "request": request}


def text(content):
    return lexical.serialise(content).decode()


def form(*resources):
    writer = Writer(TYPES)
    for each in resources:
        written = writer.form(entry(each))
    return written


def fits(written, resource):
    return written.fits(entry(resource), text(entry(resource)))


def learned(*resources):
    """A process that has met each of the resources often enough."""
    schema = Schema(load())
    for each in resources:
        for _ in range(min(forms.MET)):
            schema.forms.accepts_entry(entry(each), text(entry(each)).encode())
    return schema.forms


@pytest.mark.parametrize(
    "resource", [PATIENT, {**OBSERVATION, "performer": [{"reference": URN}]}, CONDITION]
)
def test_what_was_met_often_has_a_form_that_it_fits(resource):
    known = learned(resource)._known

    assert len(known) == 1
    assert all(fits(each, resource) for each in known.values())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(RESOURCES), st.data())
def test_nothing_fits_about_which_the_full_check_finds_something(resource, data):
    written = form(resource)
    mutated = copy.deepcopy(entry(resource))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(mutated)))
        container[key] = copy.deepcopy(data.draw(ODD))

    if written.fits(mutated, text(mutated)):
        assert not EXACT(mutated, Walk())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(form_texts.TEXTS)), st.data())
def test_a_text_that_a_pattern_matches_is_right(kind, data):
    words = data.draw(st.one_of(ODD.filter(lambda odd: isinstance(odd, str)), TEXT))

    if matching(form_texts.TEXTS[kind], words):
        assert not PRIMITIVES[kind](words, Walk())


TEXT = st.one_of(
    st.text(max_size=12),
    st.text('"\\ \u00a0\n#:/|.-TZ0123456789urnoid', max_size=24),
    st.from_regex(
        r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d)?(Z|\+\d\d:\d\d))?", fullmatch=True
    ),
    st.from_regex(
        r"(urn:(uuid|oid|x):|https?://|hl7:|URN:OID:)[!-~]{0,40}", fullmatch=True
    ),
)


def matching(pattern, words):
    try:
        written = lexical.serialise(words).decode()
    except UnicodeEncodeError:
        return False
    return re.fullmatch(f'"{pattern}', written)


@settings(max_examples=300, deadline=None)
@given(TEXT)
@example("http://hl7.org/fhir/ValueSet/x")
@example("https://a.b//hl7.org/fhir/ValueSet/x")
@example("urn:iso:std://hl7.org/fhir/ValueSet/x")
def test_a_system_that_the_pattern_matches_is_right(words):
    if matching(form_texts.SYSTEM, words):
        of_coding = {"resourceType": "Basic", "code": {"coding": [{"system": words}]}}
        assert not EXACT(entry(of_coding), Walk())


@pytest.mark.parametrize(
    "change",
    [
        {"contained": PATIENT["contained"][::-1]},
        {"contained": [{**one, "id": "o"} for one in PATIENT["contained"]]},
        {"managingOrganization": {"reference": "#d"}},
        {"managingOrganization": {"reference": "#p"}},
        {"managingOrganization": {"reference": "Organization/o"}},
        {"birthDate": "2023-02-29"},
        {"birthDate": "1980-05-17T00:00:00Z"},
        {"gender": "banana"},
        {"deceasedBoolean": "true"},
        {"id": "p" * 65},
        {"id": 'p","x":"'},
        {"text": {"status": "generated", "div": DIV.replace("<p>", "<script>")}},
        {"photo": [{**PATIENT["photo"][0], "data": "AA="}]},
        {"extension": [{"url": f"{CORE}patient-birthPlace", "valueCode": "x"}]},
        {"extension": [{"url": f"{CORE}patient-disability", "valueCode": "x"}]},
        {"generalPractitioner": [{"reference": "#d", "type": "Organization"}]},
        {"generalPractitioner": []},
    ],
)
def test_a_patient_with_one_change_does_not_fit(change):
    assert not fits(form(PATIENT), PATIENT | change)


@pytest.mark.parametrize(
    "change",
    [
        {"effectivePeriod": {"start": "2024-01-02", "end": "2024-01-01T10:00:00Z"}},
        {"valueQuantity": OBSERVATION["valueQuantity"] | {"code": "/h"}},
        {"category": [{"coding": [CODING]}]},
        {"component": [{"code": {"text": "x"}, "valueInteger": True}]},
        {"component": [{"code": {"text": "x"}, "valueInteger": 2**31}]},
        {
            "component": [
                {"code": {"text": "y"}, "valuePeriod": {"start": "2026", "end": "2025"}}
            ]
            * 2
        },
        {"subject": {"reference": "Patient/1", "display": "Ada"}},
        {"performer": [{"reference": "Patient/1", "type": "Group"}]},
    ],
)
def test_an_observation_with_one_change_does_not_fit(change):
    changed = OBSERVATION | change

    assert not fits(form(OBSERVATION), changed) or not EXACT(entry(changed), Walk())


def test_a_code_from_another_list_does_not_fit():
    other = {"coding": [ACTIVE | {"code": "final"}]}

    assert fits(form(CONDITION), CONDITION)
    assert not fits(form(CONDITION), CONDITION | {"clinicalStatus": other})


def test_other_values_and_other_numbers_of_items_fit():
    other = json.loads(text(OBSERVATION), parse_float=Lexeme)
    other["valueQuantity"]["value"] = Lexeme("61.25")
    other["component"] = [*reversed(other["component"]), *other["component"]]

    assert fits(form(OBSERVATION), other)


def test_a_form_is_widened_by_what_else_is_met():
    other = CONDITION | {
        "subject": {"reference": URN},
        "clinicalStatus": {"coding": [ACTIVE | {"display": "Active"}], "text": "A"},
    }
    mixed = other | {"clinicalStatus": CONDITION["clinicalStatus"]}

    assert not fits(form(CONDITION), mixed)
    assert fits(form(CONDITION, other), mixed)


def test_a_contained_resource_may_not_become_optional():
    writer = Writer(TYPES)
    writer.form(entry(PATIENT))
    elsewhere = PATIENT | {"managingOrganization": {"reference": "Organization/1"}}

    with pytest.raises(UnwritableError):
        writer.form(entry(elsewhere))


def test_a_form_tells_nothing_of_a_patient():
    said = "".join(
        each.matches.__self__.pattern for each in learned(*RESOURCES)._known.values()
    )

    assert '"birthDate"' in said
    own = ("Ada", "\u00dc", "Bern", "p-1", "1980", "72.0", "0d5d8f3a", '"o"')
    assert [each for each in own if each in said] == []


@pytest.mark.parametrize("resource", [{"resourceType": []}, {}, "x", None, [1]])
def test_what_has_no_names_is_left_to_the_full_check(resource):
    assert not learned().accepts_entry({"resource": resource}, b"{}")


def test_an_entry_without_form_is_still_judged_value_by_value():
    sibling = {"resourceType": "Basic", "code": {"text": "a"}, "_created": {"id": "x"}}
    deep = {"resourceType": "Basic", "code": {"text": "a"}, "created": "2024-02-29"}
    known = learned(sibling, deep, {**CONDITION, "subject": {"reference": "#"}})

    assert not known.accepts_entry(entry(deep), text(entry(deep)).encode())
    assert known._known == {}


def test_a_very_long_form_is_not_kept():
    many = {
        "resourceType": "Basic",
        "code": {"text": "a"},
        "extension": [
            {"url": f"http://a.b/{'c' * 400}{each}", "valueCode": "x"}
            for each in range(120)
        ],
    }

    assert learned(many)._known == {}
    assert learned(many).accepts_entry(entry(many), text(entry(many)).encode())


def test_a_sender_of_ever_new_forms_cannot_fill_the_memory(monkeypatch):
    monkeypatch.setattr(forms, "FORMS", 2)
    monkeypatch.setattr(forms, "_COUNTED", 3)
    changes = (
        {},
        {"gender": "male"},
        {"active": True},
        {"birthDate": "2000"},
        {"id": "a"},
    )
    known = learned(*({"resourceType": "Patient"} | each for each in changes))

    assert (len(known._known), len(known._met)) == (2, 3)


def test_a_bundle_is_read_alike_before_and_after_its_forms_are_known():
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    body = lexical.serialise(bundle | {"entry": [entry(OBSERVATION), entry(CONDITION)]})
    for number in count(1):
        got = delivered(body)
        assert [issue.id for issue in got.issues] == ["bundle.full-url-duplicate"]
        assert got.urns == {URN}
        if number > min(forms.MET):
            break

    assert read_bundle(got.resource, (), got.urns).entries


@pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="The shared FHIR data are not beside this checkout (shared/data/fhir).",
)
def test_whatever_fits_a_form_of_other_peoples_data_is_right(monkeypatch):
    monkeypatch.setattr(forms, "MET", frozenset(range(1, 9)))
    chance = random.Random(7)
    known = Schema(load()).forms
    fitted = 0
    for resource in _shared():
        body = entry(resource)
        known.accepts_entry(body, text(body).encode())
        written = known._known.get(forms._names(resource))
        for _ in range(3 if written else 0):
            mutated = copy.deepcopy(body)
            container, key = chance.choice(places(mutated["resource"]))
            container[key] = chance.choice(ODDITIES)
            if written.fits(mutated, text(mutated)):
                fitted += 1
                assert not EXACT(mutated, Walk()), key

    assert fitted > 20


def _shared():
    paths = sorted(SHARED.glob("hl7-r4-examples/package/*.json"))[::8]
    paths += sorted(SHARED.glob("us-core-examples/examples/*.json"))
    for path in paths:
        resource = lexical.parse(path.read_bytes())
        if resource.get("resourceType", "Bundle") != "Bundle":
            yield resource
    for path in sorted(SHARED.glob("synthea-r4/bundles/*.json.gz"))[:1]:
        bundle = lexical.parse(gzip.decompress(path.read_bytes()))
        yield from (each["resource"] for each in bundle["entry"])


def test_a_reference_of_another_kind_has_no_form():
    with pytest.raises(UnwritableError):
        form(CONDITION | {"subject": {"reference": "Patient?identifier=7"}})


def test_a_text_that_json_escapes_is_no_literal():
    odd = {"url": "http://a.b/ü", "valueCode": "x"}

    with pytest.raises(UnwritableError):
        form(CONDITION | {"extension": [odd]})


def test_a_form_that_a_sender_made_slow_on_purpose_is_not_kept():
    items = [{"linkId": "0"}]
    for _ in range(4):
        ends = ("text", "definition", "prefix")
        items = [{"item": items, "linkId": "1", end: "http://a.b"} for end in ends]
    slow = {"resourceType": "Questionnaire", "status": "draft", "item": items}
    typed = json.loads(
        json.dumps(slow).replace('"linkId"', '"type": "group", "linkId"')
    )

    with pytest.raises(UnwritableError):
        form(typed)
