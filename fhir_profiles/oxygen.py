"""Whether the patient breathes air or oxygen, where it is said without an amount."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from domain.values import VitalName
from fhir_profiles.elements import SNOMED, Resource, codes, element, plain, string

_CODES = MappingProxyType(
    {
        "722742002": False,  # breathing room air
        "371825009": True,  # patient on oxygen
        "315041000": True,  # high concentration oxygen therapy
    }
)
"""SNOMED CT, as NEWS2's air or oxygen is sent; the value is whether oxygen runs."""

_ASKED = frozenset(
    {VitalName.OXYGEN_SATURATION, VitalName.OXYGEN_FLOW, VitalName.INHALED_OXYGEN}
)
_AIR = re.compile(
    r"(?:on |in |breathing )?(?:r\.?a\.?|room[ -]?air|air)\.?", re.IGNORECASE
)
_OXYGEN = re.compile(
    r"(?:on |with )?(?:supplemental |high[ -]flow )?(?:o2|oxygen)\.?", re.IGNORECASE
)
_REMARK = re.compile(
    r"(?P<value>.*[\d%])\s*[,;(]?\s*(?P<remark>[a-z][a-z0-9. -]{0,30})\)?",
    re.IGNORECASE,
)


def breathes_oxygen(part: Resource, name: VitalName | None) -> bool | None:
    """Say whether an Observation or component states oxygen, or room air.

    By its own code ("breathing room air"), by its coded answer, or, where it is about
    oxygen by its `name`, by an answer that is nothing but such words. None where it
    states neither; oxygen where it states both.
    """
    said = {*_by_code(part), *_by_answer(part)}
    if name in _ASKED:
        said |= set(_by_words(part))
    return max(said, default=None)


def _by_code(part: Resource) -> Iterator[bool]:
    """Read a code that is the whole statement: without a value, or true or false."""
    forms = {key for key in part if key.startswith("value")}
    if forms - {"valueBoolean"} or "dataAbsentReason" in part:
        return
    denied = part.get("valueBoolean") is False
    for code in codes(element(part, "code")):
        if code.system == SNOMED and code.code in _CODES:
            yield _CODES[code.code] != denied


def _by_answer(part: Resource) -> Iterator[bool]:
    for code in codes(element(part, "valueCodeableConcept")):
        if code.system == SNOMED and code.code in _CODES:
            yield _CODES[code.code]


def _by_words(part: Resource) -> Iterator[bool]:
    concept = element(part, "valueCodeableConcept")
    texts = [code.display for code in codes(concept)]
    texts += [string(concept, "text"), string(part, "valueString")]
    for text in texts:
        said = _said(text)
        if said is not None:
            yield said


def _said(text: str) -> bool | None:
    words = plain(text)
    if _AIR.fullmatch(words):
        return False
    return True if _OXYGEN.fullmatch(words) else None


def apart(text: str) -> tuple[str, bool | None]:
    """Divide "94 % RA" into the value and whether oxygen runs; None where unsaid."""
    match = _REMARK.fullmatch(plain(text))
    said = _said(match["remark"]) if match else None
    if match is None or said is None:
        return text, None
    return match["value"], said
