"""The vital signs profile of R4, for an Observation that claims it in meta.profile.

http://hl7.org/fhir/R4/observation-vitalsigns.html: the baseline `vitalsigns` with vs-1,
vs-2 and vs-3, and the profiles that fix a LOINC code and UCUM units.
"""

from collections.abc import Iterator
from typing import Any, Final

from fhir_profiles.findings import Findings, Walk, gathered, placed
from fhir_profiles.presence import child, coded, has, objects

Object = dict[str, Any]
Codes = set[tuple[str, str]]

_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_LOINC: Final = "http://loinc.org"
_UCUM: Final = "http://unitsofmeasure.org"
_CATEGORY: Final = (
    "http://terminology.hl7.org/CodeSystem/observation-category",
    "vital-signs",
)
_LENGTHS: Final = ("cm", "[in_i]")
_MEASURED: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "vitalsigns": ("", ()),
    "vitalspanel": ("85353-1", ()),
    "resprate": ("9279-1", ("/min",)),
    "heartrate": ("8867-4", ("/min",)),
    "oxygensat": ("2708-6", ("%",)),
    "bodytemp": ("8310-5", ("Cel", "[degF]")),
    "bodyheight": ("8302-2", _LENGTHS),
    "headcircum": ("9843-4", _LENGTHS),
    "bodyweight": ("29463-7", ("g", "kg", "[lb_av]")),
    "bmi": ("39156-5", ("kg/m2",)),
    "bp": ("85354-9", ()),
}
"""For each profile the LOINC code and the UCUM codes it fixes; none means any."""
PROFILES: Final = tuple(_BASE + name for name in _MEASURED)
"""The canonical URLs that an Observation may claim."""
_PRESSURES: Final = ("8480-6", "8462-4")
"""Systolic and diastolic."""
_DAY: Final = 8
"""vs-1: at least this many characters in the text of effectiveDateTime."""


def vital_signs_profile(value: Object, walk: Walk) -> Findings:
    """Check an Observation against each vital signs profile that it claims."""
    claimed = _claimed(value)
    if not claimed:
        return None
    return gathered((*_baseline(value, walk), *_fixed(value, claimed, walk)))


def _claimed(value: Object) -> list[str]:
    profiles = child(value, "meta").get("profile")
    if not isinstance(profiles, list):
        return []
    urls = [one.partition("|")[0] for one in profiles if isinstance(one, str)]
    names = [url.removeprefix(_BASE) for url in urls if url.startswith(_BASE)]
    return [name for name in names if name in _MEASURED]


def _categories(value: Object) -> Codes:
    concepts = objects(value.get("category"))
    return {one for concept in concepts for one in coded(concept)}


def _baseline(value: Object, walk: Walk) -> Iterator[Findings]:
    if _CATEGORY not in _categories(value):
        yield walk.at("category", "profile.code", "vitalsigns", " ".join(_CATEGORY))
    for name in ("subject", "effective[x]"):
        if not has(value, name):
            yield walk.report("profile.required", "vitalsigns", name)
    yield _effective(value, walk)
    if not (has(value, "component") or has(value, "hasMember")):
        yield _valued(value, walk)
    for index, part in enumerate(objects(value.get("component"))):
        yield placed(placed(_valued(part, walk), index), "component")


def _effective(value: Object, walk: Walk) -> Findings:
    if "effectiveTiming" in value or "effectiveInstant" in value:
        return walk.report("profile.type", "vitalsigns", "dateTime or Period")
    when = value.get("effectiveDateTime")
    is_short = isinstance(when, str) and len(when) < _DAY
    return walk.at("effective", "profile.precision") if is_short else None


def _valued(value: Object, walk: Walk) -> Findings:
    if has(value, "value[x]") or has(value, "dataAbsentReason"):
        return None
    return walk.report("profile.value")


def _fixed(value: Object, claimed: list[str], walk: Walk) -> Iterator[Findings]:
    for name in claimed:
        code, units = _MEASURED[name]
        if code and (_LOINC, code) not in coded(value.get("code")):
            yield walk.at("code", "profile.code", name, f"{_LOINC} {code}")
        if units:
            yield placed(_unit(value, name, units, walk), "valueQuantity")
    if "bp" in claimed:
        yield from _components(value, walk)


def _unit(value: Object, name: str, units: tuple[str, ...], walk: Walk) -> Findings:
    """Check a quantity: number, unit, UCUM and one of its codes."""
    quantity = child(value, "valueQuantity")
    if not quantity:
        return None
    missing = [part for part in ("value", "unit") if part not in quantity]
    if missing:
        return walk.report("profile.required", name, missing[0])
    if quantity.get("system") == _UCUM and quantity.get("code") in units:
        return None
    return walk.report("profile.unit", name, _UCUM, ", ".join(units))


def _components(value: Object, walk: Walk) -> Iterator[Findings]:
    if "valueQuantity" in value:
        yield walk.at("valueQuantity", "profile.pressure-value")
    met = set()
    for index, part in enumerate(objects(value.get("component"))):
        pressures = coded(part.get("code")) & {(_LOINC, one) for one in _PRESSURES}
        if pressures:
            met |= pressures
            wrong = placed(_unit(part, "bp", ("mm[Hg]",), walk), "valueQuantity")
            yield placed(placed(wrong, index), "component")
    if len(met) < len(_PRESSURES):
        needed = " and ".join(_PRESSURES)
        yield walk.report("profile.component", "bp", f"{_LOINC} {needed}")
