"""The text of a reference (http://hl7.org/fhir/R4/references.html#literal)."""

import re
from typing import Final

from fhir_profiles.release import resource_types
from fhir_profiles.syntax import ID

_LITERAL = re.compile(
    r"(?P<urn>urn:uuid:\S+)"
    r"|urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+"
    rf"|#(?:{ID})?"
    rf"|(?P<base>https?://[^\s#?]+/)?(?P<type>[A-Z][A-Za-z]{{0,63}})/(?P<id>{ID})"
    rf"(?:/_history/{ID})?(?:#\S*)?"
    rf"|(?P<search>[A-Z][A-Za-z]{{0,63}})\?\S+"
    rf"|(?P<other>https?://\S+)",
    re.ASCII,
).fullmatch

MALFORMED: Final = "?"
"""Stands for the type of a reference that is none."""


def target_type(reference: str) -> str | None:
    """Name the type that a reference evidently points to.

    Returns:
        The resource type; None where the text does not tell (urn, #id, a URL of
        another kind); MALFORMED where it is no reference at all.

    """
    match = _LITERAL(reference)
    if match is None:
        return MALFORMED
    name = match["type"] or match["search"]
    if name is None or name in resource_types():
        return name
    return None if match["base"] else MALFORMED


def is_conditional(reference: str) -> bool:
    """Tell whether the reference is a search, as a transaction may hold."""
    match = _LITERAL(reference)
    return match is not None and match["search"] is not None
