"""What the patient takes: statements, requests, administrations and dispenses."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from domain.values import Finding, Reference
from fhir_profiles.elements import Resource, codes, element, elements, string, words
from fhir_profiles.moments import first_span

_COUNTS = MappingProxyType(
    {
        "MedicationStatement": frozenset(
            {"active", "completed", "intended", "on-hold", "unknown"}
        ),
        "MedicationRequest": frozenset({"active", "completed", "on-hold", "unknown"}),
        "MedicationAdministration": frozenset(
            {"in-progress", "on-hold", "completed", "stopped", "unknown"}
        ),
        "MedicationDispense": frozenset(
            {"preparation", "in-progress", "on-hold", "completed", "unknown"}
        ),
    }
)
"""By which status something may be at work; an administration that was stopped was."""

_WISHES = frozenset({"proposal", "option"})
_LASTING = MappingProxyType(
    {"MedicationAdministration": timedelta(days=30)}  # chemotherapy at its nadir
)
_SUPPLY = timedelta(days=90)
"""How long a completed medication counts: the usual longest supply dispensed."""

_OVER = frozenset({"completed", "stopped"})
_TIMES = (
    *("effectivePeriod", "effectiveDateTime", "whenHandedOver", "whenPrepared"),
    *("dateAsserted", "authoredOn"),
)

_NONE: Mapping[str, Resource] = MappingProxyType({})


def medications(
    resource: Resource,
    source: Reference,
    *,
    at: datetime,
    named: Mapping[str, Resource] = _NONE,
) -> list[Finding]:
    """Return what a medication resource says is being taken, or acts still.

    Not what was stopped, cancelled, not taken, not given, drafted, proposed or
    forbidden. What is completed counts for 90 days after its last date, what was given
    for 30, or where it has none: a prescription is completed when the box is handed
    out, and an anticoagulant matters longer than its record. The medicine is named by
    its code, a contained Medication or one of `named` (by `Medication/id`), their
    ingredients, or else by the reference's display.
    """
    if not _counts(resource) or not _recent(resource, at):
        return []
    found = (
        Finding(text=words(each), source=source, codes=codes(each))
        for each in _concepts(resource, named)
    )
    return list(dict.fromkeys(each for each in found if each.text))


def medication_of(resource: Resource) -> str:
    """Return the literal reference to the Medication that a resource names, or ""."""
    reference = element(resource, "medicationReference")
    return string(reference, "reference").partition("/_history/")[0]


def _counts(resource: Resource) -> bool:
    kind = string(resource, "resourceType")
    wish = kind == "MedicationRequest" and string(resource, "intent") in _WISHES
    return (
        string(resource, "status") in _COUNTS.get(kind, ())
        and not wish
        and resource.get("doNotPerform") is not True
    )


def _recent(resource: Resource, at: datetime) -> bool:
    kind = string(resource, "resourceType")
    if string(resource, "status") not in _OVER:
        return True
    last = first_span(resource, _TIMES)
    return last is None or at - last.end <= _LASTING.get(kind, _SUPPLY)


def _concepts(resource: Resource, named: Mapping[str, Resource]) -> list[Resource]:
    """Return the CodeableConcepts of a medicine, wherever they were put."""
    concept = element(resource, "medicationCodeableConcept")
    if words(concept):
        return [concept]
    name = medication_of(resource)
    contained = (
        each for each in elements(resource, "contained") if name == f"#{each.get('id')}"
    )
    medicine = next(contained, named.get(name, {}))
    display = string(element(resource, "medicationReference"), "display")
    return list(_of_medicine(medicine)) or [{"text": display}]


def _of_medicine(medicine: Resource) -> Iterator[Resource]:
    """Yield a Medication's code and those of what it is made of."""
    parts = [
        element(each, "itemCodeableConcept")
        for each in elements(medicine, "ingredient")
    ]
    yield from (each for each in (element(medicine, "code"), *parts) if words(each))
