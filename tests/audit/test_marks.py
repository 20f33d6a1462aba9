"""What tells a patient is found in other entries; what does not is left alone."""

import msgspec
import pytest

from gateway.audit.marks import Marks
from tests.erasure.stories import Marked

EVE = Marked("evevev", "eve")
SHORT = "urn:example:beds"


@pytest.fixture
def marks():
    found = Marks(EVE.name)
    bed = {"system": SHORT, "value": "7"}
    known = {**EVE.patient, "identifier": [*EVE.patient["identifier"], bed]}
    found.learn({"received": msgspec.json.encode(known)})
    found.learn({"received": msgspec.json.encode({**EVE.pain, "id": "pain"})})
    return found


@pytest.mark.parametrize(
    "event",
    [
        {"asked": f"/fhir/Patient?name={EVE.family}"},
        {"asked": "/fhir/Patient?address=evevev+Street+12&x=1"},
        {"asked": f"/fhir/Patient?identifier=s%7C{EVE.record}"},
        {"received": f'{{"text": "call {EVE.phone} now"}}'.encode()},
        {"received": b'{"subject": {"reference": "Patient/eve"}}'},
        {"references": [{"type": "Observation", "id": "pain", "version": 3}]},
        {"text": f"{EVE.given.upper()}!"},
        {"bytes": b"\xff" + EVE.family.encode()},
        {"asked": f"/fhir/Patient?identifier={SHORT}%7C7&birthdate=1901"},
        {"received": f'{{"system": "{SHORT}", "value": "7"}}'.encode()},
    ],
)
def test_whoever_is_named_is_found(marks, event):
    assert marks.found_in(event)


@pytest.mark.parametrize(
    "event",
    [
        {"asked": "/fhir/Patient?name=Familyevevevs"},
        {"references": [{"type": "Observation", "id": "pain-2", "version": 0}]},
        {"received": b'{"code": {"coding": [{"system": "http://loinc.org"}]}}'},
        {"received": b'{"subject": {"reference": "Patient/eve-2"}}'},
        {"received": b"crushing evevev pain"},
        {"count": 7, "at": None},
        {"asked": f"/fhir/Patient?identifier={SHORT}%7C77"},
        {"asked": "/fhir/Patient?identifier=urn:other|7"},
    ],
)
def test_somebody_else_is_not(marks, event):
    assert not marks.found_in(event)


def test_files_are_searched_for_texts_and_ids_too(marks):
    values = marks.values()

    assert {EVE.narrative, EVE.complaint, "pain", EVE.family} <= values
    assert f"{EVE.given} {EVE.family}" in values
    assert "http://loinc.org" not in values


def test_nobody_is_found_by_nothing():
    assert not Marks("Patient/eve").found_in({"text": "anything"})
