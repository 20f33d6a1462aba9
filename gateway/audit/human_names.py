"""Names of people, and words as they are compared: without accents and capitals."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

Words = tuple[str, ...]
_WORD: Final = re.compile(r"\w+")
_PARTS: Final = frozenset({"family", "given"})


@dataclass(frozen=True)
class Name:
    """A person's name; `own` where it may be that of a patient."""

    family: Words
    given: tuple[Words, ...]
    own: bool

    @property
    def full(self) -> Words:
        """Return it as people write it."""
        return (*chain(*self.given), *self.family)

    @property
    def is_whole(self) -> bool:
        """Say whether it has both parts: one alone is shared by too many."""
        return bool(self.family and self.given)


def words(text: str) -> Words:
    """Return the words of a text as they are compared."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    small = unicodedata.normalize("NFKD", text).casefold()
    letters = unicodedata.normalize("NFKD", small)
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return tuple(_WORD.findall(plain))


def together(text: str) -> str:
    """Return a number or address without what people write between its parts."""
    return "".join(words(text))


def is_name(said: Mapping[str, Any]) -> bool:
    """Say whether an object is a HumanName, by its shape."""
    return not _PARTS.isdisjoint(said)


def parts_of(human: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the family name and the given ones as they were written.

    What was set aside may have anything in their place (a HumanName is
    http://hl7.org/fhir/R4/datatypes.html#HumanName): nothing is no name.
    """
    given = human.get("given")
    listed = given if isinstance(given, list) else [given]
    return str(human.get("family") or ""), [str(each) for each in listed if each]


def name_of(human: Mapping[str, Any], *, own: bool = True) -> Name:
    """Return a HumanName as names are compared."""
    family, given = parts_of(human)
    return Name(
        family=words(family), given=tuple(filter(None, map(words, given))), own=own
    )
