"""R4's primitive values as they stand in compact JSON, as regular expressions.

Each pattern matches less than the type allows, never more: no quotation mark and no
backslash stands inside a text, so that a match cannot run over its end. Texts come with
their closing quotation mark.
"""

import re
from typing import Final

from fhir_profiles import syntax

_PLAIN: Final = r"!#-\[\]-~"
"""Printable ASCII that JSON never escapes, as the inside of a class."""
_WORD: Final = rf"[{_PLAIN}]+"
_STEP: Final = r"[!#-.0-\[\]-~]++"
_WIDE: Final = rf'"\\{syntax.CONTROL}'
_OWN: Final = r"http://hl7\.org/fhir/"
_SPECIAL: Final = r"(?!(?i:urn:(?:uuid|oid):|#|(?:javascript|vbscript|data)\s*:))"
_WEB: Final = rf'https?://{_WORD}"'
_URN: Final = rf'{syntax.UUID}"|{syntax.OID}"'
_SCHEME: Final = rf"(?=[A-Za-z][A-Za-z0-9+.\-]*:[{_PLAIN}])"
_BASE: Final = r"https?://[!$->@-\[\]-~]+/"
_TEXT: Final = (
    rf'(?>[{_PLAIN}](?:[ {_PLAIN}]*[{_PLAIN}])?+"'
    rf'|[^\s{_WIDE}](?:[^{_WIDE}]*[^\s{_WIDE}])?+")'
)
_ABSOLUTE: Final = rf'(?a:(?>{_WEB}|{_URN}|{_SCHEME}{_SPECIAL}{_WORD}"))'
_DAY: Final = syntax.YEARLY_DAY

TEXTS: Final[dict[str, str]] = {
    "canonical": _ABSOLUTE,
    "code": rf'(?>{_WORD}(?: {_WORD})*+")',
    "date": rf'(?a:(?>{syntax.date(_DAY)}"))',
    "dateTime": rf'(?a:(?>{syntax.date_time(_DAY)}"))',
    "id": rf'{syntax.ID}"',
    "instant": rf'(?a:(?>{syntax.instant(_DAY)}"))',
    "markdown": _TEXT,
    "oid": rf'(?a:{syntax.OID}")',
    "string": _TEXT,
    "time": rf'(?a:(?>{syntax.CLOCK}"))',
    "uri": rf'(?a:(?>{_WEB}|{_URN}|{_SPECIAL}{_WORD}"))',
    "url": _ABSOLUTE,
    "uuid": rf'{syntax.UUID}"',
}
"""What stands after the opening quotation mark of each type."""

BARE: Final[dict[str, str]] = {
    "boolean": "(?:true|false)",
    "decimal": r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?+",
    "integer": r"(?:0|-?[1-9][0-9]{0,8})",
    "positiveInt": r"[1-9][0-9]{0,8}",
    "unsignedInt": r"(?:0|[1-9][0-9]{0,8})",
}
"""The values without quotation marks."""

ANY_TEXT: Final = r'"(?>[^"\\]|\\.)*+"'
"""A text of which the form says nothing, since it is looked at by itself."""

SYSTEM: Final = (
    rf'(?>https?://(?!hl7\.org/fhir/ValueSet/){_STEP}(?:/{_STEP})*+/?+"'
    rf'|(?a:{syntax.OID}")|urn:(?!(?i:uuid|oid):){_STEP}")'
)
"""The system of a coding, which names no value set."""

_LOCATED: Final = re.compile(
    rf"(?P<base>https?://.+/)?(?P<type>[A-Z][A-Za-z]*)/{syntax.ID}"
    rf"(?:/_history/{syntax.ID})?"
).fullmatch


def canonical(targets: str) -> str:
    """Write the pattern of canonicals; of the specification itself, to these types."""
    listed = targets.replace(",", "|")
    return rf"(?:(?!{_OWN}(?![a-z]))|(?={_OWN}(?:{listed})/)){_ABSOLUTE}"


def system(met: str) -> str:
    """Write the pattern of systems, which looks first for the one that was met.

    Raises:
        ValueError: JSON would write it in another way.

    """
    return f"(?>{literal(met)}|{SYSTEM})"


def reference(text: str) -> str:
    """Write the pattern of references of the same kind: a urn:uuid, or to one type.

    Raises:
        ValueError: it is of another kind.

    """
    if text.startswith("urn:uuid:"):
        return rf'urn:uuid:{_WORD}"'
    found = _LOCATED(text)
    if found is None:
        raise ValueError("Only a urn:uuid, or a type with an id, has a form.")
    base = _BASE if found["base"] else ""
    return rf'{base}{found["type"]}/{syntax.ID}(?:/_history/{syntax.ID})?+"'


def literal(text: str) -> str:
    """Write the pattern of this text only, with its closing quotation mark.

    Raises:
        ValueError: JSON would write it in another way.

    """
    if not text.isascii() or not text.isprintable() or {'"', "\\"} & {*text}:
        raise ValueError("Only plain ASCII stands in JSON as it is.")
    return f'{re.escape(text)}"'
