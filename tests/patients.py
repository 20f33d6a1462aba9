"""Patients as an EHR sends them, with dates relative to now."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
MRN = "urn:example:mrn"
HEART_RATE, BREATHS, SATURATION = "8867-4", "9279-1", "59408-5"
SYSTOLIC, TEMPERATURE, COMPLAINT = "8480-6", "8310-5", "8661-1"
_UNITS = {
    HEART_RATE: "/min",
    BREATHS: "/min",
    SATURATION: "%",
    SYSTOLIC: "mm[Hg]",
    TEMPERATURE: "Cel",
}


def ago(**period):
    """Return a FHIR dateTime before now."""
    return (datetime.now(UTC) - timedelta(**period)).isoformat(timespec="seconds")


def patient(record="1", **more):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": MRN, "value": record}],
        "gender": "female",
        "birthDate": "1980-03-04",
        **more,
    }


def encounter(whom, reason="", status="in-progress", **more):
    return {
        "resourceType": "Encounter",
        "status": status,
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "EMER",
        },
        "subject": {"reference": whom},
        **({"reasonCode": [{"text": reason}]} if reason else {}),
        **more,
    }


def vital(whom, code=HEART_RATE, value=80, at=None, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": whom},
        "effectiveDateTime": at or ago(minutes=5),
        "valueQuantity": {"value": value, "system": UCUM, "code": _UNITS[code]},
        **more,
    }


def complaint(whom, text, **more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": COMPLAINT}]},
        "subject": {"reference": whom},
        "effectiveDateTime": ago(minutes=5),
        "valueString": text,
        **more,
    }


def statement(whom, text, **more):
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": text},
        "subject": {"reference": whom},
        **more,
    }


def normal_vitals(whom):
    return [
        vital(whom, HEART_RATE, 72),
        vital(whom, BREATHS, 14),
        vital(whom, SATURATION, 98),
        vital(whom, SYSTOLIC, 124),
        vital(whom, TEMPERATURE, 36.8),
    ]


def urn(number):
    return f"urn:uuid:{UUID(int=number, version=4)}"


def transaction(*resources, kind="transaction", **more):
    """Return a Bundle that posts resources, or puts those that have an id.

    The n-th entry (from 0) has the fullUrl `urn(n)` where it has no id.
    """
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [posted(each, urn(place)) for place, each in enumerate(resources)],
        **more,
    }


def posted(resource, full_url, **request):
    kind = resource["resourceType"]
    if "id" in resource:
        address = f"{kind}/{resource['id']}"
        asked = {"method": "PUT", "url": address, **request}
        return {"resource": resource, "request": asked}
    asked = {"method": "POST", "url": kind, **request}
    return {"fullUrl": full_url, "resource": resource, "request": asked}


def visit(record="1", reason="chest pain", *measured, **bundle):
    """Return a patient who comes with a complaint and vital signs, all posted."""
    whom = urn(0)
    vitals = [vital(whom, code, value) for code, value in measured]
    resources = [patient(record), encounter(whom, reason), *vitals]
    return transaction(*resources, **bundle)


def conditional_visit(record="1", reason="chest pain", *measured):
    """Return a visit whose patient is created unless her identifier is known."""
    bundle = visit(record, reason, *measured)
    bundle["entry"][0]["request"]["ifNoneExist"] = f"identifier={MRN}|{record}"
    return bundle


def put_visit(record, reason, measured, *more):
    """Return a visit that is put, and `more` with it; the record number is every id."""
    whom = f"Patient/{record}"
    came = (patient(record), encounter(whom, reason), vital(whom, *measured), *more)
    return transaction(*({**each, "id": record} for each in came))


_NUMBERS = count(1)


def fresh_record():
    """Return a record number that no other test uses."""
    return f"record-{next(_NUMBERS)}"
