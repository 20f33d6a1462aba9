"""A visit as FHIR R4 resources, with addresses that the Bundle defines itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from gateway.demo.visit import (
    LOINC,
    RXNORM,
    UCUM,
    Channel,
    Code,
    Measurement,
    Medicine,
    Visit,
    aware,
)

Resource = dict[str, object]
RECORD_NUMBER = "https://hospital.example/record-number"
QUESTION = "reason-for-visit"
"""The linkId whose answer is a complaint; a site sets which (complaint_questions)."""

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_ARRIVED = timedelta(minutes=20)


def address(visit: Visit, name: str) -> str:
    """Return the urn:uuid of one of the visit's resources."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{RECORD_NUMBER}/{visit.key}/{name}')}"


def reference(visit: Visit, name: str) -> Resource:
    """Return a reference to another entry of the Bundle."""
    return {"reference": address(visit, name)}


def concept(*codes: Code, text: str = "") -> Resource:
    """Return a CodeableConcept of codes and text."""
    coding = [{"system": c.system, "code": c.code, "display": c.display} for c in codes]
    said = text or (codes[0].display if codes else "")
    return {"coding": coding, "text": said} if coding else {"text": said}


def resources(visit: Visit, now: datetime) -> Iterator[tuple[str, Resource]]:
    """Give every resource of a visit with its name, the patient first."""
    began = visit.ended or _ARRIVED
    yield "patient", _patient(visit, now)
    yield "encounter", _encounter(visit, now, began)
    yield from _reason(visit, now, began)
    for number, each in enumerate(visit.measured, 1):
        yield f"observation-{number}", _observation(visit, each, now)
    yield from _history(visit, now)


def _reason(
    visit: Visit, now: datetime, began: timedelta
) -> Iterator[tuple[str, Resource]]:
    when = aware(now, began)
    match visit.channel:
        case Channel.ENCOUNTER:
            return
        case Channel.OBSERVATION:
            yield "complaint", _complaint(visit, when)
        case Channel.QUESTIONNAIRE:
            yield "complaint", _answers(visit, when)
        case Channel.CONDITION:
            said = concept(text=visit.complaint)
            yield "complaint", _condition(visit, said, now, began)


def _history(visit: Visit, now: datetime) -> Iterator[tuple[str, Resource]]:
    for number, medicine in enumerate(visit.takes, 1):
        yield f"medication-{number}", _statement(visit, medicine, now)
    for number, code in enumerate(visit.has, 1):
        yield f"condition-{number}", _condition(visit, concept(code), now, None)
    for number, code in enumerate(visit.allergic_to, 1):
        yield f"allergy-{number}", _allergy(visit, code)


def _patient(visit: Visit, now: datetime) -> Resource:
    who = visit.person
    return {
        "resourceType": "Patient",
        "identifier": [{"system": RECORD_NUMBER, "value": f"demo-{visit.key}"}],
        "name": [{"use": "official", "family": who.family, "given": [who.given]}],
        "gender": who.gender,
        "birthDate": who.born(now.date()).isoformat(),
    }


def _encounter(visit: Visit, now: datetime, began: timedelta) -> Resource:
    over = visit.ended is not None
    period = {"start": aware(now, began)}
    if over:
        period["end"] = aware(now, began - timedelta(hours=3))
    content: Resource = {
        "resourceType": "Encounter",
        "status": "finished" if over else "arrived",
        "class": {
            "system": f"{_TERMINOLOGY}/v3-ActCode",
            "code": "EMER",
            "display": "emergency",
        },
        "subject": reference(visit, "patient"),
        "period": period,
    }
    if visit.channel is Channel.ENCOUNTER:
        codes = (visit.code,) if visit.code else ()
        content["reasonCode"] = [concept(*codes, text=visit.complaint)]
    return content


def _complaint(visit: Visit, when: str) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(Code(LOINC, "8661-1", "Chief complaint - Reported")),
        **_about(visit),
        "effectiveDateTime": when,
        "valueString": visit.complaint,
    }


def _answers(visit: Visit, when: str) -> Resource:
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        **_about(visit),
        "authored": when,
        "item": [
            {
                "linkId": QUESTION,
                "text": "Why do you come today?",
                "answer": [{"valueString": visit.complaint}],
            }
        ],
    }


def _about(visit: Visit) -> Resource:
    return {
        "subject": reference(visit, "patient"),
        "encounter": reference(visit, "encounter"),
    }


def _observation(visit: Visit, measured: Measurement, now: datetime) -> Resource:
    category = Code(
        f"{_TERMINOLOGY}/observation-category",
        measured.category,
        measured.category.replace("-", " ").title(),
    )
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [concept(category)],
        "code": concept(*measured.codes, text=measured.text),
        **_about(visit),
        "effectiveDateTime": aware(now, visit.ended or measured.before),
        **_value(measured),
    }


def _value(measured: Measurement) -> Resource:
    if measured.parts:
        parts = [
            {"code": concept(*each.codes), **_value(each)} for each in measured.parts
        ]
        return {"component": parts}
    if measured.answer:
        return {"valueCodeableConcept": concept(measured.answer)}
    if measured.quantity is None:
        raise ValueError("A measurement has a quantity, an answer or parts.")
    quantity = measured.quantity
    value = float(quantity.value) if "." in quantity.value else int(quantity.value)
    return {
        "valueQuantity": {
            "value": value,
            "unit": quantity.unit,
            "system": UCUM,
            "code": quantity.code,
        }
    }


def _statement(visit: Visit, medicine: Medicine, now: datetime) -> Resource:
    began = (visit.ended or timedelta()) + timedelta(days=200)
    code = Code(RXNORM, medicine.rxnorm, medicine.text)
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": concept(code),
        "subject": reference(visit, "patient"),
        "effectivePeriod": {"start": aware(now, began)},
        "dosage": [{"text": medicine.dosage}],
    }


def _condition(
    visit: Visit, code: Resource, now: datetime, since: timedelta | None
) -> Resource:
    """Return why the patient came, or without `since` what she has had for years."""
    category = "problem-list-item" if since is None else "encounter-diagnosis"
    clinical = Code(f"{_TERMINOLOGY}/condition-clinical", "active", "Active")
    verified = "confirmed" if since is None else "provisional"
    certain = Code(f"{_TERMINOLOGY}/condition-ver-status", verified, verified.title())
    kind = Code(f"{_TERMINOLOGY}/condition-category", category, category)
    return {
        "resourceType": "Condition",
        "clinicalStatus": concept(clinical),
        "verificationStatus": concept(certain),
        "category": [concept(kind)],
        "code": code,
        **_about(visit),
        "recordedDate": aware(now, since or timedelta(days=900)),
    }


def _allergy(visit: Visit, code: Code) -> Resource:
    system = f"{_TERMINOLOGY}/allergyintolerance"
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": concept(Code(f"{system}-clinical", "active", "Active")),
        "verificationStatus": concept(
            Code(f"{system}-verification", "confirmed", "Confirmed")
        ),
        "code": concept(code),
        "patient": reference(visit, "patient"),
    }
