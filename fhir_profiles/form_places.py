"""What was met at each place of entries that were found right, to write a form of it.

A place remembers how values there were built: the names of objects, patterns of texts,
what arrays held. Entries are added one by one, so that one pattern comes to match all
combinations of what was met: what is right at a place is right there in every entry
with the same names above it.
"""

from dataclasses import dataclass, field
from itertools import chain

Names = tuple[str, ...]

REPEATED = "(?P="
"""Begins what a pattern requires again: the id of a contained resource."""


class UnwritableError(Exception):
    """An entry has no form; it will be checked value by value."""


@dataclass(slots=True)
class Place:
    """What was met at one place."""

    texts: dict[str, None] = field(default_factory=dict)
    """Patterns of texts, numbers and booleans, in the order in which they were met."""
    objects: dict[Names, "dict[str, Place]"] = field(default_factory=dict)
    """The places inside objects, by their names and what else their rules depend on."""
    items: "Place | None" = None
    """The items of an array, whatever their number."""
    resources: "list[Place] | None" = None
    """The items of an array that is always as long: contained resources."""

    def pattern(self) -> str:
        """Write the pattern of all that was met.

        Raises:
            UnwritableError: something that a pattern requires may be absent.

        """
        ways = [*self.texts, *map(_object, self.objects.values())]
        if self.items is not None:
            ways.append(rf"\[(?:{self.items.pattern()},?)++\]")
        if self.resources is not None:
            ways.append(rf"\[{','.join(one.pattern() for one in self.resources)}\]")
        if len(ways) == 1:
            return ways[0]
        if any(REPEATED in way for way in ways):
            raise UnwritableError
        return f"(?:{'|'.join(ways)})"

    def tries(self) -> int:
        """Tell how often the matching may come back to the same character here.

        Where objects differ at their end only, each way is tried to there, and again
        within each way of what is around it.
        """
        ways = len(self.texts) + len(self.objects) + (self.items is not None)
        inside = [*chain.from_iterable(map(dict.values, self.objects.values()))]
        inside += [*filter(None, (self.items,)), *(self.resources or ())]
        return max(ways, 1) * max((place.tries() for place in inside), default=1)


def _object(places: dict[str, Place]) -> str:
    parts = (f'"{name}":{place.pattern()}' for name, place in places.items())
    return rf"\{{{','.join(parts)}\}}"
