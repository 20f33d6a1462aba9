"""By what a patient is known, learned from her own records, and who else is meant.

What is known surely is hers: her address in the gateway, or that of a resource of hers,
an identifier with its system, her full name, her telecom. What may as well be somebody
else's, such as one word of a name, is told apart: nobody destroys it unseen.
"""

from collections.abc import Callable, Collection, Mapping
from enum import IntEnum
from itertools import chain
from typing import Any, Final

from gateway.audit import received
from gateway.audit.births import born_otherwise
from gateway.audit.human_names import Name, Words, name_of, together, words
from gateway.audit.numbers import Numbers, has_digit
from gateway.audit.phrases import Phrases
from gateway.audit.sayings import Sayings, sayings
from gateway.audit.statement import Resource, listed, stated
from gateway.audit.values import SHORTEST_NAME, Values

_LONG_CONTACT: Final = 6
_PLACES: Final = ("city", "postalCode")
_PATIENT: Final = "Patient/"
_UUID: Final = 36  # characters of a case's id, with which those of its resources begin


class Naming(IntEnum):
    """How surely an event names her."""

    NOT = 0
    PERHAPS = 1
    SURELY = 2


def _nobody(_name: str) -> bool:
    return False


class Marks:
    """What is known by now; `ids` are references to her resources.

    `is_known` says whether a patient's name is in the log.
    """

    def __init__(self, patient: str, is_known: Callable[[str], bool] = _nobody) -> None:
        self.patient = patient
        self.ids = {patient}
        self._gone: set[str] = set()  # of nobody's, that name her and go
        self._cases: set[str] = set()
        self._is_known = is_known
        self._values = Values()
        self._numbers = Numbers()
        self._births: set[str] = set()
        self._names: set[Name] = set()
        self._contacts: set[str] = set()  # without what is between their parts
        self._reach: set[Words] = set()  # the same, as texts have them
        self._full: set[Words] = set()
        self._homes: set[tuple[Words, Words]] = set()  # a line, and the place
        self._telling: set[Words] = set()
        self._phrases = Phrases()  # these, and places

    def learn(self, event: Mapping[str, Any]) -> None:
        """Take what an event of hers says."""
        statement = stated(event)
        self.learn_values(statement)
        case_id = event.get("case_id")
        if case_id and self.patient == received.address(event.get("patient")):
            self._cases.add(str(case_id))
        address = received.address(event.get("reference"))
        resource = statement.received
        if not address or not resource:
            return
        self.ids.update((address, *received.as_sent(event, self.patient)))
        for each in received.whose_numbers(resource):
            self._numbers.learn_whose(each)
            self._seek_number(str(each.get("value") or ""))
        for number in received.its_numbers(statement):
            self._seek_number(number)
        if address == self.patient:
            self._learn_person(resource)
        else:
            self._numbers.learn_resource(address.partition("/")[0], resource)

    def learn_id(self, reference: str) -> None:
        """Take the address of a resource of hers."""
        self.ids.add(reference)

    def learn_gone(self, reference: str) -> bool:
        """Take the address of a resource that goes for naming her; say if it is new.

        It need not be hers alone, so what else points to it is only in doubt.
        """
        new = reference not in self._gone
        self._gone.add(reference)
        return new

    def learn_values(self, event: Any) -> None:  # noqa: ANN401 (event, or statement)
        """Take what no file may hold, from an event that goes with her."""
        self._values.learn(event)

    def naming(self, event: Any) -> Naming:  # noqa: ANN401 (any decoded event, statement)
        """Say whether an event that is not under her key names her."""
        return self.judged(sayings(event))

    def judged(self, said: Sayings) -> Naming:
        """Say whether she is named in what an event says."""
        if any(map(self._is_address_of_hers, said.references)):
            return Naming.SURELY
        found = set(self._phrases.within(said.texts))
        if self._is_meant(said, found):
            return Naming.PERHAPS if self.others(said) else Naming.SURELY
        return Naming.PERHAPS if self._may_be_meant(said, found) else Naming.NOT

    def pointing(self, said: Sayings, *, passing: bool) -> Naming:
        """Say whether an event that stands alone points to what goes for naming her.

        What is `passing` only tells of a request: it goes with what was asked for.
        """
        if self._gone.isdisjoint(said.references):
            return Naming.NOT
        return Naming.SURELY if passing and not self.others(said) else Naming.PERHAPS

    def others(self, said: Sayings) -> set[str]:
        """Return the other patients whom an event names by their addresses."""
        named = (each for each in said.references if _PATIENT in each)
        return {each for each in named if each not in self.ids and self._is_known(each)}

    def values(self) -> set[str]:
        """Return everything that no file may hold; ids count where they tell a person.

        The own part of an id, without the type, is what a file might hold.
        """
        bare = {each.rpartition("/")[2] for each in self.ids | self._gone}
        return {*self._values.texts, *filter(None, bare)}

    def _is_address_of_hers(self, reference: str) -> bool:
        return (
            reference in self.ids or reference.rpartition("/")[2][:_UUID] in self._cases
        )

    def _is_meant(self, said: Sayings, found: Collection[Words]) -> bool:
        if self._is_another(said):
            return False
        if self._numbers.are_said(said):
            return True
        people = [each for each in said.names if each.own]
        if any(map(self._is_hers, people)):
            return True
        if not people and self._numbers.are_in(found):
            return True
        if said.names:
            return False
        at_home = any(line in found and place in found for line, place in self._homes)
        reached = not self._contacts.isdisjoint(said.contacts)
        return at_home or reached or not (self._full | self._reach).isdisjoint(found)

    def _is_another(self, said: Sayings) -> bool:
        """Say whether somebody of her name is meant, by date of birth or number."""
        if self._numbers.are_of_another(said):
            return True
        return born_otherwise(said.births, self._births)

    def _may_be_meant(self, said: Sayings, found: Collection[Words]) -> bool:
        known = {*found, *self._phrases.within(said.asides)} & self._telling
        if known or self._numbers.may_be_said(said):
            return True
        if not self._contacts.isdisjoint(said.contacts):
            return True
        if any(self._resembles(each) for each in said.names):
            return True
        if any(each.endswith(f"/{self.patient}") for each in said.references):
            return True  # at an address that may be this gateway's, or another's
        numbers = [words(each) for _, each in said.identifiers]
        return not self._telling.isdisjoint(self._phrases.within(numbers))

    def _is_hers(self, name: Name) -> bool:
        return name.is_whole and any(
            (each.family, each.given) == (name.family, name.given)
            or each.full == name.full
            for each in self._names
        )

    def _resembles(self, name: Name) -> bool:
        return name.is_whole and any(
            each.family == name.family and not set(each.given).isdisjoint(name.given)
            for each in self._names
        )

    def _learn_person(self, patient: Resource) -> None:
        birth = patient.get("birthDate")
        if isinstance(birth, str):
            self._births.add(birth)
        for each in listed(patient, "identifier"):
            self._numbers.learn_own(each)
            self._seek(words(str(each.get("value") or "")))
        for each in listed(patient, "name"):
            self._learn_name(each)
        for each in listed(patient, "telecom"):
            self._learn_contact(str(each.get("value") or ""))
        for each in listed(patient, "address"):
            self._learn_home(each)

    def _learn_name(self, human: Resource) -> None:
        name, text = name_of(human), words(str(human.get("text") or ""))
        self._names.add(name)
        first = name.given[:1]
        for each in (text, name.full, (*name.family, *chain(*name.given))):
            if len(each) > 1:
                self._full.add(each)
            self._seek(each)
        for part in (name.family, *name.given, (*chain(*first), *name.family)):
            self._seek(part)

    def _learn_contact(self, value: str) -> None:
        if len(together(value)) >= _LONG_CONTACT:
            self._contacts.add(together(value))
            self._reach.add(words(value))
        self._seek(words(value))

    def _learn_home(self, address: Resource) -> None:
        said = address.get("line")
        listed = said if isinstance(said, list) else [said]
        lines = [words(str(each)) for each in listed if each]
        places = [words(str(address[key])) for key in _PLACES if address.get(key)]
        self._homes.update((line, place) for line in lines for place in places)
        for each in (*lines, words(str(address.get("text") or ""))):
            self._seek(each)
        for place in filter(None, places):
            self._phrases.add(place)

    def _seek_number(self, number: str) -> None:
        if has_digit(number):
            self._seek(words(number))

    def _seek(self, phrase: Words) -> None:
        if len("".join(phrase)) >= SHORTEST_NAME:
            self._telling.add(phrase)
            self._phrases.add(phrase)
