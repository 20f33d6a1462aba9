"""Answers of a QuestionnaireResponse to the questions that ask for a complaint.

R4's answers carry no codes (https://hl7.org/fhir/R4/questionnaireresponse.html): what
an item asks is in the Questionnaire, contained or stored, or a site names the linkId.
"""

from collections.abc import Iterable, Iterator, Sequence

from domain.values import Code
from fhir_profiles.elements import (
    LOINC,
    LONGEST_STORY,
    Resource,
    code_of,
    element,
    elements,
    plain,
    string,
)

CHIEF_COMPLAINT = frozenset({"8661-1", "46239-0", "10154-3"})
"""LOINC: chief complaint; it and the reason for visit; its section in C-CDA."""

_ALWAYS = frozenset(f"{LOINC}|{code}" for code in CHIEF_COMPLAINT)


def answers(
    response: Resource, questions: frozenset[str], forms: Sequence[Resource] = ()
) -> Iterator[tuple[str, tuple[Code, ...]]]:
    """Yield text and codes of the answers that are complaints, depth first.

    `questions`: `linkId:` and a linkId, an item's `definition`, or `system|code` of
    the item in the Questionnaire, which is contained or one of the stored `forms`.
    An item coded as a chief complaint (LOINC) asks for one without being named.
    """
    asked = _link_ids(_questionnaires(response, forms), questions)
    waiting = elements(response, "item")[::-1]
    while waiting:
        item = waiting.pop()
        given = elements(item, "answer")
        if string(item, "linkId") in asked or _defined(item, questions):
            yield from map(_answer, given)
        nested = elements(item, "item")
        nested += [child for each in given for child in elements(each, "item")]
        waiting += nested[::-1]


def canonical(response: Resource) -> str:
    """Return the canonical URL of the Questionnaire that was answered, or ""."""
    return string(response, "questionnaire")


def _questionnaires(
    response: Resource, forms: Sequence[Resource]
) -> Iterator[Resource]:
    contained = elements(response, "contained")
    for each in contained:
        if string(each, "resourceType") == "Questionnaire":
            yield each
    url, _, version = canonical(response).partition("|")
    for form in forms:
        same = bool(url) and string(form, "url") == url
        if same and version in {"", string(form, "version")}:
            yield form


def _defined(item: Resource, questions: frozenset[str]) -> bool:
    definition = string(item, "definition")
    return bool(definition) and definition in questions


def _answer(answer: Resource) -> tuple[str, tuple[Code, ...]]:
    coding = code_of(element(answer, "valueCoding"))
    told = plain(string(answer, "valueString"), LONGEST_STORY)
    text = told or coding.display or coding.code
    return text, (coding,) if coding.code else ()


def _link_ids(
    questionnaires: Iterable[Resource], questions: frozenset[str]
) -> frozenset[str]:
    """Return the linkIds that are asked for, by name or by a Questionnaire's codes."""
    wanted = questions | _ALWAYS
    named = {
        question.removeprefix("linkId:")
        for question in questions
        if question.startswith("linkId:")
    }
    waiting = list(questionnaires)
    while waiting:
        item = waiting.pop()
        codings = map(code_of, elements(item, "code"))
        keys = {f"{coding.system}|{coding.code}" for coding in codings}
        if keys & wanted and string(item, "linkId"):
            named.add(string(item, "linkId"))
        waiting += elements(item, "item")
    return frozenset(named)
