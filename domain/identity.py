"""A business identifier as a claim in the log, so that no search races a write."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, assert_never

from domain.claimed import IdentityClaimed, IdentityEvent, IdentityReleased
from domain.errors import AmbiguousIdentityError
from domain.values import Reference

_SHELF: Final = 32  # bearers on one shelf, on average, before there are more shelves
_GROWTH: Final = 4

Shelf = frozenset[Reference]


@dataclass(frozen=True, slots=True)
class Bearers:
    """The resources that bear an identifier.

    They stand on shelves, so that one more or one less copies a shelf and not all of
    them: a careless sender may give one identifier to every resource of a Bundle.
    """

    count: int = 0
    shelves: tuple[Shelf, ...] = (frozenset(),)

    @classmethod
    def of(cls, references: Iterable[Reference]) -> "Bearers":
        """Return these bearers."""
        bearers = NOBODY
        for reference in references:
            bearers = bearers.and_(reference)
        return bearers

    def __contains__(self, reference: Reference) -> bool:
        return reference in self.shelves[self._place(reference)]

    def __iter__(self) -> Iterator[Reference]:
        return chain.from_iterable(self.shelves)

    def and_(self, reference: Reference) -> "Bearers":
        """Return these and one more."""
        if reference in self:
            return self
        if self.count >= _SHELF * len(self.shelves):
            return self._with_more_shelves().and_(reference)
        place = self._place(reference)
        return self._with_shelf(place, self.shelves[place] | {reference}, 1)

    def without(self, reference: Reference) -> "Bearers":
        """Return these but one."""
        if reference not in self:
            return self
        place = self._place(reference)
        return self._with_shelf(place, self.shelves[place] - {reference}, -1)

    def _place(self, reference: Reference) -> int:
        return hash(reference) % len(self.shelves)

    def _with_shelf(self, place: int, shelf: Shelf, more: int) -> "Bearers":
        shelves = (*self.shelves[:place], shelf, *self.shelves[place + 1 :])
        return Bearers(self.count + more, shelves)

    def _with_more_shelves(self) -> "Bearers":
        shelves: list[set[Reference]] = [
            set() for _ in range(_GROWTH * len(self.shelves))
        ]
        for each in self:
            shelves[hash(each) % len(shelves)].add(each)
        return Bearers(self.count, tuple(map(frozenset, shelves)))


NOBODY = Bearers()


def claim(reference: Reference, bearers: Bearers) -> list[IdentityEvent]:
    """Let a resource bear the identifier, unless it already does."""
    return [] if reference in bearers else [IdentityClaimed(reference=reference)]


def release(reference: Reference, bearers: Bearers) -> list[IdentityEvent]:
    """Let a resource give the identifier up, if it bears it."""
    return [IdentityReleased(reference=reference)] if reference in bearers else []


def only_bearer(bearers: Bearers) -> Reference | None:
    """Return the one resource that bears the identifier, or None.

    Raises:
        AmbiguousIdentityError: several resources bear it, so that no condition on it
            can name one (FHIR R4, http.html#ccreate: 412 Precondition Failed).

    """
    if bearers.count > 1:
        raise AmbiguousIdentityError(
            "Several resources match the condition, where one at most may. Use a more "
            "specific identifier, or name the resource by its id."
        )
    return next(iter(bearers), None)


def evolve(bearers: Bearers, event: IdentityEvent) -> Bearers:
    """Remember who bears the identifier."""
    match event:
        case IdentityClaimed():
            return bearers.and_(event.reference)
        case IdentityReleased():
            return bearers.without(event.reference)
        case _:
            assert_never(event)
