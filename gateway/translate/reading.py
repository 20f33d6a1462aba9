"""What intake has to know of a resource: identifiers, patient, relevance."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.values import Reference
from fhir_profiles.compartment import encounter_of, subject_of
from fhir_profiles.complaint import states_reason
from fhir_profiles.currency import is_current
from fhir_profiles.patient import same_person
from fhir_profiles.vital_signs import is_vital_sign

Resource = dict[str, Any]

READ_BY_TRIAGE = frozenset(
    {
        "Patient",
        "Observation",
        "MedicationStatement",
        "MedicationRequest",
        "MedicationAdministration",
        "MedicationDispense",
        "AllergyIntolerance",
        "Condition",
        "Encounter",
        "Flag",
        "Immunization",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
    }
)
"""The types by whose arrival a patient's open cases are judged again."""

SHARED = frozenset({"Medication", "Questionnaire"})
"""The types that are nobody's and that those refer to."""

_UNSAVED = Reference(type="Observation", id="unsaved")

__all__ = [
    "asks_for_triage",
    "encounter_of",
    "identifiers",
    "names_somebody",
    "same_person",
    "subject_of",
]


def identifiers(content: Resource) -> tuple[str, ...]:
    """Return the business identifiers of a resource as `system|value`.

    Only those with a system: a value alone identifies nothing.
    """
    return tuple(sorted(set(_identifiers(content))))


def names_somebody(content: Resource) -> bool:
    """Say whether a resource is about a patient, however it says who."""
    subject = content.get("subject")
    logical = isinstance(subject, dict) and "identifier" in subject
    return logical or subject_of(content) is not None


def asks_for_triage(
    content: Resource, at: datetime, window: timedelta, questions: frozenset[str]
) -> bool:
    """Say whether a resource is a current complaint or a current vital sign.

    A weight alone is none, nor a ServiceRequest: they inform the case that there is.
    """
    if not is_current(content, at, window):
        return False
    if states_reason(content, _UNSAVED, questions):
        return True
    return content["resourceType"] == "Observation" and is_vital_sign(content)


def _identifiers(content: Resource) -> Iterator[str]:
    found = content.get("identifier", [])
    for each in found if isinstance(found, list) else [found]:
        system, value = each.get("system"), each.get("value")
        if system and value:
            yield f"{system}|{value}"
