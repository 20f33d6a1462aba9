"""Numbers that were sent as words: "38.5 C", "38,5 °C", "105 bpm", "<70 %", "7/10"."""

import re
from decimal import Decimal
from types import MappingProxyType

from domain.values import VitalName
from fhir_profiles.elements import Resource, elements, plain, string

_TEXT = re.compile(
    r"(?P<bound>[<>]=?)?\s*(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s*"
    r"(?P<unit>/\s*1[05]|\D{0,40})",
    re.ASCII,
)
_WHOLE = MappingProxyType({VitalName.PAIN: "/10", VitalName.GLASGOW_COMA_SCALE: "/15"})
_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def quantity(text: str, name: VitalName) -> Resource:
    """Read a text that is nothing but a number and its unit; empty where it is more.

    The comma is a decimal one: with one or two digits behind it, it is no other. The
    unit is that which was written, never the usual one.
    """
    match = _TEXT.fullmatch(plain(text))
    if match is None:
        return {}
    unit = match["unit"].replace(" ", "").rstrip(".")
    if unit.startswith("/1") and unit != _WHOLE.get(name):
        return {}
    bound = {"comparator": match["bound"]} if match["bound"] else {}
    value = Decimal(match["number"].replace(",", "."))
    return {"value": value, "unit": unit, **bound}


def ordinal(concept: Resource) -> Resource:
    """Return the number that a coding says it stands for; empty where none does.

    http://hl7.org/fhir/StructureDefinition/ordinalValue
    """
    found = (
        {"value": extension.get("valueDecimal")}
        for coding in elements(concept, "coding")
        for extension in elements(coding, "extension")
        if string(extension, "url") == _ORDINAL
    )
    return next(found, {})
