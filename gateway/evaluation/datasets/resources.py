"""R4 resources as an EHR sends them, for data sets that are tables."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

Resource = dict[str, Any]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NDC = "http://hl7.org/fhir/sid/ndc"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_PATIENT = "urn:uuid:00000000-0000-4000-8000-000000000001"
_ENCOUNTER = "urn:uuid:00000000-0000-4000-8000-000000000002"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def bundle(resources: Iterable[Resource]) -> bytes:
    """Return a transaction that creates the resources, as JSON."""
    fixed = {"Patient": _PATIENT, "Encounter": _ENCOUNTER}
    entries = [
        {
            "fullUrl": fixed.get(
                each["resourceType"], f"urn:uuid:00000000-0000-4000-8001-{number:012d}"
            ),
            "resource": each,
            "request": {"method": "POST", "url": each["resourceType"]},
        }
        for number, each in enumerate(resources)
    ]
    content = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return _ENCODER.encode(content)


def patient(*, gender: str, born: str = "") -> Resource:
    """Return a Patient; `born` is a date or a year."""
    content: Resource = {"resourceType": "Patient", "gender": gender}
    return content | ({"birthDate": born} if born else {})


def encounter(at: datetime, *, reason: str = "") -> Resource:
    """Return the emergency visit of the patient."""
    content: Resource = {
        "resourceType": "Encounter",
        "status": "arrived",
        "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "EMER"},
        "subject": {"reference": _PATIENT},
        "period": {"start": at.isoformat()},
    }
    return content | ({"reasonCode": [{"text": reason}]} if reason else {})


def quantity(code: str, value: str, unit: str, at: datetime) -> Resource:
    """Return an Observation of a number; what is none is sent as the text it is."""
    return _observation(code, _value(value, unit), at, category="vital-signs")


def pressure(systolic: str, diastolic: str, at: datetime) -> Resource:
    """Return a blood pressure with the components that there are."""
    parts = [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            **_value(text, "mm[Hg]"),
        }
        for code, text in (("8480-6", systolic), ("8462-4", diastolic))
        if text
    ]
    return _observation("85354-9", {"component": parts}, at, category="vital-signs")


def answer(code: str, text: str, at: datetime) -> Resource:
    """Return an Observation whose value is a text."""
    return _observation(code, {"valueString": text}, at, category="exam")


def statement(name: str, *, ndc: str = "") -> Resource:
    """Return a medicine that the patient takes at home."""
    concept: Resource = {"text": name}
    if ndc:
        concept["coding"] = [{"system": NDC, "code": ndc}]
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": concept,
        "subject": {"reference": _PATIENT},
    }


def _value(text: str, unit: str) -> Resource:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return {"valueString": text}
    if not number.is_finite():
        return {"valueString": text}
    return {"valueQuantity": {"value": number, "system": UCUM, "code": unit}}


def _observation(code: str, said: Resource, at: datetime, *, category: str) -> Resource:
    system = f"{_TERMINOLOGY}/observation-category"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": _PATIENT},
        "encounter": {"reference": _ENCOUNTER},
        "effectiveDateTime": at.isoformat(),
    } | said
