"""The order of matches, and the place in it where a page ends.

Every order ends with the serial number, so that it is total, and a place stays where
it is whatever is written meanwhile: a resource that changes gets a new serial number,
beyond the `head` that the first page saw, and leaves the search.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from fhir_profiles.search_parameters import parameters
from gateway.projections.asking import SearchError
from gateway.projections.parameters import is_sortable, numbers

Mark: TypeAlias = tuple[int, ...]
"""Where a match stands: for each key whether it is missing and its value; its serial.
A smaller mark comes first."""

_MOST_KEYS = 3


class Key(NamedTuple):
    """One key to sort by: a parameter's number, or None for `_lastUpdated`."""

    number: int | None
    descending: bool

    @property
    def sign(self) -> int:
        """Return -1 where larger values come first."""
        return -1 if self.descending else 1

    @property
    def way(self) -> str:
        """Return the direction as SQL has it."""
        return "DESC" if self.descending else "ASC"

    @property
    def sooner(self) -> str:
        """Return how a value compares with those that come before it."""
        return "<" if self.descending else ">"


@dataclass(frozen=True)
class Order:
    """Keys, first the most important; without any, the newest come first."""

    keys: tuple[Key, ...] = ()

    @property
    def sign(self) -> int:
        """Return -1 where larger serial numbers come first."""
        return self.keys[-1].sign if self.keys else -1

    def mark(self, serial: int, values: tuple[int | None, ...]) -> Mark:
        """Return where a match stands; what lacks a value comes last."""
        found: list[int] = []
        for key, value in zip(self.keys, values, strict=True):
            found += (1, 0) if value is None else (0, key.sign * value)
        return (*found, self.sign * serial)


def order(kind: str, sort: str) -> Order:
    """Read `_sort`.

    Raises:
        SearchError: a key that the type is not sorted by, or too many.

    """
    names = sort.split(",")
    if len(names) > _MOST_KEYS:
        raise SearchError("_sort", f"Send at most {_MOST_KEYS} keys to sort by.")
    return Order(tuple(_key(kind, name) for name in names))


def sortable(kind: str) -> list[str]:
    """Return what the resources of a type can be sorted by."""
    found = [name for name, each in parameters(kind).items() if is_sortable(kind, each)]
    return ["_lastUpdated", *found]


def _key(kind: str, text: str) -> Key:
    name = text.removeprefix("-")
    descending = name != text
    if name == "_lastUpdated":
        return Key(None, descending)
    if name in sortable(kind):
        return Key(numbers(kind, name)[0], descending)
    raise SearchError(
        "_sort",
        f"{kind} is sorted by {', '.join(sortable(kind))}; a '-' in front reverses. "
        "Texts, codes, ids and dates of persons are stored without an order.",
    )
