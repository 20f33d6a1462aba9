"""What an Encounter says of how the patient came, and when she was last known well."""

import re
from collections.abc import Iterable

from domain.particulars import Onset
from fhir_profiles.elements import (
    LOINC,
    SNOMED,
    Resource,
    codes,
    element,
    elements,
    has_code,
    plain,
    string,
    words,
)
from fhir_profiles.moments import Span, period, span
from fhir_profiles.telling import interval

_TRANSFER = "hosp-trans"  # http://terminology.hl7.org/CodeSystem/admit-source
_PRIORITIES = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"
_ONSET = frozenset({"11368-8"})  # illness or injury onset date and time
_LAST_WELL = re.compile(
    r"(?:time |date )*last (?:known|seen) (?:to be )?(?:well|normal)", re.IGNORECASE
)
_VOID = frozenset({"entered-in-error", "cancelled"})
_NO_REQUEST = frozenset({"entered-in-error", "draft", "revoked", "completed"})
_WISHES = frozenset({"proposal", "option"})
_REFERRALS = frozenset({"3457005", "103696004", "306206005"})
"""SNOMED CT: patient referral, to a specialist, to a service."""

_URGENCY = ("stat", "S", "asap", "A", "urgent", "UR", "T", "EM")


def is_transfer(encounter: Resource) -> bool:
    """Say whether the patient was sent by another hospital (admitSource)."""
    source = element(element(encounter, "hospitalization"), "admitSource")
    return any(code.code == _TRANSFER for code in codes(source))


def priority(resource: Resource) -> str:
    """Return how soon an Encounter or a referral asks for care, or "".

    Of an Encounter a code of v3 ActPriority. Of a ServiceRequest that stands the
    request-priority, if it refers the patient: orders of tests are `stat` every day.
    """
    if string(resource, "resourceType") == "ServiceRequest":
        return string(resource, "priority") if _refers(resource) else ""
    found = codes(element(resource, "priority"))
    return next((code.code for code in found if code.system == _PRIORITIES), "")


def most_urgent(priorities: Iterable[str]) -> str:
    """Return the most urgent of some priorities, "" where there is none."""
    return min(filter(None, priorities), key=_rank, default="")


def _rank(asked: str) -> tuple[int, str]:
    return _URGENCY.index(asked) if asked in _URGENCY else len(_URGENCY), asked


def _refers(request: Resource) -> bool:
    """Say whether a ServiceRequest stands and is a referral, by its codes or words."""
    if string(request, "status") in _NO_REQUEST or string(request, "intent") in _WISHES:
        return False
    said = (*elements(request, "category"), element(request, "code"))
    return any(
        has_code(each, SNOMED, _REFERRALS) or "referral" in words(each).casefold()
        for each in said
    )


def told_onset(observations: Iterable[Resource]) -> Onset | None:
    """Return the onset that an Observation of its own tells (LOINC 11368-8)."""
    return _latest(
        each for each in observations if has_code(element(each, "code"), LOINC, _ONSET)
    )


def last_known_well(observations: Iterable[Resource]) -> Onset | None:
    """Return when the patient was last known well, by an Observation so named.

    LOINC has no code for it that is in use: the Observation's own words name it, and
    its value is a time, a period or a text.
    """
    return _latest(each for each in observations if _names_last_well(each))


def _names_last_well(observation: Resource) -> bool:
    code = element(observation, "code")
    named = (string(code, "text"), *(each.display for each in codes(code)))
    return any(_LAST_WELL.match(plain(each)) for each in named)


def _latest(observations: Iterable[Resource]) -> Onset | None:
    """Return the latest of the times told: within the limit where any is."""
    told = [_told(each) for each in observations if string(each, "status") not in _VOID]
    found = [each for each in told if each is not None]
    timed = [each for each in found if each.latest is not None]
    return max(timed, key=_end, default=next(iter(found), None))


def _end(onset: Onset) -> str:
    return onset.latest.isoformat() if onset.latest else ""


def _told(observation: Resource) -> Onset | None:
    text = plain(string(observation, "valueString"))
    when: Span | None = (
        span(string(observation, "valueDateTime"))
        or period(element(observation, "valuePeriod"))
        or span(text)
    )
    if when is not None:
        return interval(when, when)
    return Onset(words=text) if text else None
