"""The values by which a patient could be recognised, taken from her own records.

They live in memory only, while an erasure looks for what is left. By `names` and `ids`
other entries of the log are searched: names, identifiers, addresses, telecoms, and the
ids of her resources. `words` are free texts, by which only files are searched, since
the same words may be said of somebody else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

SHORTEST_NAME: Final = 4
"""Characters; what is shorter is found in too much that is not hers."""
_SHORTEST_WORDS: Final = 12
_WHOSE_VALUE: Final = frozenset({"identifier", "telecom"})
_WHOSE_TEXT: Final = frozenset({"name", "address"})
_ALWAYS: Final = frozenset({"family", "given", "line"})
_VOCABULARY: Final = frozenset(
    {"coding", "system", "url", "passages", "profile", "schema_sha256", "sentence"}
)
_TAG: Final = re.compile(r"<[^>]*>")
_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")
_MOST_OF_A_TEXT: Final = 200


class Marks:
    """What is known by now; `ids` are references to her resources."""

    def __init__(self, patient: str) -> None:
        self.ids = {patient}
        self.names: set[str] = set()
        self.words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, plaintext: Any) -> None:  # noqa: ANN401 (any decoded event)
        """Take what an event of hers says."""
        self._pattern = None
        for resource in _resources(plaintext):
            self.ids.add(f"{resource.get('resourceType')}/{resource.get('id')}")
            self.names.update(_full_names(resource))
            self.names.update(_identifiers(resource.get("identifier")))
        for path, text in _leaves(plaintext):
            self._take(path, text)

    def learn_id(self, reference: str) -> None:
        """Take the address of a resource of hers."""
        self.ids.add(reference)

    def found_in(self, plaintext: Any) -> bool:  # noqa: ANN401 (any decoded event)
        """Say whether an event that is not under her key names her."""
        if self._pattern is None:
            known = sorted(filter(None, map(re.escape, self.names)), key=len)
            listed = "|".join(reversed(known)) or r"(?!)"
            self._pattern = re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)
        text = "\n".join(_said(plaintext))
        if any(each in self.ids for each in _REFERENCE.findall(text)):
            return True
        return self._pattern.search(text) is not None

    def values(self) -> set[str]:
        """Return everything that no file may hold; ids count where they tell a person.

        The own part of an id, without the type, is what a file might hold.
        """
        bare = {each.partition("/")[2] for each in self.ids}
        return {*self.names, *self.words, *filter(None, bare)}

    def _take(self, path: tuple[str, ...], text: str) -> None:
        if _is_name(path):
            if len(text) >= SHORTEST_NAME:
                self.names.add(text)
        elif _VOCABULARY.isdisjoint(path) and " " in text:
            plain = _TAG.sub(" ", text).strip()[:_MOST_OF_A_TEXT]
            if len(plain) >= _SHORTEST_WORDS:
                self.words.add(plain)


def _is_name(path: tuple[str, ...]) -> bool:
    last, within = path[-1:], set(path)
    if last == ("value",):
        return bool(within & _WHOSE_VALUE)
    if last == ("text",):
        return bool(within & _WHOSE_TEXT)
    return bool(_ALWAYS.intersection(last))


def _full_names(resource: Mapping[str, Any]) -> Iterator[str]:
    """Give the names as people write them, since a part may be too short to tell."""
    names = resource.get("name")
    for name in names if isinstance(names, list) else ():
        if isinstance(name, dict):
            given = [each for each in name.get("given", ()) if isinstance(each, str)]
            family = name.get("family", "")
            yield " ".join([*given, str(family)]).strip()
            yield f"{family}, {' '.join(given)}".strip(", ")


def _leaves(
    value: Any,  # noqa: ANN401 (any decoded event)
    path: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], str]]:
    read = _read(value) if isinstance(value, bytes) else value
    if isinstance(read, str):
        yield path, read
    elif isinstance(read, dict):
        for key, held in read.items():
            yield from _leaves(held, (*path, str(key)))
    elif isinstance(read, list):
        for held in read:
            yield from _leaves(held, path)


def _said(value: Any) -> Iterator[str]:  # noqa: ANN401
    """Give every text of an event, queries as they were meant, references joined."""
    for path, text in _leaves(value):
        yield unquote_plus(text) if path[-1:] == ("asked",) else text
    yield from _references(value)
    yield from _identifiers(value)


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401
    for each in _objects(value):
        kind, identity = each.get("type"), each.get("id")
        if isinstance(kind, str) and isinstance(identity, str):
            yield f"{kind}/{identity}"


def _identifiers(value: Any) -> Iterator[str]:  # noqa: ANN401
    """Give each identifier as a search writes it: so a short one tells, too."""
    for each in _objects(value):
        system, text = each.get("system"), each.get("value")
        if isinstance(system, str) and isinstance(text, str):
            yield f"{system}|{text}"


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    read = _read(value) if isinstance(value, bytes) else value
    if isinstance(read, dict):
        yield read
    held = read.values() if isinstance(read, dict) else read
    for each in held if isinstance(read, dict | list) else ():
        yield from _objects(each)


def _resources(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    read = _read(value) if isinstance(value, bytes) else value
    if isinstance(read, dict):
        if "resourceType" in read:
            yield read
        yield from _all(read.values())
    elif isinstance(read, list):
        yield from _all(read)


def _all(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for each in values:
        yield from _resources(each)


def _read(content: bytes) -> Any:  # noqa: ANN401 (any JSON)
    try:
        return msgspec.json.decode(content)
    except ValueError:
        return content.decode(errors="replace")
