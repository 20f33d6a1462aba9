"""The search parameters that are indexed (FHIR R4 SearchParameter registry).

Paths are dotted element names; a list anywhere on the way is walked through.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["token", "reference", "date", "rank"]


@dataclass(frozen=True)
class Parameter:
    """One search parameter of one type: its kind and the elements it reads."""

    name: str
    kind: Kind
    paths: tuple[str, ...]


def _of(name: str, kind: Kind, *paths: str) -> Parameter:
    return Parameter(name, kind, paths or (name,))


_IDENTIFIER = _of("identifier", "token")
_STATUS = _of("status", "token")
_CODE = _of("code", "token")
_CATEGORY = _of("category", "token")
_ENCOUNTER = _of("encounter", "reference")


def _about(path: str) -> tuple[Parameter, Parameter]:
    return _of("patient", "reference", path), _of("subject", "reference", path)


_UNLISTED = (
    _IDENTIFIER,
    _of("patient", "reference", "patient", "subject"),
    _of("subject", "reference", "subject"),
)

PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "Patient": (
        _IDENTIFIER,
        _of("gender", "token"),
    ),
    "Observation": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _STATUS,
        _CODE,
        _CATEGORY,
        _of("date", "date", "effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    ),
    "MedicationStatement": (
        _IDENTIFIER,
        *_about("subject"),
        _of("context", "reference"),
        _STATUS,
        _of("code", "token", "medicationCodeableConcept"),
        _of("effective", "date", "effectiveDateTime", "effectivePeriod"),
    ),
    "MedicationRequest": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _STATUS,
        _of("intent", "token"),
        _of("code", "token", "medicationCodeableConcept"),
        _of("authoredon", "date", "authoredOn"),
    ),
    "AllergyIntolerance": (
        _IDENTIFIER,
        _of("patient", "reference"),
        _CODE,
        _of("clinical-status", "token", "clinicalStatus"),
        _of("date", "date", "recordedDate"),
    ),
    "Condition": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _CODE,
        _CATEGORY,
        _of("clinical-status", "token", "clinicalStatus"),
        _of("recorded-date", "date", "recordedDate"),
    ),
    "Encounter": (
        _IDENTIFIER,
        *_about("subject"),
        _STATUS,
        _of("class", "token"),
        _of("reason-code", "token", "reasonCode"),
        _of("date", "date", "period"),
    ),
    "QuestionnaireResponse": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _STATUS,
        _of("authored", "date"),
    ),
    "ClinicalImpression": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _STATUS,
        _of("assessor", "reference"),
        _of("previous", "reference"),
        _of("date", "date"),
    ),
    "RiskAssessment": (
        _IDENTIFIER,
        *_about("subject"),
        _ENCOUNTER,
        _of("performer", "reference"),
        _of("date", "date", "occurrenceDateTime", "occurrencePeriod"),
    ),
    "Task": (
        _IDENTIFIER,
        *_about("for"),
        _ENCOUNTER,
        _of("focus", "reference"),
        _of("owner", "reference"),
        _of("requester", "reference"),
        _STATUS,
        _CODE,
        _of("group-identifier", "token", "groupIdentifier"),
        _of("priority", "rank"),
        _of("authored-on", "date", "authoredOn"),
        _of("modified", "date", "lastModified"),
    ),
    "Provenance": (
        _of("target", "reference"),
        _of("patient", "reference", "target"),
        _of("agent", "reference", "agent.who"),
        _of("entity", "reference", "entity.what"),
        _of("recorded", "date"),
    ),
    "Device": (_IDENTIFIER, _of("type", "token"), _STATUS),
}

RANKS = {"stat": 1, "asap": 2, "urgent": 3, "routine": 4}
"""Order of Task.priority for `_sort=priority`, most urgent first."""


def of_type(kind: str) -> tuple[Parameter, ...]:
    """Return the indexed parameters of a resource type."""
    return PARAMETERS.get(kind, _UNLISTED)
