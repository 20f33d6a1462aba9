"""From FHIRPath expressions of search parameters to simple paths, for the generator."""

import re
from collections.abc import Iterator

from fhir_profiles.tables import load

_PART = re.compile(r"^\((.*)\)(\..*)?$")
_AS = re.compile(r"^(.*?)(?: as (\w+)|\.as\((\w+)\))$")
_WHERE = re.compile(r"^(.*?)\.where\((.*)\)(\..*)?$")
_RESOLVED = re.compile(r"resolve\(\) is (\w+)$")
_EQUAL = re.compile(r"(\w+) ?= ?'([\w-]+)'$")
_PLAIN = re.compile(r"[A-Za-z]\w*(?:\[\w+=[\w-]+\])?(?:\.[a-z]\w*(?:\[\w+=[\w-]+\])?)*")
_PROFILED = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}
_DECEASED = "Patient.deceased.exists() and Patient.deceased != false"


class UnreadableError(Exception):
    """An expression that has no simple path."""


def simple_paths(
    kind: str, part: str, readable: list[str]
) -> Iterator[tuple[str, list[str]]]:
    """Give the paths of a part of an expression, and the types that each resolves to.

    `readable` are the data types that count.

    Raises:
        UnreadableError: it has no simple path.

    """
    if part == _DECEASED:
        yield from (("deceasedBoolean:boolean", []), ("deceasedDateTime:present", []))
        return
    plain, chosen, resolved = _simple(part)
    plain, _, rest = plain.removeprefix(f"{kind}.").partition("!")
    for path, found in _walked(kind, plain.split(".")):
        if chosen and found.lower() != chosen.lower():
            continue
        for place, below in _walked(found, rest.split(".")) if rest else [("", found)]:
            data_type = _PROFILED.get(below, below)
            if data_type in readable:
                yield f"{path}{place and '.'}{place}:{data_type}", resolved


def _simple(part: str) -> tuple[str, str, list[str]]:
    """Return the plain path, the chosen type and the types of what it points to.

    What follows after the choice of a type stands behind a `!`.
    """
    chosen, rest = "", ""
    if inner := _PART.match(part):
        part, rest = inner[1], inner[2] or ""
    part, resolved = _conditional(part)
    if named := _AS.match(part):
        part, chosen = named[1], named[2] or named[3]
    if not _PLAIN.fullmatch(part):
        raise UnreadableError
    return part + rest.replace(".", "!", 1), chosen, resolved


def _conditional(part: str) -> tuple[str, list[str]]:
    """Return a part with its condition in brackets, or the type that it resolves to."""
    where = _WHERE.match(part)
    if where is None:
        return part, []
    if found := _RESOLVED.match(where[2]):
        return where[1], [found[1]]
    if equal := _EQUAL.match(where[2]):
        return f"{where[1]}[{equal[1]}={equal[2]}]{where[3] or ''}", []
    raise UnreadableError


def _walked(shape: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """Give each concrete path, with `[x]` spelled out, and its data type."""
    name, _, condition = names[0].partition("[")
    bracket = f"[{condition}" if condition else ""
    for element, kind in _children(shape, name):
        here = f"{element}{bracket}"
        if len(names) == 1:
            yield here, kind.partition(":")[0]
            continue
        below = kind.lstrip("@^").partition(":")[0]
        for path, found in _walked(below, names[1:]):
            yield f"{here}.{path}", found


def _children(shape: str, name: str) -> Iterator[tuple[str, str]]:
    tables = load()
    while shape:
        own = tables.elements.get(shape, {})
        if name in own:
            yield name, own[name][1]
        for kind in own.get(f"{name}[x]", ["", *()])[1:]:
            data_type = kind.partition(":")[0]
            yield name + data_type[0].upper() + data_type[1:], kind
        shape = tables.bases.get(shape, "")
