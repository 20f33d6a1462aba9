"""What tells a patient is found in other entries; what may be another's is doubted."""

from unicodedata import normalize

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import statement
from gateway.audit.marks import Marks, Naming
from tests.erasure.stories import Marked

EVE = Marked("evevev", "eve")
SHORT = "urn:example:beds"
LI = {"family": "Wu", "given": ["Li"]}
NURSE = {"resourceType": "Practitioner", "id": "n1", "name": [{"family": "Nightly"}]}


def received(content, identity="eve", kind="Patient", **more):
    reference = {"type": kind, "id": identity, "version": 1}
    return {"reference": reference, "received": msgspec.json.encode(content), **more}


def sent(content):
    """An entry that is under nobody's key."""
    return {"received": msgspec.json.encode(content)}


def person(name, **more):
    return sent({"resourceType": "Person", "id": "p", "name": [name], **more})


def known_as(*names, **more):
    """Marks of a patient who has these names."""
    found = Marks("Patient/eve", {"Patient/adam"}.__contains__)
    content = {"resourceType": "Patient", "name": list(names), **more}
    found.learn(received(content))
    return found


@pytest.fixture
def marks():
    found = Marks(EVE.name, {"Patient/adam"}.__contains__)
    bed = {"system": SHORT, "value": "7"}
    home = {"line": [EVE.street], "city": "Springfield", "postalCode": "12345"}
    known = {
        **EVE.patient,
        "identifier": [*EVE.patient["identifier"], bed],
        "address": [home],
        "contact": [{"name": {"family": "Kindly", "given": ["Kate"]}}],
        "contained": [NURSE],
    }
    links = [["https://gateway.example/fhir/Patient/eve", EVE.name]]
    found.learn(received({**known, "id": "as-sent"}, links=links))
    subject = {"identifier": {"system": "urn:example:ward", "value": "B"}}
    pain = {**EVE.pain, "subject": subject, "contained": [NURSE]}
    found.learn(received(pain, "pain", "Observation"))
    return found


@pytest.mark.parametrize(
    "event",
    [
        {"asked": f"/fhir/Patient?identifier={EVE.record}"},
        {"asked": "/fhir/Patient?family=familyevevev&given:exact=Givenevevev"},
        {"asked": "/fhir/Patient?name=Givenevevev&name=Familyevevev"},
        {"asked": "/fhir/Observation?subject:Patient.name=Givenevevev+Familyevevev"},
        {"asked": "/fhir/Patient?address=evevev+Street+12&address-city=Springfield"},
        {"target": f"/fhir/Patient?telecom={EVE.phone.replace('-', '%20')}"},
        {"conditions": [["If-None-Exist", f"identifier=s2%7C1,{SHORT}%7C7"]]},
        {"received": f'{{"text": "call {EVE.phone} now"}}'.encode()},
        {"received": b'{"subject": {"reference": "Patient/eve"}}'},
        {"asked": "/t/site/fhir/Patient/eve/_history/2"},
        {"text": "She is in our records as Patient/eve."},
        {"text": "see https://gateway.example/fhir/Patient/eve"},
        {"references": [{"type": "Observation", "id": "pain", "version": 3}]},
        {"text": f"{EVE.given.upper()} {EVE.family}!"},
        {"bytes": b"\xff" + f"{EVE.family}, {EVE.given}".encode()},
        {"asked": f"/fhir/Patient?identifier={SHORT}%7C7&birthdate=1901"},
        {"received": f'{{"system": "{SHORT}", "value": "7"}}'.encode()},
        {"received": b'{"system": "urn:example:ward", "value": "B"}'},
        ["x", {"reference": f"identity/Person/{SHORT}|7"}],
        sent({"resourceType": "Patient", "id": "eve"}),
        sent({"subject": {"display": f"{EVE.given} {EVE.family}"}}),
        person({"family": EVE.family, "given": [EVE.given]}, birthDate="1980-03-04"),
    ],
)
def test_whoever_is_named_surely_is_found(marks, event):
    assert marks.naming(event) is Naming.SURELY


@pytest.mark.parametrize(
    "event",
    [
        {"asked": f"/fhir/Patient?name={EVE.family}"},
        {"asked": "/fhir/Patient?address=evevev+Street+12&x=1"},
        {"asked": f"/fhir/Patient?identifier=s%7C{EVE.record}"},
        {"text": f"{EVE.given.upper()}!"},
        {"text": "see https://elsewhere.example/fhir/Patient/eve"},
        person({"family": EVE.family}),
        person({"family": EVE.family, "given": [EVE.given]}, birthDate="1990-01-01"),
        person(
            {"family": EVE.family, "given": [EVE.given]},
            identifier=[{"system": "urn:example:mrn", "value": "another"}],
        ),
        person(
            {"family": EVE.family, "given": [EVE.given]},
            link=[{"target": {"reference": "Patient/adam"}}],
        ),
        person({"family": "Other"}, telecom=[{"system": "phone", "value": EVE.phone}]),
        sent({"resourceType": "Practitioner", "name": [EVE.patient["name"][0]]}),
        sent(
            {
                "resourceType": "Patient",
                "name": [{"family": "Little", "given": ["Child"]}],
                "contact": [{"name": EVE.patient["name"][0]}],
            }
        ),
        sent(
            {
                "actor": {
                    "reference": "Practitioner/n1",
                    "display": f"{EVE.given} {EVE.family}",
                }
            }
        ),
    ],
)
def test_what_may_be_somebody_elses_is_doubted(marks, event):
    assert marks.naming(event) is Naming.PERHAPS


@pytest.mark.parametrize(
    "event",
    [
        {"asked": "/fhir/Patient?name=Familyevevevs"},
        {"asked": "/fhir/Patient?_sort=family&status=Familyevevev"},
        {"references": [{"type": "Observation", "id": "pain-2", "version": 0}]},
        {"received": b'{"code": {"coding": [{"system": "http://loinc.org"}]}}'},
        {"received": b'{"subject": {"reference": "Patient/eve-2"}}'},
        {"received": b"crushing evevev pain"},
        {"count": 7, "at": None},
        {"asked": f"/fhir/Patient?identifier={SHORT}%7C77"},
        {"asked": "/fhir/Patient?identifier=urn:other|7"},
        {"text": "Springfield 12345"},
        sent(NURSE),
        sent({"name": [{"family": "Kindly", "given": ["Kate"]}]}),
        sent({"resourceType": "Patient", "id": "as-sent"}),
        sent({"contained": [{"resourceType": "Patient", "id": "eve"}]}),
    ],
)
def test_somebody_else_is_not_found(marks, event):
    assert marks.naming(event) is Naming.NOT


@pytest.mark.parametrize(
    "event",
    [
        person(LI),
        person({"family": "WU", "given": ["LI"]}),
        person({"text": "Wu, Li"}),
        {"asked": "/fhir/Patient?family=Wu&given=Li"},
        {"asked": "/fhir/Patient?name=Wu&name=Li"},
        {"asked": "/fhir/Patient?name=Li%20Wu"},
    ],
)
def test_who_has_a_short_name_is_found_by_all_of_it(event):
    assert known_as(LI).naming(event) is Naming.SURELY


@pytest.mark.parametrize(
    ("event", "naming"),
    [
        (person({"family": "Wu", "given": ["Li", "Mei"]}), Naming.PERHAPS),
        (person({"family": "Wu", "given": ["Jo"]}), Naming.NOT),
        (person({"family": "Wu"}), Naming.NOT),
    ],
)
def test_part_of_a_short_name_is_doubted_or_nobodys(event, naming):
    assert known_as(LI).naming(event) is naming


@pytest.mark.parametrize(
    "written",
    ["Müller", "MÜLLER", "Muller", normalize("NFD", "Müller"), "M%C3%BCller"],
)
def test_accents_and_case_make_no_difference(written):
    marks = known_as({"family": "Müller", "given": ["Änne"]})

    for asked in (f"family={written}&given=Anne", f"family={written}&given=%C3%84nne"):
        assert marks.naming({"asked": f"/fhir/Patient?{asked}"}) is Naming.SURELY
    assert marks.naming({"target": f"/fhir/Patient?family={written}"}) is Naming.PERHAPS


@pytest.mark.parametrize(
    "event",
    [
        sent({"resourceType": "Person", "id": "p1", "name": [{"family": "Other"}]}),
        sent({"resourceType": "Observation", "status": "final", "type": "Final"}),
        sent({"code": {"coding": [{"system": "final", "display": "Person"}]}}),
        {"asked": "/fhir/Person/p1?status=final"},
    ],
)
def test_what_is_no_text_names_nobody(event):
    marks = known_as({"family": "Person", "given": ["Final"]})

    assert marks.naming(event) is Naming.NOT


def test_files_are_searched_for_texts_and_ids_too(marks):
    values = marks.values()

    assert {EVE.narrative, EVE.complaint, "pain", "as-sent", EVE.family} <= values
    assert {f"{EVE.given} {EVE.family}", f"{EVE.family}, {EVE.given}"} <= values
    assert {f"{SHORT}|7", "Kindly"} <= values
    assert "http://loinc.org" not in values


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        (
            {"valueString": "BP <90 systolic, pulse >120 since noon"},
            {"BP <90 systolic, pulse >120 since noon"},
        ),
        (
            {"div": "<div><p>She has <b>crushing</b> chest pain at night</p></div>"},
            {
                "<div><p>She has <b>crushing</b> chest pain at night</p></div>",
                "chest pain at night",
            },
        ),
    ],
)
def test_a_text_is_sought_as_it_was_written(said, sought):
    marks = Marks("Patient/eve")

    marks.learn(received(said, "o", "Observation"))

    assert sought <= marks.values()


def test_the_markup_of_an_empty_narrative_is_not_sought():
    marks = Marks("Patient/eve")

    marks.learn(received({"div": '<div xmlns="http://www.w3.org/1999/xhtml"></div>'}))

    assert marks.values() == {"eve"}


def test_nobody_is_another_patient_where_none_is_known():
    marks = Marks("Patient/eve")
    number = {"system": "urn:x", "value": "1"}
    strange = [{"system": "urn:x"}, {"value": "12"}, "text"]

    marks.learn(received({"identifier": [number, *strange]}, "o", "Observation"))

    said = {"identifier": [number], "subject": {"reference": "Patient/adam"}}
    said["resourceType"] = "Observation"
    assert marks.naming(sent(said)) is Naming.SURELY


@pytest.mark.parametrize(
    "known", [{}, {"name": [{}], "telecom": [{}], "address": [{}]}]
)
def test_of_whom_little_is_known_little_is_found(known):
    marks = Marks("Patient/eve")
    marks.learn(received({"resourceType": "Patient", **known}))

    assert marks.naming(person(LI)) is Naming.NOT
    assert marks.naming(person({"text": "Eve"}, birthDate="1980")) is Naming.NOT
    assert marks.naming({"text": "Patient/eve"}) is Naming.SURELY


def test_what_the_gateway_made_of_her_case_is_hers():
    case, other = "1" * 36, "2" * 36
    marks = Marks("Patient/eve")
    for whose, case_id in (("eve", case), ("adam", other)):
        patient = {"type": "Patient", "id": whose, "version": 1}
        marks.learn({"case_id": case_id, "patient": patient})

    def told(case_id):
        target = {"reference": f"Task/{case_id}-1"}
        return marks.naming(sent({"resourceType": "Provenance", "target": [target]}))

    assert (told(case), told(other)) == (Naming.SURELY, Naming.NOT)


def test_a_short_telecom_tells_nobody():
    call = {"system": "phone", "value": "112"}

    marks = known_as(LI, telecom=[call])

    assert marks.naming(sent({"telecom": [call]})) is Naming.NOT


def test_nobody_is_found_by_nothing():
    assert Marks("Patient/eve").naming({"text": "anything"}) is Naming.NOT


def test_each_of_thousands_of_identifiers_is_known():
    marks = Marks("Patient/eve")
    numbers = [{"system": "urn:x", "value": f"{i * 7919:08d}-A"} for i in range(4000)]
    marks.learn(received({"identifier": numbers}))

    assert marks.naming({"text": "It is 00007919-A."}) is Naming.SURELY
    assert marks.naming({"text": "It is 00007919-B."}) is Naming.NOT


VISIT = {"system": "urn:example:visit", "value": "2000000002"}
NONE = {"system": "urn:example:visit", "value": "0000000000"}
BOB = {
    "resourceType": "Patient",
    "name": [{"family": "Other", "given": ["Bob"]}],
    "birthDate": "1950-01-01",
}


@pytest.mark.parametrize(
    ("event", "naming"),
    [
        (sent({"resourceType": "Encounter", "identifier": [VISIT]}), Naming.SURELY),
        ({"asked": "/fhir/Encounter?identifier=urn:example:visit|2000000002"}, 2),
        (["x", {"reference": "identity/Encounter/urn:example:visit|2000000002"}], 2),
        (sent({"encounter": {"type": "Encounter", "identifier": VISIT}}), 2),
        (sent({"resourceType": "Observation", "identifier": [VISIT]}), Naming.PERHAPS),
        ({"asked": "/fhir/Basic?identifier=urn:example:visit|2000000002"}, 1),
        ({"text": "2000000002"}, Naming.PERHAPS),
        (sent({**BOB, "telecom": [{"system": "phone", "value": "2000000002"}]}), 1),
    ],
)
def test_a_number_of_a_resource_is_certain_among_those_of_its_type(event, naming):
    marks = Marks("Patient/eve")
    marks.learn(received({"identifier": [VISIT]}, "e1", "Encounter"))

    assert marks.naming(event) is Naming(naming)


@pytest.mark.parametrize(
    ("identity", "kind"), [("eve", "Patient"), ("e1", "Encounter")]
)
def test_a_number_that_nobody_has_is_doubted(identity, kind):
    marks = Marks("Patient/eve")
    marks.learn(received({"identifier": [NONE]}, identity, kind))

    assert marks.naming(sent({"resourceType": kind, "identifier": [NONE]})) == 1
    assert marks.naming({"text": "0000000000"}) is Naming.PERHAPS


def test_a_word_that_stands_as_a_number_takes_nobody_along():
    marks = Marks("Patient/eve")
    word = {"identifier": [{"value": "chest pain"}]}
    marks.learn(received(word, "o", "Observation"))
    marks.learn(received({"identifier": [{"value": "not known"}]}))

    said = {"reasonCode": [{"text": "chest pain"}], "subject": {"display": "Bob"}}
    assert marks.naming(sent(said)) is Naming.NOT
    assert marks.naming({"text": "It is not known."}) is Naming.PERHAPS


@pytest.mark.parametrize(
    ("more", "naming"),
    [
        ({}, Naming.SURELY),
        ({"birthDate": "1980"}, Naming.SURELY),
        ({"birthDate": "4.3.1980"}, Naming.SURELY),
        ({"birthDate": "1950-01-01"}, Naming.PERHAPS),
        ({"identifier": [{"system": "urn:example:mrn", "value": "his"}]}, 1),
    ],
)
def test_in_spite_of_a_number_somebody_else_is_doubted(marks, more, naming):
    numbers = [*EVE.patient["identifier"], *more.get("identifier", ())]
    said = {"resourceType": "Patient", **more, "identifier": numbers}

    assert marks.naming(sent(said)) is Naming(naming)


@pytest.mark.parametrize(
    ("more", "naming"),
    [
        ({}, Naming.SURELY),
        ({"contained": [NURSE]}, Naming.SURELY),
        ({"resourceType": "Patient", "name": [{"family": "Other"}]}, Naming.PERHAPS),
    ],
)
def test_a_number_without_its_system_is_not_hers_where_others_are_named(
    marks, more, naming
):
    said = sent({"note": f"see {EVE.record}", **more})

    assert marks.naming(said) is naming


def test_what_is_linked_with_her_is_no_case_of_hers():
    marks = Marks("Patient/eve")
    hers, other = ({"type": "Patient", "id": each} for each in ("eve", "adam"))
    marks.learn({"patient": hers, "other": other})

    assert marks.naming(sent({"resourceType": "Person", "id": "?"})) is Naming.NOT


COVERAGE = {
    "subscriberId": "INS-9988-7766",
    "extension": [
        {"url": "u", "valueIdentifier": {"system": "urn:x", "value": "EXTID-445566"}},
        {"url": "u", "valueContactPoint": {"system": "phone", "value": "+49-555-666"}},
    ],
    "accessionIdentifier": {"value": "ACC-11-22"},
    "requisition": {"use": "official", "value": "REQ-77-88"},
}
NUMBERS = [
    *("INS-9988-7766", "EXTID-445566", "+49-555-666", "ACC-11-22", "REQ-77-88"),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_known_by_its_shape(number):
    marks = Marks("Patient/eve")
    marks.learn(received(COVERAGE, "c1", "Coverage"))

    assert number in marks.values()
    assert marks.naming({"text": f"It is {number}."}) is Naming.PERHAPS


def test_a_measurement_is_no_number_of_hers():
    marks = Marks("Patient/eve")
    measured = {
        "value": "1013.25",
        "unit": "hPa",
        "system": "http://unitsofmeasure.org",
    }
    vital = {"name": "heart-rate", "value": "120.5"}
    marks.learn({"readings": [vital], **received(measured, "o", "Observation")})

    assert marks.values() == {"eve", "o"}


def test_numbers_of_others_in_her_resources_are_not_hers():
    marks = Marks("Patient/eve")
    nurse = {"identifier": {"system": "urn:npi", "value": "NPI-123456"}}
    bed = {"resourceType": "Location", "identifier": [{"value": "BED-123456"}]}
    marks.learn(received({"performer": [nurse], "contained": [bed]}, "o", "Basic"))

    for number in ("NPI-123456", "BED-123456"):
        assert marks.naming({"text": number}) is Naming.NOT


def test_the_id_of_what_is_contained_is_no_value():
    marks = Marks("Patient/eve")
    contained = [{"resourceType": "Practitioner", "id": "patient"}]
    marks.learn(received({"contained": contained}, "o", "Observation"))

    assert marks.values() == {"eve", "o"}


@pytest.mark.parametrize("given", [None, 5, True, {}, "Anna", [None, 5]])
def test_a_name_that_is_none_is_learned_and_searched_all_the_same(given):
    named = {"resourceType": "Patient", "name": [{"family": "Evelin", "given": given}]}
    marks = Marks("Patient/eve")
    marks.learn(received(named))

    assert "Evelin" in marks.values()
    assert marks.naming(sent(named)) in Naming


@pytest.mark.parametrize("deep", [500, 5000, 100_000])
def test_what_is_nested_too_deeply_is_read_string_by_string(marks, deep):
    said = f'["Anna \\"", "{EVE.family}"]'
    content = b'{"a":' * deep + said.encode() + b"}" * deep

    assert marks.naming({"received": content}) is Naming.PERHAPS
    marks.learn_values({"received": content.replace(b"Anna", b"Anna in a long story")})
    assert 'Anna in a long story "' in marks.values()


def test_a_statement_is_decoded_once(marks, monkeypatch):
    decoded = []
    plain = statement.decoded
    monkeypatch.setattr(
        statement, "decoded", lambda content: decoded.append(content) or plain(content)
    )

    marks.learn(received({**EVE.patient, "id": "as-sent"}))

    assert len(decoded) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda held: (
        st.lists(held)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("resourceType", "id", "name", "family", "given", "reference"),
                    *("asked", "system", "value", "identifier", "telecom", "line"),
                    *("address", "birthDate", "city", "text", "subject", "contained"),
                ]
            )
            | st.text(),
            held,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_an_event_says_can_be_searched_and_learned(event):
    marks = known_as(LI)
    marks.learn_values({"event": event})

    marks.learn(received({"resourceType": "Patient", "name": [event]}))

    assert marks.naming(event) in Naming
    assert "eve" in marks.values()


@given(_JSON.filter(lambda event: isinstance(event, dict)))
def test_whatever_was_taken_for_a_record_of_hers_can_be_learned(event):
    marks = Marks("Patient/eve")
    for kind in ("Patient", "Coverage"):
        marks.learn(received(event, "eve", kind))

    assert marks.naming(received(event, "eve")) is Naming.SURELY
