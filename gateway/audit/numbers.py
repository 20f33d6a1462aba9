"""The numbers by which a patient is known, and those of her resources."""

from collections.abc import Collection
from typing import Final

from gateway.audit.human_names import Words, words
from gateway.audit.sayings import Numbered, Sayings
from gateway.audit.statement import Number, Resource, listed, number_of

_LONG: Final = 8
"""Characters of a number that is hers even where nobody says of which system."""

_REAL: Final = 2  # characters that may well be alike, as those of bed 11


class Numbers:
    """What is known by now.

    A system numbers people, or resources of one type, each once: a number of hers in
    its system tells her, and that of a resource of hers tells this one among those of
    its type. Elsewhere the same digits may be anybody's.
    """

    def __init__(self) -> None:
        self._hers: set[tuple[str, str]] = set()
        self._systems: set[str] = set()  # in which she herself has one
        self._bare: set[Words] = set()  # that tell her without a system
        self._numbered: set[Numbered] = set()  # those of resources of hers
        self._known: set[tuple[str, str]] = set()  # of either

    def learn_own(self, identifier: Resource) -> None:
        """Take an identifier of the patient's own record."""
        number = number_of(identifier)
        if number is None:
            return
        self.learn_whose(identifier)
        if number.system:
            self._systems.add(number.system)
        phrase, tells = words(number.value), not _is_placeholder(number.value)
        if tells and has_digit(number.value) and len("".join(phrase)) >= _LONG:
            self._bare.add(phrase)

    def learn_whose(self, identifier: Resource) -> None:
        """Take an identifier by which a resource of hers says whose it is."""
        number = number_of(identifier)
        if number is not None and number.system:
            self._known.add(_pair(number))
            if not _is_placeholder(number.value):
                self._hers.add(_pair(number))

    def learn_resource(self, kind: str, resource: Resource) -> None:
        """Take by which numbers a resource of hers is known among those of its type."""
        for each in listed(resource, "identifier"):
            number = number_of(each)
            if number is not None and number.system:
                self._known.add(_pair(number))
                if not _is_placeholder(number.value):
                    self._numbered.add(Numbered(kind, number.system, number.value))

    def are_said(self, said: Sayings) -> bool:
        """Say whether one is said with its system, and where it is one of a kind."""
        return bool(said.identifiers & self._hers or said.numbered & self._numbered)

    def may_be_said(self, said: Sayings) -> bool:
        """Say whether one is said with its system."""
        return bool(said.identifiers & self._known)

    def are_in(self, found: Collection[Words]) -> bool:
        """Say whether one that tells her without a system is among phrases."""
        return not self._bare.isdisjoint(found)

    def are_of_another(self, said: Sayings) -> bool:
        """Say whether there is a number of a system in which she has another."""
        strange = said.identifiers - self._known
        return any(system in self._systems for system, _ in strange)


def has_digit(number: str) -> bool:
    """Say whether a number is one, rather than a word."""
    return any(map(str.isdigit, number))


def _is_placeholder(number: str) -> bool:
    """Say whether a number is one character again and again: nobody had a real one."""
    return len(number) > _REAL and len(set(number)) == 1


def _pair(number: Number) -> tuple[str, str]:
    return number.system, number.value
