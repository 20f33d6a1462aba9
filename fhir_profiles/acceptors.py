"""Say of a primitive value that it is right, as fast as Python can.

Almost every value is right, so the first look only tells "surely right" from "look
again": an acceptor gives something true, or something false, or raises TypeError for
JSON of another kind. What is not accepted is read by the checks of `primitives.py`,
which decide and explain. Most acceptors are methods of compiled patterns and of sets,
which are called without a Python frame.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from fhir_profiles import syntax
from fhir_profiles.findings import Doubt
from fhir_profiles.lexeme import Lexeme
from fhir_profiles.narrative import xhtml
from fhir_profiles.primitives import Check, base64_binary

Accept = Callable[[Any], object]

_CONTROL: Final = syntax.CONTROL
_TEXT: Final = (
    rf"[!-~](?:[ -~]*[!-~])?|[^\s{_CONTROL}](?:[^{_CONTROL}]*[^\s{_CONTROL}])?"
)
"""Plain ASCII is tried first: it is most of what there is."""
_ORDINARY: Final = (
    r"(?!(?i:urn:(?:uuid|oid):|#|(?:javascript|vbscript|data)\s*:))[!-~]+"
)
"""A URI of a kind without rules of its own."""
_URN: Final = rf"{syntax.OID}|(?i:{syntax.UUID})"
_VALUE_SET: Final = r"(?!.*//hl7\.org/fhir/ValueSet/)"
_OF_R4: Final = r"http://hl7\.org/fhir/StructureDefinition/"
"""Extensions of which it is known where they may stand."""
_ABSOLUTE: Final = rf"(?=[A-Za-z][A-Za-z0-9+.\-]*:[!-~])(?:{_ORDINARY}|{_URN})"
_REFERENCE: Final = (
    rf"urn:uuid:[!-~]+|(?:https?://[!\"$->@-~]+/)?(?P<type>TYPE)/{syntax.ID}"
    rf"(?:/_history/{syntax.ID})?"
)
_LARGEST: Final = 2_147_483_647
_LONG: Final = 2**63
_FEW: Final = 12
"""Types that a pattern lists; a set is quicker for more."""


def matching(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """Accept a text that matches from its first to its last character."""
    return re.compile(pattern, re.ASCII).fullmatch


def unhurried(check: Check) -> Accept:
    """Accept what a full check finds nothing about; for rare or long values."""
    doubt = Doubt()
    return lambda value: not check(value, doubt)


def never(_value: object) -> bool:
    """Accept nothing, so that the full check looks."""
    return False


def boolean(value: object) -> bool:
    """Accept true and false, not 1 and 0, which equal them."""
    return type(value) is bool


def decimal(value: object) -> bool:
    """Accept a JSON number, if whole then of at most 64 bits."""
    if type(value) is Lexeme:
        return True
    return type(value) is int and -_LONG < value < _LONG


def whole(least: int) -> Accept:
    """Accept an integer from `least` to the largest of 32 bits."""
    return lambda value: type(value) is int and least <= value <= _LARGEST


def reference(targets: frozenset[str]) -> Accept:
    """Accept a literal reference to one of these types, or a urn:uuid."""
    if len(targets) <= _FEW:
        return matching(_REFERENCE.replace("TYPE", "|".join(sorted(targets))))
    fitting = frozenset((None, *targets))
    of_a_type = matching(_REFERENCE.replace("TYPE", "[A-Z][A-Za-z]*"))

    def accept(text: str) -> bool:
        found = of_a_type(text)
        return found is not None and found["type"] in fitting

    return accept


def canonical(targets: str) -> Accept:
    """Accept an absolute canonical; if of the specification, to one of the types."""
    own = r"http://hl7\.org/fhir/"
    listed = targets.replace(",", "|")
    return matching(rf"(?:(?={own}(?:{listed})/)|(?!{own}(?![a-z])))(?:{_ABSOLUTE})")


PRIMITIVE: Final[dict[str, Accept]] = {
    "base64Binary": unhurried(base64_binary),
    "boolean": boolean,
    "canonical": matching(_ABSOLUTE),
    "code": matching(r"[!-~]+(?: [!-~]+)*"),
    "date": matching(syntax.date(syntax.YEARLY_DAY)),
    "dateTime": matching(syntax.date_time(syntax.YEARLY_DAY)),
    "decimal": decimal,
    "id": matching(syntax.ID),
    "instant": matching(syntax.instant(syntax.YEARLY_DAY)),
    "integer": whole(-_LARGEST - 1),
    "markdown": re.compile(_TEXT).fullmatch,
    "oid": matching(syntax.OID),
    "positiveInt": whole(1),
    "string": re.compile(_TEXT).fullmatch,
    "time": matching(syntax.CLOCK),
    "unsignedInt": whole(0),
    "uri": matching(rf"https?://[!-~]+|{syntax.UUID}|{_ORDINARY}|{_URN}"),
    "url": matching(_ABSOLUTE),
    "uuid": matching(syntax.UUID),
    "xhtml": unhurried(xhtml),
}
"""The acceptor of each primitive type."""

STRICTER: Final[dict[str, Accept]] = {
    "Coding.system": matching(rf"{_VALUE_SET}(?=.*:)(?:{_ORDINARY}|{_URN})"),
    "Reference.type": never,
    "Extension.url": matching(rf"(?!.*\||{_OF_R4})(?:{_ORDINARY}|{_URN})"),
}
"""Elements that ask more of their text than their type does."""
