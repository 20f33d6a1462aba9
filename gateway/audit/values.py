"""What no file may hold of a patient who is erased: names, numbers, ids and free texts.

It lives in memory only, while an erasure looks for what is left.
"""

from collections.abc import Iterator
from typing import Any, Final

from gateway.audit.human_names import is_name, parts_of
from gateway.audit.statement import (
    NUMBERS,
    TAG,
    Element,
    Resource,
    number_of,
    stated,
)

SHORTEST_NAME: Final = 4
"""Characters; what is shorter is found in too much that is not hers."""
_SHORTEST_WORDS: Final = 12
_MOST_OF_A_TEXT: Final = 200
_WHOSE_TEXT: Final = frozenset({"name", "address"})
_ALWAYS: Final = frozenset({"family", "given", "line"}) | NUMBERS
_VOCABULARY: Final = frozenset(
    {"coding", "system", "url", "passages", "profile", "schema_sha256", "sentence"}
)


class Values:
    """What is known by now."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def learn(self, event: Any) -> None:  # noqa: ANN401 (any decoded event, statement)
        """Take what an event says."""
        for each in stated(event).elements:
            if isinstance(each.value, str):
                self.texts.update(_of_text(each, each.value))
            else:
                self.texts.update(filter(None, _of_object(each, each.value)))


def _of_text(here: Element, text: str) -> Iterator[str]:
    if _is_value(here):
        if len(text) >= SHORTEST_NAME:
            yield text
    elif _VOCABULARY.isdisjoint(here.path) and " " in text:
        yield from _pieces(text, here.key)


def _of_object(here: Element, said: Resource) -> Iterator[str]:
    """Give ids, identifiers as a search writes them, and names as people do.

    The id of what is contained is a word that its sender chose, such as `patient`.
    """
    identity = said.get("id")
    if "resourceType" in said and isinstance(identity, str) and not here.contained:
        yield identity
    number = number_of(said)
    if number is not None and number.system and number.value:
        yield f"{number.system}|{number.value}"
    if is_name(said):
        family, given = parts_of(said)
        yield " ".join([*given, family]).strip()
        yield f"{family}, {' '.join(given)}".strip(", ")


def _pieces(text: str, key: str) -> Iterator[str]:
    """Give a text as it was written, and what is between and without its tags."""
    without = TAG.sub(" ", text).strip()
    if key != "div" or len(without) >= _SHORTEST_WORDS:  # else it is tags alone
        yield from _telling(text)
    yield from _telling(without)
    for piece in TAG.split(text):
        yield from _telling(piece.strip())


def _telling(text: str) -> Iterator[str]:
    if len(text) >= _SHORTEST_WORDS and " " in text:
        yield text[:_MOST_OF_A_TEXT]


def _is_value(here: Element) -> bool:
    """Say whether a text tells somebody even where it is one word."""
    if here.key == "value":
        return number_of(here.of) is not None
    if here.key == "text":
        return not _WHOSE_TEXT.isdisjoint(here.path)
    return here.key in _ALWAYS
