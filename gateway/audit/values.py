"""What no file may hold of a patient who is erased: names, numbers, ids and free texts.

It lives in memory only, while an erasure looks for what is left.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.audit.received import listed
from gateway.audit.sayings import TAG, decoded

SHORTEST_NAME: Final = 4
"""Characters; what is shorter is found in too much that is not hers."""
_SHORTEST_WORDS: Final = 12
_MOST_OF_A_TEXT: Final = 200
_WHOSE_VALUE: Final = frozenset({"identifier", "telecom"})
_WHOSE_TEXT: Final = frozenset({"name", "address"})
_ALWAYS: Final = frozenset({"family", "given", "line"})
_VOCABULARY: Final = frozenset(
    {"coding", "system", "url", "passages", "profile", "schema_sha256", "sentence"}
)
Path = tuple[str, ...]


class Values:
    """What is known by now."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def learn(self, event: Any) -> None:  # noqa: ANN401 (any decoded event)
        """Take what an event says."""
        for each in _objects(event):
            self.texts.update(filter(None, _of_object(each)))
        for path, text in _leaves(event):
            if _is_name(path):
                if len(text) >= SHORTEST_NAME:
                    self.texts.add(text)
            elif _VOCABULARY.isdisjoint(path) and " " in text:
                self.texts.update(_pieces(text, path[-1:]))


def _of_object(said: Mapping[str, Any]) -> Iterator[str]:
    """Give ids, identifiers as a search writes them, and names as people do."""
    if "resourceType" in said and isinstance(said.get("id"), str):
        yield said["id"]
    for each in listed(said, "identifier"):
        if each.get("system") and each.get("value"):
            yield f"{each['system']}|{each['value']}"
    for each in listed(said, "name"):
        given = [one for one in each.get("given", ()) if isinstance(one, str)]
        family = each.get("family", "")
        yield " ".join([*given, str(family)]).strip()
        yield f"{family}, {' '.join(given)}".strip(", ")


def _pieces(text: str, key: Path) -> Iterator[str]:
    """Give a text as it was written, and what is between and without its tags."""
    without = TAG.sub(" ", text).strip()
    if key != ("div",) or len(without) >= _SHORTEST_WORDS:  # else it is tags alone
        yield from _telling(text)
    yield from _telling(without)
    for piece in TAG.split(text):
        yield from _telling(piece.strip())


def _telling(text: str) -> Iterator[str]:
    if len(text) >= _SHORTEST_WORDS and " " in text:
        yield text[:_MOST_OF_A_TEXT]


def _is_name(path: Path) -> bool:
    last, within = path[-1:], set(path)
    if last == ("value",):
        return bool(within & _WHOSE_VALUE)
    if last == ("text",):
        return bool(within & _WHOSE_TEXT)
    return bool(_ALWAYS.intersection(last))


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    said = decoded(value) if isinstance(value, bytes) else value
    if isinstance(said, str):
        yield path, said
    elif isinstance(said, dict):
        for key, held in said.items():
            yield from _leaves(held, (*path, str(key)))
    elif isinstance(said, list):
        for held in said:
            yield from _leaves(held, path)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    said = decoded(value) if isinstance(value, bytes) else value
    if isinstance(said, dict):
        yield said
    held = said.values() if isinstance(said, dict) else said
    for each in held if isinstance(held, list) or isinstance(said, dict) else ():
        yield from _objects(each)
