"""The elements of a type as a patch needs them: name in JSON, type, repetition.

From the tables of the R4 definitions; see `fhir_profiles.tables`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from fhir_profiles.tables import Elements, load

RESOURCE = "Resource"
"""The type of an element that holds a whole resource, such as `contained`."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element of a type."""

    name: str
    """As FHIRPath names it: `value`, not `valueQuantity`."""
    types: tuple[str, ...]
    """Data types, or keys of the tables; several for a choice."""
    repeats: bool
    is_choice: bool

    def members(self) -> Iterator[tuple[str, str]]:
        """Give each name that it may have in JSON, with the type that goes with it."""
        for kind in self.types:
            named = kind[:1].upper() + kind[1:]
            yield (self.name + named if self.is_choice else self.name), kind


@cache
def elements(kind: str) -> dict[str, Element]:
    """Return the elements of a type by their names; none of a primitive."""
    return {
        name.removesuffix("[x]"): Element(
            name=name.removesuffix("[x]"),
            types=tuple(map(_key, types)),
            repeats=cardinality.endswith("*"),
            is_choice=name.endswith("[x]"),
        )
        for name, (cardinality, *types) in _defined(kind).items()
    }


def _defined(kind: str) -> Elements:
    tables = load()
    base = tables.bases.get(kind)
    inherited = _defined(base) if base else {}
    return inherited | tables.elements.get(kind, {})


def _key(kind: str) -> str:
    name = kind.partition(":")[0].lstrip("@^")
    return "Quantity" if name in ("SimpleQuantity", "MoneyQuantity") else name
