"""The patient's conditions, procedures, flags and allergies as findings."""

from dataclasses import replace
from datetime import datetime

from domain.particulars import Criticality
from domain.values import Finding, Reference
from fhir_profiles.elements import (
    Resource,
    codes,
    element,
    elements,
    has_code,
    plain,
    status_code,
    string,
    strings,
    words,
)
from fhir_profiles.moments import period

_PAST = frozenset({"inactive", "resolved"})
_UNTRUE = frozenset({"refuted", "entered-in-error"})
_SUSPECTED = frozenset({"unconfirmed", "provisional", "differential", "presumed"})
_DONE = frozenset({"completed", "in-progress", "on-hold", "stopped", "unknown"})
_FLAGS = "http://terminology.hl7.org/CodeSystem/flag-category"
_CLERICAL = frozenset({"admin", "contact", "research", "advance-directive"})
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_IMMUNE = frozenset({"IMMUNE"})
_CRITICALITIES = frozenset(each.value for each in Criticality)


def conditions(resource: Resource, source: Reference) -> list[Finding]:
    """Return a Condition that is not over; one in remission still belongs to the case.

    Neither refuted ones nor those entered in error. A relative's condition is a
    FamilyMemberHistory, which is not read: it is not the patient's.
    """
    return [] if _is_past(resource) else _condition(resource, source)


def flags(resource: Resource, source: Reference, *, at: datetime) -> list[Finding]:
    """Return an active Flag whose period has not ended, in its words and codes.

    Not one that is only of administration, contact, research or advance directives.
    """
    until = period({"end": element(resource, "period").get("end")})
    if (
        string(resource, "resourceType") != "Flag"
        or string(resource, "status") != "active"
        or (until is not None and until.end < at)
        or _is_clerical(elements(resource, "category"))
    ):
        return []
    return _findings(element(resource, "code"), source)


def _is_clerical(categories: list[Resource]) -> bool:
    coded = [code for each in categories for code in codes(each)]
    return bool(coded) and all(
        code.system == _FLAGS and code.code in _CLERICAL for code in coded
    )


def unvaccinated(resource: Resource, source: Reference) -> list[Finding]:
    """Return a vaccine that was not given, unless for immunity, in words."""
    if (
        string(resource, "resourceType") != "Immunization"
        or string(resource, "status") != "not-done"
        or has_code(element(resource, "statusReason"), _REASONS, _IMMUNE)
    ):
        return []
    vaccine = words(element(resource, "vaccineCode"))
    return [Finding(text=f"Unvaccinated: no {vaccine or 'vaccine'}", source=source)]


def history(resource: Resource, source: Reference) -> list[Finding]:
    """Return what was: a Condition that is over, or a Procedure that was begun."""
    if string(resource, "resourceType") == "Procedure":
        done = string(resource, "status") in _DONE
        return _findings(element(resource, "code"), source) if done else []
    return _condition(resource, source) if _is_past(resource) else []


def allergies(resource: Resource, source: Reference) -> list[Finding]:
    """Return an AllergyIntolerance that holds; its substance, else those it reacted to.

    "No known allergy" comes as it was coded: it is the sender's statement. A severe
    reaction makes it highly critical, whatever was said of that.
    """
    if (
        string(resource, "resourceType") != "AllergyIntolerance"
        or status_code(resource, "clinicalStatus") in _PAST
        or status_code(resource, "verificationStatus") in _UNTRUE
    ):
        return []
    reactions = elements(resource, "reaction")
    substances = [element(each, "substance") for each in reactions]
    found = _findings(element(resource, "code"), source) or [
        finding for each in substances for finding in _findings(each, source)
    ]
    return [
        replace(
            each,
            criticality=_criticality(resource, reactions),
            categories=tuple(map(plain, strings(resource, "category"))),
            reactions=_manifestations(reactions),
            confirmed=_is_confirmed(resource),
        )
        for each in found
    ]


def _criticality(resource: Resource, reactions: list[Resource]) -> Criticality:
    if any(string(each, "severity") == "severe" for each in reactions):
        return Criticality.HIGH
    said = string(resource, "criticality")
    return Criticality(said) if said in _CRITICALITIES else Criticality.UNKNOWN


def _manifestations(reactions: list[Resource]) -> tuple[str, ...]:
    shown = (
        words(each) for one in reactions for each in elements(one, "manifestation")
    )
    told = (plain(string(one, "description")) for one in reactions)
    return tuple(dict.fromkeys(text for text in (*shown, *told) if text))


def _condition(resource: Resource, source: Reference) -> list[Finding]:
    if (
        string(resource, "resourceType") != "Condition"
        or status_code(resource, "verificationStatus") in _UNTRUE
    ):
        return []
    found = _findings(element(resource, "code"), source)
    return [replace(each, confirmed=_is_confirmed(resource)) for each in found]


def _is_past(resource: Resource) -> bool:
    """Say whether a Condition is over, by its status or by when it abated."""
    abated = any(key.startswith("abatement") for key in resource)
    status = status_code(resource, "clinicalStatus")
    return status in _PAST or (abated and not status)


def _is_confirmed(resource: Resource) -> bool:
    return status_code(resource, "verificationStatus") not in _SUSPECTED


def _findings(concept: Resource, source: Reference) -> list[Finding]:
    text, coded = words(concept), codes(concept)
    return [Finding(text=text, source=source, codes=coded)] if text else []
