"""Observation to vital signs, in canonical units, each with a judgement of quality.

Codes, units and limits: LOINC, UCUM, https://hl7.org/fhir/R4/observation-vitalsigns.html.
What cannot be read is never taken as normal: it comes back as unreadable.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.particulars import Flaw
from domain.values import Quality, Reference, Vital, VitalName
from fhir_profiles import coma
from fhir_profiles.consciousness import consciousness
from fhir_profiles.elements import (
    LOINC,
    Resource,
    codes,
    element,
    elements,
    has_code,
    plain,
    string,
)
from fhir_profiles.observed import observed
from fhir_profiles.oxygen import apart, breathes_oxygen
from fhir_profiles.vital_codes import PRESSURES, vital_name
from fhir_profiles.vital_values import values

V = VitalName

NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})
_CONFIRMED = frozenset({"final", "amended", "corrected"})
_CRITICAL = frozenset({"HH", "LL", "AA", "HU", "LU"})
_BOTH = re.compile(r"(\d{1,3}\s*)/(\s*\d{1,3}\s*)(mm\s?\[?hg\]?|kpa)", re.IGNORECASE)
_PLACES = {name: place for place, name in enumerate(V)}


def vitals(observation: Resource, source: Reference) -> list[Vital]:
    """Return the vital signs of an Observation, its components and contained members.

    Nothing comes of an Observation that was entered in error or cancelled, of codes
    that are no vital sign, and of what nobody measured (`dataAbsentReason`): those are
    missing, which the rules know. A missing or foreign unit, a curve, a text that is
    no plain number with its unit give an unreadable vital, also a temperature of
    "98.6" without a unit: what is obvious at 98.6 is not at 40, and a habit of
    guessing would hide the sender's fault. An implausible value is kept and marked.
    A range gives both its ends; a bound (`<`, `>`) gives its urgent end, and is marked
    where worse may lie beyond. Each value is there once, in an order of its own.
    """
    if string(observation, "status") in NOT_MEASURED:
        return []
    found: set[Vital] = set()
    parts: list[tuple[Reference, Resource]] = []
    for part in _measurements(observation):
        blank = _blank(part, observation, source)
        found.update(_of_part(part, blank))
        if coma.part_of(part) and part is not observation:
            parts.append((source, {**observation, **part}))
    return in_order([*found, *scale(parts)])


def in_order(found: Iterable[Vital]) -> list[Vital]:
    """Return vital signs in an order that does not depend on how they were sent."""
    return sorted(found, key=_place)


def is_vital_sign(observation: Resource) -> bool:
    """Say whether an Observation tells how the patient is; a weight alone does not."""
    if coma.part_of(observation) and string(observation, "status") not in NOT_MEASURED:
        return True
    unsaved = Reference(type="Observation", id="unsaved")
    return any(each.name is not V.WEIGHT for each in vitals(observation, unsaved))


def scale(parts: Sequence[tuple[Reference, Resource]]) -> list[Vital]:
    """Return the Glasgow Coma Scale that Observations of its parts make together.

    Where a part is missing or cannot be read ("intubated"), the best that it can be is
    taken, if even so the patient is not alert; else the scale is unreadable.
    """
    if not parts:
        return []
    points = coma.points(each for _, each in parts)
    best = coma.at_best(points)
    incomplete = len(points) < len(coma.MOST)
    unreadable = incomplete and best == sum(coma.MOST.values())
    first, *others = sorted({source for source, _ in parts}, key=str)
    whole = replace(
        _blank(parts[0][1], parts[0][1], first),
        name=V.GLASGOW_COMA_SCALE,
        value=None if unreadable else Decimal(best),
        quality=Quality.UNREADABLE if unreadable else Quality.GOOD,
        flaw=Flaw.INCOMPLETE if incomplete else None,
        preliminary=any(map(_is_preliminary, (each for _, each in parts))),
        also=tuple(others),
    )
    return [whole]


def _place(vital: Vital) -> tuple[int, str, str]:
    level = vital.consciousness or vital.value
    return _PLACES[vital.name], str(vital.source), f"{level} {vital.quality}"


def _measurements(observation: Resource) -> list[Resource]:
    """Return the Observation, its components, and members that it contains."""
    members = {
        string(each, "reference").removeprefix("#")
        for each in elements(observation, "hasMember")
    }
    contained = [
        each
        for each in elements(observation, "contained")
        if string(each, "resourceType") == "Observation"
        and string(each, "id") in members
        and string(each, "status") not in NOT_MEASURED
    ]
    whole = [observation, *contained]
    return [*whole, *(part for each in whole for part in elements(each, "component"))]


def _blank(part: Resource, observation: Resource, source: Reference) -> Vital:
    """Return what holds for every value of a part; name and value are still to come."""
    seen = observed(part) or observed(observation)
    said = (
        code for concept in elements(part, "interpretation") for code in codes(concept)
    )
    return Vital(
        name=V.HEART_RATE,
        source=source,
        effective=seen.start if seen else None,
        until=seen.end if seen and seen.end != seen.start else None,
        critical=any(code.code in _CRITICAL for code in said),
        preliminary=_is_preliminary(observation),
    )


def _is_preliminary(observation: Resource) -> bool:
    return string(observation, "status") not in _CONFIRMED


def _of_part(part: Resource, blank: Vital) -> Iterator[Vital]:
    name = vital_name(part)
    oxygen = breathes_oxygen(part, name)
    if oxygen is not None:
        name = None  # It is no number.
    elif name is V.OXYGEN_SATURATION:
        text, oxygen = apart(string(part, "valueString"))
        part = part if oxygen is None else {**part, "valueString": text}
    if oxygen is not None:
        yield replace(blank, name=V.SUPPLEMENTAL_OXYGEN, value=Decimal(oxygen))
    if name is not None:
        yield from _named(part, name, blank)
    elif has_code(element(part, "code"), LOINC, PRESSURES):
        yield from _pressures(part, blank)


def _named(part: Resource, name: VitalName, blank: Vital) -> Iterator[Vital]:
    if name is V.CONSCIOUSNESS and _has_value(part):
        yield _alertness(part, blank)
    elif name is V.GLASGOW_COMA_SCALE and (total := coma.written(part)):
        yield replace(blank, name=name, value=Decimal(total))
    else:
        yield from _numbers(part, name, blank)


def _has_value(part: Resource) -> bool:
    return any(key.startswith("value") for key in part)


def _numbers(part: Resource, name: VitalName, blank: Vital) -> Iterator[Vital]:
    for each in values(part, name):
        yield replace(
            blank, name=name, value=each.value, quality=each.quality, flaw=each.flaw
        )


def _alertness(part: Resource, blank: Vital) -> Vital:
    level = None if "dataAbsentReason" in part else consciousness(part)
    if level is None:
        blank = replace(blank, quality=Quality.UNREADABLE, flaw=Flaw.NO_NUMBER)
    return replace(blank, name=V.CONSCIOUSNESS, consciousness=level)


def _pressures(part: Resource, blank: Vital) -> Iterator[Vital]:
    """Read both pressures from a text like `120/80 mmHg`; any other is unreadable."""
    if not _has_value(part):
        return
    match = _BOTH.fullmatch(plain(string(part, "valueString")))
    upper, lower, unit = match.groups() if match else ("", "", "")
    for name, value in ((V.SYSTOLIC, upper), (V.DIASTOLIC, lower)):
        yield from _numbers({"valueString": f"{value} {unit}"}, name, blank)
