"""Why the patient came: Encounter, Observation, Condition, answers, ServiceRequest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from domain.particulars import Onset
from domain.values import Code, Complaint, Reference
from fhir_profiles.answers import CHIEF_COMPLAINT, answers
from fhir_profiles.elements import (
    LOINC,
    LONGEST_STORY,
    Resource,
    codes,
    element,
    elements,
    has_code,
    plain,
    status_code,
    string,
    words,
)
from fhir_profiles.telling import author, onset

VOID = frozenset({"entered-in-error", "cancelled"})
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/condition-category"
_ACTIVE = frozenset({"", "active", "recurrence", "relapse"})
_SUSPECTED = frozenset({"unconfirmed", "provisional", "differential"})
_BELIEVED = _SUSPECTED | {"", "confirmed"}
_NO_REQUEST = VOID | {"draft", "revoked"}
_WISHES = frozenset({"proposal", "option"})
_CHIEF = "CC"  # http://terminology.hl7.org/CodeSystem/diagnosis-role
_TELLERS = MappingProxyType(
    {
        "Observation": ("performer",),
        "Condition": ("asserter", "recorder"),
        "QuestionnaireResponse": ("source", "author"),
        "ServiceRequest": ("requester",),
    }
)

_Said = tuple[str, tuple[Code, ...]]


def complaints(
    resource: Resource,
    source: Reference,
    *,
    questions: frozenset[str] = frozenset(),
    forms: Sequence[Resource] = (),
) -> list[Complaint]:
    """Return the complaints that a resource states, in its order and in its words.

    An Encounter's reasons; an Observation of a chief complaint; an active
    encounter-diagnosis, or a suspected problem; the answers of a QuestionnaireResponse
    to what asks for a complaint (see `answers`); the reasons of a ServiceRequest that
    stands. What was refuted, cancelled or entered in error is no complaint. Texts are
    plain and at most 8,000 characters.
    """
    return _complaints(resource, source, _said(resource, questions, forms))


def as_reason(resource: Resource, source: Reference) -> list[Complaint]:
    """Return what a Condition, Observation or Procedure says as somebody's reason.

    An Encounter that names it as its reason makes it a complaint, in any category.
    """
    kind = string(resource, "resourceType")
    if string(resource, "status") in VOID or not _is_believed(resource):
        return []
    said = [_concept(element(resource, "code"))]
    if kind == "Observation":
        said = list(_observed(resource)) or said
    return _complaints(resource, source, said)


def reasons(resource: Resource) -> list[Resource]:
    """Return the References by which an Encounter or ServiceRequest names its reasons.

    Of an Encounter's diagnoses, those in the role of a chief complaint too.
    """
    if string(resource, "status") in _NO_REQUEST:
        return []
    named = elements(resource, "reasonReference")
    named += [
        element(each, "condition")
        for each in elements(resource, "diagnosis")
        if any(code.code == _CHIEF for code in codes(element(each, "use")))
    ]
    return [each for each in named if each]


def states_reason(
    resource: Resource, source: Reference, questions: frozenset[str]
) -> bool:
    """Say whether a resource alone shows that there is a complaint.

    Also an Encounter that only refers to its reason. Not a ServiceRequest: it orders
    something for somebody whose encounter or vital signs are the case.
    """
    kind = string(resource, "resourceType")
    if kind == "ServiceRequest":
        return False
    named = kind == "Encounter" and bool(reasons(resource))
    return named or bool(complaints(resource, source, questions=questions))


def _complaints(
    resource: Resource, source: Reference, said: Iterator[_Said] | Sequence[_Said]
) -> list[Complaint]:
    teller = author(resource, _TELLERS.get(string(resource, "resourceType"), ()))
    since = onset(resource)
    return [
        Complaint(text=text, source=source, codes=coded, author=teller, onset=since)
        for text, coded in said
        if text
    ]


def _said(
    resource: Resource, questions: frozenset[str], forms: Sequence[Resource]
) -> Iterator[_Said]:
    if string(resource, "status") in VOID:
        return
    kind = string(resource, "resourceType")
    if kind == "QuestionnaireResponse":
        yield from answers(resource, questions, forms)
    elif kind in _READERS:
        yield from _READERS[kind](resource)


def _concept(concept: Resource) -> _Said:
    return words(concept, LONGEST_STORY), codes(concept)


def _reasons(resource: Resource) -> Iterator[_Said]:
    """Yield the reasons in words, and those of contained resources."""
    yield from map(_concept, elements(resource, "reasonCode"))
    named = {string(each, "reference") for each in reasons(resource)}
    for each in elements(resource, "contained"):
        if f"#{string(each, 'id')}" in named:
            yield _concept(element(each, "code"))


def _ordered(request: Resource) -> Iterator[_Said]:
    stands = string(request, "status") not in _NO_REQUEST
    if stands and string(request, "intent") not in _WISHES:
        yield from _reasons(request)


def _chief(observation: Resource) -> Iterator[_Said]:
    if has_code(element(observation, "code"), LOINC, CHIEF_COMPLAINT):
        yield from _observed(observation)


def _observed(observation: Resource) -> Iterator[_Said]:
    text = plain(string(observation, "valueString"), LONGEST_STORY)
    concept = _concept(element(observation, "valueCodeableConcept"))
    yield from (each for each in ((text, ()), concept) if each[0])


def _presenting(condition: Resource) -> Iterator[_Said]:
    if _is_presenting(condition):
        yield _concept(element(condition, "code"))


def _is_presenting(condition: Resource) -> bool:
    """Say whether a Condition is of this visit, or a problem that is only suspected."""
    categories = elements(condition, "category")
    visit = any(
        has_code(each, _CATEGORIES, frozenset({"encounter-diagnosis"}))
        for each in categories
    )
    suspected = status_code(condition, "verificationStatus") in _SUSPECTED
    return (
        (visit or suspected)
        and status_code(condition, "clinicalStatus") in _ACTIVE
        and _is_believed(condition)
    )


def _is_believed(resource: Resource) -> bool:
    return status_code(resource, "verificationStatus") in _BELIEVED


def dated(complaint: Complaint, since: Onset | None) -> Complaint:
    """Return a complaint with an onset that was told apart from it, if it has none."""
    return complaint if complaint.onset else replace(complaint, onset=since)


_READERS: MappingProxyType[str, Callable[[Resource], Iterator[_Said]]] = (
    MappingProxyType(
        {
            "Encounter": _reasons,
            "Observation": _chief,
            "Condition": _presenting,
            "ServiceRequest": _ordered,
        }
    )
)
