"""The patient's conditions, medications and allergies as findings."""

from datetime import datetime, timedelta

from domain.values import Finding, Reference
from fhir_profiles.elements import (
    Resource,
    codes,
    element,
    elements,
    status_code,
    string,
    words,
)
from fhir_profiles.moments import first_span

_PAST = frozenset({"inactive", "resolved"})
_UNTRUE = frozenset({"refuted", "entered-in-error"})

_TAKEN = frozenset({"active", "completed", "intended", "on-hold", "unknown"})
_ORDERED = frozenset({"active", "completed", "on-hold", "unknown"})
_ORDERS = frozenset({"proposal", "option"})
_LASTING = timedelta(days=90)
"""How long a completed medication counts: the usual longest supply dispensed."""


def conditions(resource: Resource, source: Reference) -> list[Finding]:
    """Return a Condition that is not over; one in remission still belongs to the case.

    Neither refuted ones nor those entered in error.
    """
    if (
        string(resource, "resourceType") != "Condition"
        or status_code(resource, "clinicalStatus") in _PAST
        or status_code(resource, "verificationStatus") in _UNTRUE
    ):
        return []
    return _findings(element(resource, "code"), source)


def allergies(resource: Resource, source: Reference) -> list[Finding]:
    """Return an AllergyIntolerance that holds; its substance, else those it reacted to.

    "No known allergy" comes as it was coded: it is the sender's statement.
    """
    if (
        string(resource, "resourceType") != "AllergyIntolerance"
        or status_code(resource, "clinicalStatus") in _PAST
        or status_code(resource, "verificationStatus") in _UNTRUE
    ):
        return []
    reactions = elements(resource, "reaction")
    return _findings(element(resource, "code"), source) or [
        finding
        for reaction in reactions
        for finding in _findings(element(reaction, "substance"), source)
    ]


def medications(
    resource: Resource, source: Reference, *, at: datetime
) -> list[Finding]:
    """Return what a MedicationStatement or MedicationRequest says is being taken.

    Not what was stopped, cancelled, not taken, drafted, proposed or forbidden. A
    completed one counts for 90 days after its last date, or when it has none: a
    prescription is completed when the box is handed out, and an anticoagulant matters
    longer than its record. Medication text comes from the code, a contained
    Medication, or the reference's display.
    """
    if not _taken(resource) or not _recent(resource, at):
        return []
    return _findings(_medication(resource), source)


def _taken(resource: Resource) -> bool:
    status = string(resource, "status")
    match string(resource, "resourceType"):
        case "MedicationStatement":
            return status in _TAKEN
        case "MedicationRequest":
            wanted = string(resource, "intent") not in _ORDERS
            forbidden = resource.get("doNotPerform") is True
            return status in _ORDERED and wanted and not forbidden
        case _:
            return False


def _recent(resource: Resource, at: datetime) -> bool:
    if string(resource, "status") != "completed":
        return True
    names = ("effectivePeriod", "effectiveDateTime", "dateAsserted", "authoredOn")
    last = first_span(resource, names)
    return last is None or at - last.end <= _LASTING


def _medication(resource: Resource) -> Resource:
    """Return the CodeableConcept of a medication, wherever it was put."""
    concept = element(resource, "medicationCodeableConcept")
    reference = element(resource, "medicationReference")
    if words(concept) or not reference:
        return concept
    key = string(reference, "reference").removeprefix("#")
    contained = (
        element(each, "code")
        for each in elements(resource, "contained")
        if key and string(each, "id") == key
    )
    named = (code for code in contained if words(code))
    return next(named, {"text": string(reference, "display")})


def _findings(concept: Resource, source: Reference) -> list[Finding]:
    text, coded = words(concept), codes(concept)
    return [Finding(text=text, source=source, codes=coded)] if text else []
