"""What an Encounter says of how the patient came, and when she was last known well."""

import re
from collections.abc import Iterable

from domain.particulars import Onset
from fhir_profiles.elements import (
    LOINC,
    Resource,
    codes,
    element,
    has_code,
    plain,
    string,
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


def is_transfer(encounter: Resource) -> bool:
    """Say whether the patient was sent by another hospital (admitSource)."""
    source = element(element(encounter, "hospitalization"), "admitSource")
    return any(code.code == _TRANSFER for code in codes(source))


def priority(encounter: Resource) -> str:
    """Return the encounter's priority, a code of v3 ActPriority, or ""."""
    found = codes(element(encounter, "priority"))
    return next((code.code for code in found if code.system == _PRIORITIES), "")


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
