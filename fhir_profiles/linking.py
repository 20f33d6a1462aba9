"""Find the references that a resource holds, and replace them.

A transaction gives new ids, so that every Reference, and every uri, url, oid or uuid
element that names an entry's fullUrl, is rewritten
(http://hl7.org/fhir/R4/http.html#trules). The narrative is left as it is.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from fhir_profiles.tables import load

Object = dict[str, Any]
Trail = tuple["Trail | None", str | int]
"""The last step to a place, and the trail to where it was taken; cheap to extend."""

_URIS: Final = frozenset(("uri", "url", "oid", "uuid"))
_URN: Final = "urn:"


class Link(NamedTuple):
    """A text in a resource that names another resource."""

    container: Object
    """The object that holds it."""
    key: str
    trail: Trail

    @property
    def path(self) -> tuple[str | int, ...]:
        """Keys and indices from the resource to the text."""
        steps: list[str | int] = []
        trail: Trail | None = self.trail
        while trail is not None:
            trail, step = trail
            steps.append(step)
        return tuple(reversed(steps))

    @property
    def text(self) -> str:
        """The reference as written."""
        return str(self.container[self.key])


def references(resource: Object) -> Iterator[Link]:
    """Find every Reference.reference, and urn: texts of uri, url, oid and uuid."""
    names = _uri_names()
    stack: list[tuple[Object, Trail | None]] = [(resource, None)]
    while stack:
        content, trail = stack.pop()
        for key, value in content.items():
            if isinstance(value, str):
                if key == "reference" or (key in names and value.startswith(_URN)):
                    yield Link(content, key, (trail, key))
            elif isinstance(value, dict | list):
                stack += _objects(value, (trail, key))


def _objects(value: Object | list[Any], trail: Trail) -> Iterator[tuple[Object, Trail]]:
    if isinstance(value, dict):
        yield value, trail
        return
    for index, item in enumerate(value):
        if isinstance(item, dict | list):
            yield from _objects(item, (trail, index))


def linked(resource: Object) -> set[str]:
    """Return the texts of `references`, faster since without their places."""
    names = _uri_names()
    texts: set[str] = set()
    stack = [resource]
    while stack:
        for key, value in stack.pop().items():
            if not isinstance(value, str):
                stack += _within(value)
            elif key == "reference" or (key in names and value.startswith(_URN)):
                texts.add(value)
    return texts


def _within(value: object) -> list[Object]:
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [each for item in value for each in _within(item)]
    return []


def rewrite(resource: Object, mapping: Mapping[str, str]) -> Object:
    """Copy a resource with the references that are keys of the mapping replaced.

    Everything else stays the very object it was, decimals included. The mapping may
    hold conditional references too, once they have been resolved.
    """
    return _copied(resource, mapping, _uri_names() | {"reference"})


def _copied(
    content: Object, mapping: Mapping[str, str], names: frozenset[str]
) -> Object:
    copy: Object = {}
    for key, value in content.items():
        if isinstance(value, str):
            copy[key] = mapping.get(value, value) if key in names else value
        elif isinstance(value, dict):
            copy[key] = _copied(value, mapping, names)
        elif isinstance(value, list):
            copy[key] = _items(key, value, mapping, names)
        else:
            copy[key] = value
    return copy


def _items(
    key: str, items: list[Any], mapping: Mapping[str, str], names: frozenset[str]
) -> list[Any]:
    copies: list[Any] = []
    for item in items:
        if isinstance(item, dict):
            copies.append(_copied(item, mapping, names))
        elif isinstance(item, str) and key in names:
            copies.append(mapping.get(item, item))
        else:
            copies.append(item)
    return copies


@cache
def _uri_names() -> frozenset[str]:
    """Name the elements that are a uri, url, oid or uuid in some type."""
    names: set[str] = set()
    for elements in load().elements.values():
        for name, (_, *types) in elements.items():
            if name.endswith("[x]"):
                stems = (kind for kind in types if kind in _URIS)
                names.update(name[:-3] + kind.capitalize() for kind in stems)
            elif types[0] in _URIS:
                names.add(name)
    return frozenset(names)
