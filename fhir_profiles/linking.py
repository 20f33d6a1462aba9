"""Find the references that a resource holds, and replace them.

A transaction gives new ids, so that every Reference, and every uri, url, oid or uuid
element that names an entry's fullUrl, is rewritten
(http://hl7.org/fhir/R4/http.html#trules). The narrative is left as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from fhir_profiles.references import is_conditional
from fhir_profiles.tables import load

Object = dict[str, Any]
Path = tuple[str | int, ...]

_URIS: Final = frozenset(("uri", "url", "oid", "uuid"))
_URN: Final = "urn:"


class Link(NamedTuple):
    """A text in a resource that names another resource."""

    container: Object
    """The object that holds it."""
    key: str
    path: tuple[str | int, ...]
    """Keys and indices from the resource to the text."""

    @property
    def text(self) -> str:
        """The reference as written."""
        return str(self.container[self.key])


def references(resource: Object) -> Iterator[Link]:
    """Find every Reference.reference, and urn: texts of uri, url, oid and uuid."""
    stack: list[tuple[object, Path]] = [(resource, ())]
    while stack:
        content, path = stack.pop()
        if isinstance(content, list):
            stack += [(item, (*path, i)) for i, item in enumerate(content)]
        elif isinstance(content, dict):
            stack += [(value, (*path, key)) for key, value in content.items()]
            yield from _links(content, path)


def _links(content: Object, path: Path) -> Iterator[Link]:
    for key, value in content.items():
        if _is_link(key, value):
            yield Link(content, key, (*path, key))


def conditional_references(resource: Object) -> list[tuple[str, str]]:
    """List the references that are searches, as (FHIRPath, `Type?query`)."""
    start = str(resource.get("resourceType", "Resource"))
    return [
        (_expression(start, link.path), link.text)
        for link in references(resource)
        if link.key == "reference" and is_conditional(link.text)
    ]


def rewrite(resource: Object, mapping: Mapping[str, str]) -> Object:
    """Copy a resource with the references that are keys of the mapping replaced.

    Everything else stays the very object it was, decimals included. The mapping may
    hold conditional references too, once they have been resolved.
    """
    return _copied(resource, mapping.get)


def _copied(content: Object, new: Callable[[str], str | None]) -> Object:
    copy: Object = {}
    for key, value in content.items():
        if isinstance(value, dict):
            copy[key] = _copied(value, new)
        elif isinstance(value, list):
            copy[key] = [_item(key, item, new) for item in value]
        else:
            copy[key] = _text(key, value, new)
    return copy


def _item(key: str, item: object, new: Callable[[str], str | None]) -> object:
    return _copied(item, new) if isinstance(item, dict) else _text(key, item, new)


def _text(key: str, value: object, new: Callable[[str], str | None]) -> object:
    if isinstance(value, str) and (key == "reference" or key in _uri_names()):
        replaced = new(value)
        return value if replaced is None else replaced
    return value


def _is_link(key: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    return key == "reference" or (value.startswith(_URN) and key in _uri_names())


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


def _expression(start: str, path: tuple[str | int, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return start + "".join(steps)
