"""What somebody said, said again in the words of the rules' own catalogue.

Nothing of the text is carried over: a concept of the catalogue was meant, and is worded
anew. So nothing can come out but what stands in the program.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Final, TypeVar

from domain.floor.catalogue import CONCEPTS
from domain.floor.concepts import ATC, ICD_10, RXNORM, SNOMED, Concept
from domain.floor.text import Heard, listen
from domain.values import Code, Complaint, Finding, Reference

OPENED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When every case opens that is shown: no date of anybody."""

_SYSTEMS: Final = (SNOMED, ATC, RXNORM)
_NOWHERE: Final = Reference(type="Basic", id="r0")
_Said = TypeVar("_Said", Complaint, Finding)


class UnknownWordsError(Exception):
    """It cannot be said again; the message is a short code of why."""


def reworded(said: _Said, *, year: int, source: Reference) -> _Said:
    """Return what was meant, under another source.

    Raises:
        UnknownWordsError: the catalogue has no words for it, a code is of a system
            that it does not know, or it would mean something else.

    """
    if not all(map(_is_known, said.codes)):
        raise UnknownWordsError("code-system")
    heard = listen([said], year=year)
    meant = [(name, False) for name in sorted(heard.present)]
    meant += [(name, True) for name in sorted(heard.past)]
    words = [found for each in meant if (found := _worded(*each)) is not None]
    if not words or len(words) < len(meant):
        raise UnknownWordsError("unknown")
    again = type(said)(
        text=". ".join(words),
        source=source,
    )
    if _meaning(listen([again], year=OPENED.year)) != _meaning(heard):
        raise UnknownWordsError("ambiguous")
    return again


def _is_known(code: Code) -> bool:
    return code.system in _SYSTEMS or code.system.startswith(ICD_10)


def _meaning(heard: Heard) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(heard.present), frozenset(heard.past)


@cache
def _worded(name: str, past: bool) -> str | None:  # noqa: FBT001 (a key of the cache)
    """Return words that mean a concept and nothing else, None where there are none."""
    concept = next(each for each in CONCEPTS if each.name == name)
    meant = (frozenset[str](), frozenset({name}))
    wanted = meant if past else meant[::-1]
    for words in _candidates(concept):
        text = f"history of {words}" if past else words
        said = Complaint(text=text, source=_NOWHERE)
        if _meaning(listen([said], year=OPENED.year)) == wanted:
            return text
    return None


def _candidates(concept: Concept) -> Iterable[str]:
    """Give its name, then the first words of its phrases, stems last."""
    yield concept.name.replace("-", " ")
    phrases = map(_first_words, concept.phrases)
    for words in sorted(phrases, key=lambda each: "*" in each):
        yield words.replace("*", "")


def _first_words(phrase: str) -> str:
    """Return the first word of each group of a phrase; a stem keeps its `*`."""
    terms = [each for each in phrase.split() if not each.startswith("!")]
    return " ".join(each.split("|")[0] for each in terms)
