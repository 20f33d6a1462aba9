"""The Glasgow Coma Scale from its parts, where nobody sent the sum."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fhir_profiles.elements import (
    LOINC,
    SNOMED,
    Resource,
    codes,
    element,
    plain,
    string,
)
from fhir_profiles.units import number
from fhir_profiles.vital_texts import ordinal

MOST = MappingProxyType({"eye": 4, "verbal": 5, "motor": 6})
"""The parts, and the best that each can be."""

_PARTS = MappingProxyType(
    {
        (LOINC, "9267-6"): "eye",
        (LOINC, "9270-0"): "verbal",
        (LOINC, "9268-4"): "motor",
        (SNOMED, "281395000"): "eye",
        (SNOMED, "281397008"): "verbal",
        (SNOMED, "281396004"): "motor",
    }
)
_ANSWERS = MappingProxyType(
    # LOINC's answers of each part, from the worst: eye, verbal, motor.
    {"LA6553-7": 1, "LA6554-5": 2, "LA6555-2": 3, "LA6556-0": 4}
    | {"LA6557-8": 1, "LA6558-6": 2, "LA6559-4": 3, "LA6560-2": 4, "LA6561-0": 5}
    | {"LA6562-8": 1, "LA6563-6": 2, "LA6564-4": 3}
    | {"LA6565-1": 4, "LA6566-9": 5, "LA6567-7": 6}
)
_WRITTEN = re.compile(r"E\s?([1-4])\s*V\s?([1-5])\s*M\s?([1-6])", re.IGNORECASE)


def part_of(measurement: Resource) -> str | None:
    """Return which part of the scale an Observation or component measures, if any."""
    found = (
        _PARTS.get((code.system, code.code))
        for code in codes(element(measurement, "code"))
    )
    return next((each for each in found if each), None)


def written(measurement: Resource) -> int | None:
    """Return the sum of a text like `E3 V4 M6`."""
    match = _WRITTEN.fullmatch(plain(string(measurement, "valueString")))
    return sum(map(int, match.groups())) if match else None


def points(measurements: Iterable[Resource]) -> dict[str, int]:
    """Return the points of each part that can be read, the fewer where sent twice."""
    found: dict[str, int] = {}
    for each in measurements:
        part = part_of(each)
        got = _points(each, part) if part else None
        if part and got is not None:
            found[part] = min(got, found.get(part, got))
    return found


def at_best(points: Mapping[str, int]) -> int:
    """Return the sum if the parts that are missing are the best they can be."""
    return sum(points.get(part, most) for part, most in MOST.items())


def _points(measurement: Resource, part: str) -> int | None:
    """Return the points of a part; None where they cannot be read ("intubated")."""
    if "dataAbsentReason" in measurement:
        return None
    concept = element(measurement, "valueCodeableConcept")
    answered = (_ANSWERS.get(code.code) for code in codes(concept))
    sent = [
        *(each for each in answered if each),
        ordinal(concept).get("value"),
        element(measurement, "valueQuantity").get("value"),
        measurement.get("valueInteger"),
        _digit(measurement),
    ]
    found = (number(each) for each in sent)
    point = next((each for each in found if each is not None), None)
    whole = point is not None and point in range(1, MOST[part] + 1)
    return int(point) if point is not None and whole else None


def _digit(measurement: Resource) -> int | None:
    text = plain(string(measurement, "valueString"))
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else None
