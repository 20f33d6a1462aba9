"""From a patient's resources to the canonical case that rules and model see."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.values import Age, Case, Complaint, Finding, Reference, Sex, Vital
from fhir_profiles import history, patient
from fhir_profiles.complaint import complaints
from fhir_profiles.currency import is_current
from fhir_profiles.pregnancy import pregnancy
from fhir_profiles.vital_signs import vitals

Resource = dict[str, Any]
Sourced = tuple[Reference, Resource]


def canonical_case(
    of: Sourced | Reference,
    resources: Iterable[Sourced],
    *,
    encounter: Reference | None,
    at: datetime,
    window: timedelta,
    questions: frozenset[str] = frozenset(),
    linked: Sequence[Sourced] = (),
) -> Case:
    """Return the case of a patient (a bare reference where no Patient was sent).

    Vitals and complaints count while current; history and the own encounter always.
    `linked` are other records of the same person: they say what the own does not.
    """
    whom, own = of if isinstance(of, tuple) else (of, {})
    told = [own, *(content for _, content in linked)]
    known = sorted(resources, key=lambda each: str(each[0]))
    current = _current(known, encounter, at, window)
    said, measured = _complaints(current, questions), _vitals(current)
    conditions = _found(known, lambda each: history.conditions(each[1], each[0]))
    allergies = _found(known, lambda each: history.allergies(each[1], each[0]))
    medications = _found(known, lambda each: history.medications(*each[::-1], at=at))
    used = _sources(said, measured, conditions, allergies, medications)
    return Case(
        patient=whom,
        at=at,
        age=_age(told, at),
        sex=_sex(told),
        pregnancy=pregnancy((content for _, content in known), at),
        complaints=said,
        vitals=measured,
        conditions=conditions,
        medications=medications,
        allergies=allergies,
        inputs=tuple(sorted({whom, *(each for each, _ in linked), *used}, key=str)),
    )


def _current(
    known: list[Sourced], encounter: Reference | None, at: datetime, window: timedelta
) -> list[Sourced]:
    return [
        each
        for each in known
        if is_current(each[1], at, window) or each[0].unversioned() == encounter
    ]


def _age(told: list[Resource], at: datetime) -> Age | None:
    ages = (patient.age(each, at) for each in told)
    return next((each for each in ages if each is not None), None)


def _sex(told: list[Resource]) -> Sex:
    sexes = (patient.sex(each) for each in told)
    return next((each for each in sexes if each is not Sex.UNKNOWN), Sex.UNKNOWN)


def _sources(*read: Iterable[Complaint | Vital | Finding]) -> set[Reference]:
    return {each.source for group in read for each in group}


def _complaints(
    current: list[Sourced], questions: frozenset[str]
) -> tuple[Complaint, ...]:
    return tuple(
        complaint
        for source, content in current
        for complaint in complaints(content, source, questions=questions)
    )


def _vitals(current: list[Sourced]) -> tuple[Vital, ...]:
    return tuple(
        vital
        for source, content in current
        if content.get("resourceType") == "Observation"
        for vital in vitals(content, source)
    )


def _found(
    known: list[Sourced], read: Callable[[Sourced], list[Finding]]
) -> tuple[Finding, ...]:
    return tuple(finding for each in known for finding in read(each))
