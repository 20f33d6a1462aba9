"""The text of every R4 primitive type (http://hl7.org/fhir/R4/datatypes.html).

A check takes a parsed JSON value and gives None, or findings. `acceptors.py` has a
quicker look at the same types, which only knows what is surely right.
"""

import binascii
import re
from calendar import isleap
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from fhir_profiles import syntax
from fhir_profiles.findings import Findings, Walk
from fhir_profiles.problems import masked

Check = Callable[[object, Walk], Findings]

_DATE = re.compile(syntax.date(syntax.ANY_DAY), re.ASCII).fullmatch
_DATE_TIME = re.compile(syntax.date_time(syntax.ANY_DAY), re.ASCII).fullmatch
_INSTANT = re.compile(syntax.instant(syntax.ANY_DAY), re.ASCII).fullmatch
_TIME = re.compile(syntax.CLOCK, re.ASCII).fullmatch
_ID = re.compile(syntax.ID).fullmatch
_CODE = re.compile(r"\S+(?:\s\S+)*").fullmatch
_SPACELESS = re.compile(r"\S+").fullmatch
_OID = re.compile(syntax.OID, re.ASCII).fullmatch
_UUID = re.compile(syntax.UUID).fullmatch
_ANY_UUID = re.compile(syntax.UUID, re.IGNORECASE).fullmatch
_CONTROL = re.compile(rf"[{syntax.CONTROL}]").search
_RUNS = re.compile(syntax.RUNS, re.IGNORECASE).match
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+").fullmatch
_LARGEST: Final = 2_147_483_647


def runs(uri: str) -> bool:
    """Tell whether a browser that follows the URI could run it as a program."""
    return _RUNS(uri) is not None


def string(value: object, walk: Walk) -> Findings:
    """Check a string or markdown; the common case is one look at the characters."""
    if type(value) is str and value.isprintable() and value.strip(" ") == value != "":
        return None
    return _wrong_text("string", value, walk)


def markdown(value: object, walk: Walk) -> Findings:
    """Check markdown, in which white space around the text is meant."""
    found = _wrong_text("markdown", value, walk)
    if found and found[0].kind == "value.padded":
        walk.warnings -= 1
        return None
    return found


def _wrong_text(name: str, value: object, walk: Walk) -> Findings:
    if type(value) is not str:
        return _wrong(name, value, walk)
    if not value:
        return walk.report("structure.empty", "text")
    if _CONTROL(value):
        return walk.report("lexical.character")
    if value.isspace():
        return walk.report("value.blank")
    if value != value.strip():
        return walk.report("value.padded")
    return None


def boolean(value: object, walk: Walk) -> Findings:
    """Check a boolean."""
    if value is True or value is False:
        return None
    return _wrong("boolean", value, walk)


def decimal(value: object, walk: Walk) -> Findings:
    """Check a decimal: any JSON number, whose size was limited when it was read."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return None
    return _wrong("decimal", value, walk)


def code(value: object, walk: Walk) -> Findings:
    """Check a code without a binding."""
    if type(value) is str and value and value.isprintable() and " " not in value:
        return None
    if type(value) is str and _CODE(value):
        return None
    return _wrong("code", value, walk)


def uri(value: object, walk: Walk) -> Findings:
    """Check a uri; the forms urn:uuid and urn:oid must be complete."""
    if type(value) is not str:
        return _wrong("uri", value, walk)
    if value[:4] == "http" and value.isprintable() and " " not in value:
        return None
    if not _SPACELESS(value):
        return _wrong("uri", value, walk)
    return _special_uri(value, walk)


def url(value: object, walk: Walk) -> Findings:
    """Check a url, which should be absolute."""
    return _absolute("url", value, walk)


def canonical(value: object, walk: Walk) -> Findings:
    """Check a canonical, which should be absolute, or #id of the same resource."""
    return _absolute("canonical", value, walk)


def _absolute(name: str, value: object, walk: Walk) -> Findings:
    if type(value) is not str or not _SPACELESS(value):
        return _wrong(name, value, walk)
    found = _special_uri(value, walk)
    if found or value[0] == "#" or _URL(value):
        return found
    return walk.report("value.relative")


def _special_uri(value: str, walk: Walk) -> Findings:
    if value[0] == "#":
        walk.local.append(value)
    elif value.startswith("urn:uuid:"):
        return None if _ANY_UUID(value) else _wrong("uuid", value, walk)
    elif value.startswith("urn:oid:"):
        return None if _OID(value) else _wrong("oid", value, walk)
    elif _RUNS(value):
        return walk.report("value.scheme")
    return None


def base64_binary(value: object, walk: Walk) -> Findings:
    """Check base64, in which white space may stand."""
    if type(value) is not str or not value:
        return _wrong("base64Binary", value, walk)
    try:
        binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except ValueError:
        return _wrong("base64Binary", value, walk)
    return None


def _dated(name: str, match: Callable[[str], re.Match[str] | None]) -> Check:
    def check(value: object, walk: Walk) -> Findings:
        found = match(value) if type(value) is str else None
        if found and (found.lastgroup is None or isleap(int(found.string[:4]))):
            return None
        return _wrong(name, value, walk)

    return check


def _matching(name: str, match: Callable[[str], object]) -> Check:
    def check(value: object, walk: Walk) -> Findings:
        if type(value) is str and match(value):
            return None
        return _wrong(name, value, walk)

    return check


def _whole(name: str, least: int) -> Check:
    def check(value: object, walk: Walk) -> Findings:
        if type(value) is int and least <= value <= _LARGEST:
            return None
        return _wrong(name, value, walk)

    return check


def _wrong(name: str, value: object, walk: Walk) -> Findings:
    if value is None:
        return walk.report("structure.null")
    if value == "":
        return walk.report("structure.empty", "text")
    if isinstance(value, list):
        return walk.report("structure.array-unexpected")
    return walk.report(f"value.{name}", masked(value))


PRIMITIVES: Final[dict[str, Check]] = {
    "base64Binary": base64_binary,
    "boolean": boolean,
    "canonical": canonical,
    "code": code,
    "date": _dated("date", _DATE),
    "dateTime": _dated("dateTime", _DATE_TIME),
    "decimal": decimal,
    "id": _matching("id", _ID),
    "instant": _dated("instant", _INSTANT),
    "integer": _whole("integer", -_LARGEST - 1),
    "markdown": markdown,
    "oid": _matching("oid", _OID),
    "positiveInt": _whole("positiveInt", 1),
    "string": string,
    "time": _matching("time", _TIME),
    "unsignedInt": _whole("unsignedInt", 0),
    "uri": uri,
    "url": url,
    "uuid": _matching("uuid", _UUID),
}
"""The check of each primitive type; xhtml has its own file."""
