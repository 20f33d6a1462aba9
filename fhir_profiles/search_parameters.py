"""R4's search parameters, from the table that `tables/generate_search.py` writes.

A path is a list of element names, `name[element=value]` where only some repetitions
count, then `:` and the data type at its end. `present` is the data type of an element
that only has to be there. (https://hl7.org/fhir/R4/searchparameter-registry.html)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias, cast
from zlib import crc32

from fhir_profiles import tables

Kind: TypeAlias = Literal[
    "token",
    "reference",
    "date",
    "string",
    "quantity",
    "number",
    "uri",
    "composite",
]
Table: TypeAlias = dict[str, dict[str, Any]]

_COMMON = "Resource"


class Path(NamedTuple):
    """Where values are: steps of (element, condition), and their data type."""

    steps: tuple[tuple[str, tuple[str, str] | None], ...]
    type: str


class Pair(NamedTuple):
    """A code and a value that are read from the same repetition of an element."""

    element: str
    code: Path
    value: Path


@dataclass(frozen=True, kw_only=True)
class SearchParameter:
    """One search parameter of one type.

    It has `paths` (or a `pair`), or it finds what other parameters of the type are
    filed under: one of `among`, or `both`.
    """

    name: str
    kind: Kind
    number: int
    """Stands for the parameter in an index; it may change with the table."""
    paths: tuple[Path, ...] = ()
    pair: Pair | None = None
    among: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """The types that a reference may point to; empty where it may be any."""

    @property
    def is_code(self) -> bool:
        """Say whether its values are codes whose system goes without saying."""
        return bool(self.paths) and all(path.type == "code" for path in self.paths)

    @property
    def truths(self) -> bool:
        """Say whether what is not filed as true is false (Patient.deceased)."""
        return any(path.type == "present" for path in self.paths)


def parameters(kind: str) -> Mapping[str, SearchParameter]:
    """Return the parameters of a resource type by name; none for an unknown type."""
    return _parameters().get(kind, MappingProxyType({}))


def summary(kind: str) -> frozenset[str]:
    """Return the elements that a summary shows; `value` stands for `value[x]`."""
    return frozenset(_table()["summary"].get(kind, ()))


def mandatory(kind: str) -> frozenset[str]:
    """Return the elements that no resource of the type may lack."""
    own = tables.load().elements.get(kind, {})
    return frozenset(name for name, (card, *_) in own.items() if card[0] == "1")


def is_coded(system: str, code: str) -> bool:
    """Say whether a code is of a system, in any value set that R4 requires."""
    return any(code in each.get(system, ()) for each in tables.load().codings.values())


def fingerprint() -> int:
    """Return a number below 2**32 that changes with the table."""
    return crc32(_bytes())


def _bytes() -> bytes:
    return (files(tables) / "search.json").read_bytes()


@cache
def _table() -> Table:
    table: Table = json.loads(_bytes())
    return table


@cache
def _parameters() -> dict[str, Mapping[str, SearchParameter]]:
    numbers = count(1)
    rows = _table()["parameters"]
    return {
        kind: MappingProxyType(
            {
                name: _parameter(name, next(numbers), row)
                for name, row in sorted({**rows[kind], **rows[_COMMON]}.items())
            }
        )
        for kind in sorted(rows)
        if kind != _COMMON
    }


def _parameter(name: str, number: int, row: list[str]) -> SearchParameter:
    kind, text, *targets = row
    known = "".join(targets).replace("*", "")
    names = tuple(text[1:].split())
    return SearchParameter(
        name=name,
        kind=cast("Kind", kind),
        number=number,
        paths=() if text[0] in "=+" or "/" in text else _paths(text),
        pair=_pair(text) if "/" in text else None,
        among=names if text[0] == "=" else (),
        both=names if text[0] == "+" else (),
        targets=tuple(known.split(",")) if known else (),
    )


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(map(_path, text.split()))


def _path(text: str) -> Path:
    names, _, kind = text.rpartition(":")
    return Path(tuple(map(_step, names.split("."))), kind)


def _step(text: str) -> tuple[str, tuple[str, str] | None]:
    name, _, condition = text.rstrip("]").partition("[")
    key, _, value = condition.partition("=")
    return name, (key, value) if condition else None


def _pair(text: str) -> Pair:
    element, code, value = text.split("/")
    return Pair(element, _path(code), _path(value))
