"""Why the patient came: Encounter, Observation, Condition, QuestionnaireResponse."""

from collections.abc import Iterator

from domain.values import Code, Complaint, Reference
from fhir_profiles.elements import (
    LOINC,
    Resource,
    code_of,
    codes,
    element,
    elements,
    has_code,
    plain,
    status_code,
    string,
    words,
)

# Chief complaint; chief complaint and reason for visit; its section in C-CDA.
_LOINC = frozenset({"8661-1", "46239-0", "10154-3"})
_VOID = frozenset({"entered-in-error", "cancelled"})
_CATEGORY = frozenset({"encounter-diagnosis"})
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/condition-category"
_ACTIVE = frozenset({"", "active", "recurrence", "relapse"})
_BELIEVED = frozenset({"", "unconfirmed", "provisional", "differential", "confirmed"})

_Said = tuple[str, tuple[Code, ...]]


def complaints(
    resource: Resource, source: Reference, *, questions: frozenset[str] = frozenset()
) -> list[Complaint]:
    """Return the complaints that a resource states, in its order and in its words.

    An Encounter's reasons; an Observation of a chief complaint; an active
    encounter-diagnosis that is not refuted; the answers of a QuestionnaireResponse to
    `questions`: `linkId:` and a linkId, an item's `definition`, or `system|code` of
    the item in a contained Questionnaire. What was cancelled or entered in error is
    no complaint. Texts are plain and at most 500 characters.
    """
    return [
        Complaint(text=text, source=source, codes=coded)
        for text, coded in _said(resource, questions)
        if text
    ]


def _said(resource: Resource, questions: frozenset[str]) -> Iterator[_Said]:
    if string(resource, "status") in _VOID:
        return
    match string(resource, "resourceType"):
        case "Encounter":
            yield from map(_concept, elements(resource, "reasonCode"))
        case "Observation":
            yield from _observation(resource)
        case "Condition":
            yield from _condition(resource)
        case "QuestionnaireResponse":
            yield from _answers(resource, _link_ids(resource, questions), questions)
        case _:
            return


def _concept(concept: Resource) -> _Said:
    return words(concept), codes(concept)


def _observation(observation: Resource) -> Iterator[_Said]:
    if has_code(element(observation, "code"), LOINC, _LOINC):
        yield plain(string(observation, "valueString")), ()
        yield _concept(element(observation, "valueCodeableConcept"))


def _condition(condition: Resource) -> Iterator[_Said]:
    categories = elements(condition, "category")
    if (
        any(has_code(each, _CATEGORIES, _CATEGORY) for each in categories)
        and status_code(condition, "clinicalStatus") in _ACTIVE
        and status_code(condition, "verificationStatus") in _BELIEVED
    ):
        yield _concept(element(condition, "code"))


def _answers(
    parent: Resource, link_ids: frozenset[str], questions: frozenset[str]
) -> Iterator[_Said]:
    """Yield the wanted answers of all items, depth first and without recursion."""
    waiting = elements(parent, "item")[::-1]
    while waiting:
        item = waiting.pop()
        answers = elements(item, "answer")
        if string(item, "linkId") in link_ids or _defined(item, questions):
            yield from map(_answer, answers)
        nested = elements(item, "item")
        nested += [child for each in answers for child in elements(each, "item")]
        waiting += nested[::-1]


def _defined(item: Resource, questions: frozenset[str]) -> bool:
    definition = string(item, "definition")
    return bool(definition) and definition in questions


def _answer(answer: Resource) -> _Said:
    coding = code_of(element(answer, "valueCoding"))
    text = plain(string(answer, "valueString")) or coding.display or coding.code
    return text, (coding,) if coding.code else ()


def _link_ids(response: Resource, questions: frozenset[str]) -> frozenset[str]:
    """Return the linkIds that are asked for, by name or by a Questionnaire's codes."""
    named = {
        question.removeprefix("linkId:")
        for question in questions
        if question.startswith("linkId:")
    }
    waiting = [
        contained
        for contained in elements(response, "contained")
        if string(contained, "resourceType") == "Questionnaire"
    ]
    while waiting:
        item = waiting.pop()
        codings = map(code_of, elements(item, "code"))
        keys = {f"{coding.system}|{coding.code}" for coding in codings}
        if keys & questions and string(item, "linkId"):
            named.add(string(item, "linkId"))
        waiting += elements(item, "item")
    return frozenset(named)
