"""Whose data key protects what the intake appends.

Everything that may tell of a person is under the key of the patients whom it names.
Where nobody can say whose it is it has a key of its own, and an erasure looks into it.
"""

from collections.abc import Iterable
from typing import Final

from domain.values import Case, Reference
from gateway.store.subjects import alone, joint

_NOBODYS: Final = frozenset(
    {
        "ActivityDefinition",
        "CapabilityStatement",
        "CodeSystem",
        "ConceptMap",
        "Device",
        "DeviceDefinition",
        "DeviceMetric",
        "Endpoint",
        "HealthcareService",
        "Library",
        "Location",
        "Measure",
        "Medication",
        "MedicationKnowledge",
        "Organization",
        "OrganizationAffiliation",
        "PlanDefinition",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "SearchParameter",
        "StructureDefinition",
        "Substance",
        "ValueSet",
    }
)


_OF_SEVERAL: Final = frozenset(
    {
        "Appointment",
        "AppointmentResponse",
        "Group",
        "Person",
        "Provenance",
        "Schedule",
    }
)
"""Types that name a patient among others, so that none of them owns the resource."""


def concerns_somebody(kind: str) -> bool:
    """Say whether a resource of a type may be about a person who is not staff."""
    return kind not in _NOBODYS


def of_record(reference: Reference, patient: str) -> str:
    """Return the subject of a resource whose patient is known, or is not ("")."""
    owned = patient and reference.type not in _OF_SEVERAL
    if owned or not concerns_somebody(reference.type):
        return patient
    return alone(f"record/{reference.unversioned()}")


def of_answers(answered: Iterable[tuple[Reference, str]]) -> str:
    """Return the subject of a receipt: all whom the answered resources are about."""
    return joint(of_record(reference, patient) for reference, patient in answered)


def of_case(*known: Case | Reference | None) -> str:
    """Return the subject of what a case's event says: every person's record in it.

    A case is judged on the data of all records that are linked with the patient's.
    """
    return joint(name for each in known for name in _patients(each))


def _patients(known: Case | Reference | None) -> Iterable[str]:
    if isinstance(known, Reference):
        yield str(known.unversioned())
    elif known is not None:
        for each in (known.patient, *known.inputs):
            if each.type == "Patient":
                yield str(each.unversioned())


def of_quarantine(identity: str) -> str:
    """Return the subject of a request that was set aside."""
    return alone(f"quarantine/{identity}")
