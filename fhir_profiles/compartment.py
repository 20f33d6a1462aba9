"""Whose resource it is, and of which encounter.

The elements are those of the patient compartment, and Task.for
(https://hl7.org/fhir/R4/compartmentdefinition-patient.html).
"""

import re
from collections.abc import Iterator
from types import MappingProxyType

from fhir_profiles.elements import Resource, element, elements, string

# The elements whose name says that they hold the patient.
_SUBJECTS = (
    "subject",
    "patient",
    "for",
    "beneficiary",
    "candidate",
    "individual",
    "deliverTo",
)
# Elements that hold a patient among others: only a reference that says so counts.
_AMONG_OTHERS = MappingProxyType(
    {
        "Appointment": ("participant.actor",),
        "AppointmentResponse": ("actor",),
        "AuditEvent": ("entity.what", "agent.who"),
        "Group": ("member.entity",),
        "Person": ("link.target",),
        "Provenance": ("target",),
        "Schedule": ("actor",),
    }
)
_ENCOUNTERS = ("encounter", "context", "context.encounter")

_LITERAL = r"(?:https?://[^\s?#]+/)?%s/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]+)?"
# A conditional reference, which the intake resolves before it means anything
# (http://hl7.org/fhir/R4/http.html#trules).
_CONDITIONAL = r"|%s\?\S+"
_PATIENT = re.compile((_LITERAL + _CONDITIONAL) % ("Patient", "Patient"))
_ENCOUNTER = re.compile((_LITERAL + _CONDITIONAL) % ("Encounter", "Encounter"))


def subject_of(resource: Resource) -> str | None:
    """Return the reference to the patient of a resource, as it was written.

    `Patient/123`, an absolute URL of a Patient, `Patient?identifier=...`, or
    `urn:uuid:...`. None for a Patient
    itself, for a group or a device as subject, and where no patient is named.
    """
    kind = string(resource, "resourceType")
    if kind == "Patient":
        return None
    paths = _AMONG_OTHERS.get(kind, ())
    among = _first(resource, paths, _PATIENT, types=frozenset({"Patient"}))
    own = _first(resource, _SUBJECTS, _PATIENT, types=frozenset({"Patient", ""}))
    return own or among


def encounter_of(resource: Resource) -> str | None:
    """Return the reference to the encounter of a resource, as it was written.

    None for an Encounter itself, and where no encounter is named.
    """
    if string(resource, "resourceType") == "Encounter":
        return None
    types = frozenset({"Encounter", ""})
    return _first(resource, _ENCOUNTERS, _ENCOUNTER, types=types)


def _first(
    resource: Resource,
    paths: tuple[str, ...],
    literal: re.Pattern[str],
    types: frozenset[str],
) -> str | None:
    """Return the first literal, or local URN of one of these types, on the paths."""
    for path in paths:
        for reference in _at(resource, path):
            text = string(reference, "reference")
            local = text.startswith("urn:") and string(reference, "type") in types
            if local or literal.fullmatch(text):
                return text
    return None


def _at(parent: Resource, path: str) -> Iterator[Resource]:
    name, _, rest = path.partition(".")
    children = [element(parent, name), *elements(parent, name)]
    for child in children:
        if rest:
            yield from _at(child, rest)
        else:
            yield child
