"""How far a pregnancy is, and when it ended: weeks, due dates, last period, birth."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from types import MappingProxyType

from fhir_profiles.elements import (
    LOINC,
    SNOMED,
    Resource,
    codes,
    element,
    has_code,
    plain,
    string,
)
from fhir_profiles.moments import Span, first_span, span
from fhir_profiles.observed import observed
from fhir_profiles.units import number

TERM = timedelta(days=280)
LONGEST_TERM = timedelta(weeks=42)

_AGES = frozenset({"11884-4", "11885-1", "18185-9", "49051-6"})
"""LOINC: gestational age; from the last period; by other means; in weeks."""

_DUE = frozenset({"11778-8", "11779-6", "11780-4"})
_LAST_PERIOD = frozenset({"8665-2"})
_BIRTH = frozenset({"93857-1"})  # date and time of obstetric delivery
_DELIVERIES = frozenset({"236973005", "177184002", "11466000", "177141003"})
"""SNOMED CT: delivery, normal, by caesarean section, elective caesarean section."""

_ICD_DELIVERIES = re.compile(r"O8[0-4]|Z37", re.IGNORECASE)
_ICD = "http://hl7.org/fhir/sid/icd-10"
_DAYS = MappingProxyType({"wk": 7, "week": 7, "weeks": 7, "d": 1, "day": 1, "days": 1})
_WRITTEN = re.compile(
    r"(\d{1,2})\s*(?:w|wk|wks|weeks?)?\s*(?:\+|,|and|(?<=[a-z])\s)\s*([0-6])"
    r"\s*(?:d|days?)?|(\d{1,2})\s*(?:w|wk|wks|weeks?)",
    re.ASCII | re.IGNORECASE,
)
_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "preparation"})


def age_then(observation: Resource, at: datetime) -> tuple[datetime, timedelta | None]:
    """Return when a gestational age or due date was stated, and the age at that time.

    None where the age cannot be read; the statement of a pregnancy stands.
    """
    seen = observed(observation)
    stated = seen.end if seen else at
    if has_code(element(observation, "code"), LOINC, _DUE):
        due = _date(observation)
        if due is not None and seen is None:
            return due.end - TERM, timedelta()
        age = None if due is None else TERM - (due.end - stated)
        return stated, age if age is not None and _is_possible(age) else None
    return stated, _age(observation)


CODES = _AGES | _DUE | _LAST_PERIOD | _BIRTH
"""LOINC codes of what is read here."""


def states_pregnancy(observation: Resource) -> bool:
    """Say whether an Observation gives a gestational age or a due date."""
    return has_code(element(observation, "code"), LOINC, _AGES | _DUE)


def gestation(resources: Iterable[Resource], at: datetime) -> int | None:
    """Return the days of a pregnancy at a time; the newest statement counts.

    From a gestational age or a due date, else from the last period.
    """
    known = [each for each in resources if _is_told(each, "Observation")]
    stated = [age_then(each, at) for each in known if states_pregnancy(each)]
    found = [(then, age + (at - then)) for then, age in stated if age is not None]
    if not found:
        found = [(day.end, at - day.start) for day in _dates(known, _LAST_PERIOD)]
    possible = [each for each in found if _is_possible(each[1])]
    return max(possible)[1].days if possible else None


def birth(resources: Iterable[Resource], at: datetime) -> Span | None:
    """Return when the patient last gave birth before a time, where that is recorded.

    From the date of delivery, a Procedure of delivery, or a Condition of one.
    """
    known = list(resources)
    found = [*_dates([e for e in known if _is_told(e, "Observation")], _BIRTH)]
    found += [when for each in known if (when := _delivered(each))]
    past = (each for each in found if each.start <= at)
    return max(past, key=lambda each: each.end, default=None)


def _dates(known: Iterable[Resource], wanted: frozenset[str]) -> Iterator[Span]:
    for each in known:
        day = _date(each)
        if day is not None and has_code(element(each, "code"), LOINC, wanted):
            yield day


def _date(observation: Resource) -> Span | None:
    return first_span(observation, ("valueDateTime", "valuePeriod")) or span(
        plain(string(observation, "valueString"))
    )


def _delivered(resource: Resource) -> Span | None:
    code = element(resource, "code")
    if _is_told(resource, "Procedure"):
        times = ("performedDateTime", "performedPeriod")
        return first_span(resource, times) if _is_delivery(code) else None
    if _is_told(resource, "Condition") and _is_delivery(code):
        return first_span(resource, ("onsetDateTime", "onsetPeriod", "recordedDate"))
    return None


def _is_delivery(concept: Resource) -> bool:
    return has_code(concept, SNOMED, _DELIVERIES) or any(
        code.system.startswith(_ICD) and _ICD_DELIVERIES.match(code.code)
        for code in codes(concept)
    )


def _is_told(resource: Resource, kind: str) -> bool:
    status = string(resource, "status")
    return string(resource, "resourceType") == kind and status not in _VOID


def _age(observation: Resource) -> timedelta | None:
    """Return a gestational age in weeks or days; None where it cannot be read."""
    quantity = element(observation, "valueQuantity")
    value = number(quantity.get("value"))
    day = _DAYS.get(string(quantity, "code") or string(quantity, "unit").casefold())
    if value is None or day is None:
        return _age_written(plain(string(observation, "valueString")))
    possible = 0 <= value * day <= LONGEST_TERM.days
    return timedelta(days=int(value * day)) if possible else None


def _age_written(text: str) -> timedelta | None:
    """Read "20 weeks 3 days", "20+3", "20w"."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    age = timedelta(weeks=int(match[1] or match[3]), days=int(match[2] or 0))
    return age if _is_possible(age) else None


def _is_possible(age: timedelta) -> bool:
    return timedelta() <= age <= LONGEST_TERM
