"""From a patient's resources to the canonical case that rules and model see."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.values import (
    Age,
    Case,
    Complaint,
    Finding,
    Pregnancy,
    Reference,
    Sex,
    Vital,
)
from fhir_profiles import arrival, history, patient
from fhir_profiles.gestation import birth, gestation
from fhir_profiles.medication import medication_of, medications
from fhir_profiles.pregnancy import pregnancy
from gateway.translate.case_record import CaseRecord
from gateway.translate.complained import complained, forms
from gateway.translate.measured import measured

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

    `at` is when the data were gathered: vitals and complaints count while they are
    within `window` of it; history and the own encounter always. All else is judged by
    the case's own clock, the newest instant that its current data state. Among the
    resources may be Medications and Questionnaires, to which others refer. `linked`
    are other records of the same person: they say what the own does not.
    """
    whom, own = of if isinstance(of, tuple) else (of, {})
    told = [own, *(content for _, content in linked)]
    record = CaseRecord(resources, encounter=encounter, at=at, window=window)
    case = _gathered(whom, told, record, questions, at)
    maternal = _maternal(record)
    case = _expecting(case, [content for _, content in maternal], record.now)
    case = _arrived(case, record)
    named = {whom, *(each for each, _ in (*linked, *maternal)), *_behind(record)}
    inputs = sorted({*named, *_sources(case)}, key=str)
    return replace(case, inputs=tuple(inputs))


def _gathered(
    whom: Reference,
    told: list[Resource],
    record: CaseRecord,
    questions: frozenset[str],
    at: datetime,
) -> Case:
    return Case(
        patient=whom,
        at=at,
        clock=record.clock,
        age=_age(told, record),
        sex=_sex(told),
        deceased=any(map(patient.is_deceased, told)),
        complaints=complained(record, questions),
        vitals=measured(record.of("Observation")),
        conditions=_conditions(record),
        medications=_medications(record),
        allergies=record.findings(history.allergies),
        history=record.findings(history.history),
    )


def _maternal(record: CaseRecord) -> list[Sourced]:
    """Return what says anything of a pregnancy or a birth."""
    kinds = ("Observation", "Condition", "Procedure")
    of_kinds = (each for each in record.known if each[0].type in kinds)
    return [each for each in of_kinds if _is_maternal(each[1], record.now)]


def _is_maternal(resource: Resource, now: datetime) -> bool:
    one = [resource]
    known = pregnancy(one, now) is not Pregnancy.UNKNOWN
    return known or gestation(one, now) is not None or birth(one, now) is not None


def _expecting(case: Case, maternal: list[Resource], now: datetime) -> Case:
    born, stage = birth(maternal, now), pregnancy(maternal, now)
    pregnant, after = stage is Pregnancy.PREGNANT, stage is Pregnancy.POSTPARTUM
    return replace(
        case,
        pregnancy=stage,
        gestation=gestation(maternal, now) if pregnant else None,
        postpartum=max((now - born.end).days, 0) if born and after else None,
    )


def _arrived(case: Case, record: CaseRecord) -> Case:
    visits = [content for _, content in record.of("Encounter")]
    asking = [content for _, content in record.of("Encounter", "ServiceRequest")]
    seen = [content for _, content in record.of("Observation")]
    return replace(
        case,
        transferred=any(map(arrival.is_transfer, visits)),
        priority=arrival.most_urgent(map(arrival.priority, asking)),
        last_known_well=arrival.last_known_well(seen),
    )


def _age(told: list[Resource], record: CaseRecord) -> Age | None:
    born = (patient.age(each, record.now) for each in told)
    stated = (patient.stated_age(each, record.now) for each in record.contents)
    return next((each for each in (*born, *stated) if each is not None), None)


def _sex(told: list[Resource]) -> Sex:
    sexes = (patient.sex(each) for each in told)
    return next((each for each in sexes if each is not Sex.UNKNOWN), Sex.UNKNOWN)


def _conditions(record: CaseRecord) -> tuple[Finding, ...]:
    """Return what the patient has, also as a Flag or a missing vaccine tells it."""
    return (
        *record.findings(history.conditions),
        *record.findings(lambda each, of: history.flags(each, of, at=record.now)),
        *record.findings(history.unvaccinated),
    )


def _medications(record: CaseRecord) -> tuple[Finding, ...]:
    named = {name: content for name, (_, content) in record.by_name.items()}
    return record.findings(
        lambda each, source: medications(each, source, at=record.now, named=named)
    )


def _sources(case: Case) -> set[Reference]:
    findings = (case.conditions, case.medications, case.allergies, case.history)
    stated: list[Complaint | Finding | Vital] = [*case.complaints, *case.vitals]
    stated += [each for group in findings for each in group]
    return {each.source for each in stated} | {
        part for vital in case.vitals for part in vital.also
    }


def _behind(record: CaseRecord) -> set[Reference]:
    """Return what is in the case without being a value of its own: dates, a form."""
    spoken = {source for source, _ in forms(record)}
    spoken |= record.behind(lambda each: patient.stated_age(each, record.now))
    for source, content in record.of("Encounter", "Observation", "ServiceRequest"):
        if _of_arrival(content):
            spoken.add(source)
    for content in record.contents:
        if found := record.by_name.get(medication_of(content)):
            spoken.add(found[0])
    return spoken


def _of_arrival(resource: Resource) -> bool:
    return bool(
        arrival.is_transfer(resource)
        or arrival.priority(resource)
        or arrival.last_known_well([resource])
        or arrival.told_onset([resource])
    )
