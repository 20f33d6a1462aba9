"""Reading parsed FHIR JSON without trusting its shape; what does not fit is empty."""

import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

from domain.values import Code

Resource: TypeAlias = Mapping[str, object]
"""A resource or an element as parsed JSON."""

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"

LONGEST = 500
"""Characters of a name, display or remark that are kept."""

LONGEST_STORY = 8000
"""Characters of a complaint that the rules read; a prompt shows fewer of them."""


def element(parent: Resource, name: str) -> Resource:
    """Return the child object of that name, empty where there is none."""
    child = parent.get(name)
    return child if isinstance(child, Mapping) else {}


def elements(parent: Resource, name: str) -> list[Resource]:
    """Return the child objects of a repeating element, empty where there are none."""
    children = parent.get(name)
    if not isinstance(children, list):
        return []
    return [child for child in children if isinstance(child, Mapping)]


def string(parent: Resource, name: str) -> str:
    """Return a string element as it was sent, empty where there is none."""
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def strings(parent: Resource, name: str) -> list[str]:
    """Return the strings of a repeating element, empty where there are none."""
    values = parent.get(name)
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, str)]


def plain(text: str, longest: int = LONGEST) -> str:
    """Return the visible words of a text, composed (NFC), at most `longest` characters.

    Control characters end a word. Format characters (zero-width, bidirectional,
    tags), lone surrogates, private and unassigned characters vanish: they can hide
    an instruction from the nurse who reads the same text.
    """
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() else _in_place_of(char) for char in text
        )
    return " ".join(unicodedata.normalize("NFC", text).split())[:longest].rstrip()


def _in_place_of(char: str) -> str:
    return " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Zs"} else ""


def codes(concept: Resource) -> tuple[Code, ...]:
    """Return the codings of a CodeableConcept that have a code."""
    return tuple(
        code for code in map(code_of, elements(concept, "coding")) if code.code
    )


def code_of(coding: Resource) -> Code:
    """Return one Coding; parts that are missing are empty."""
    return Code(
        system=plain(string(coding, "system")),
        code=plain(string(coding, "code")),
        display=plain(string(coding, "display")),
    )


def words(concept: Resource, longest: int = LONGEST) -> str:
    """Return what a CodeableConcept says: its text, else a display, else a code."""
    text = plain(string(concept, "text"), longest)
    if text:
        return text
    codings = codes(concept)
    displays = [code.display for code in codings if code.display]
    return (displays or [code.code for code in codings] or [""])[0]


def has_code(concept: Resource, system: str, wanted: frozenset[str]) -> bool:
    """Say whether a CodeableConcept has one of these codes of this system."""
    return any(
        string(coding, "system") == system and string(coding, "code") in wanted
        for coding in elements(concept, "coding")
    )


def status_code(resource: Resource, name: str) -> str:
    """Return the first code of a status CodeableConcept (`clinicalStatus` ...)."""
    return next((code.code for code in codes(element(resource, name))), "")
