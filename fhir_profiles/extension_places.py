"""Whether the extensions that R4 itself defines stand where they may, with their type.

http://hl7.org/fhir/R4/defining-extensions.html#context. Extensions of others are not
known, and may stand anywhere (http://hl7.org/fhir/R4/extensibility.html).
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final

from fhir_profiles.findings import Findings, Walk, gathered, placed
from fhir_profiles.presence import objects
from fhir_profiles.problems import allowed
from fhir_profiles.repetition import DEPTH
from fhir_profiles.shapes import Shape
from fhir_profiles.tables import Tables

Object = dict[str, Any]
Places = frozenset[str]
"""Every name that a context may use for the element: paths and types."""

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
_WHOLE: Final = ("Resource", "Extension")
"""Types that are looked at by themselves, or not at all."""


class ExtensionPlaces:
    """Checks the extensions anywhere in a resource, but not in those it contains."""

    def __init__(self, tables: Tables, shape_of: Callable[[str], Shape]) -> None:
        self._tables = tables
        self._shape_of = shape_of

    @cached_property
    def _known(self) -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
        return {
            url: (frozenset(contexts), tuple(types))
            for url, (contexts, types) in self._tables.extensions.items()
        }

    def check(self, resource: Object, kind: str, walk: Walk) -> Findings:
        """Check a resource of that type, whose shape may be wrong.

        A Bundle, a Binary and Parameters have no extensions of their own.
        """
        if self._tables.bases[kind] != "DomainResource" or not _has_core(resource):
            return None
        return self._within(resource, kind, self._types(kind) | {"Element"}, walk)

    def _within(self, value: Object, key: str, places: Places, walk: Walk) -> Findings:
        if walk.depth >= DEPTH:
            return None
        walk.depth += 1
        found = gathered(self._parts(value, key, places, walk))
        walk.depth -= 1
        return found

    def _parts(
        self, value: Object, key: str, places: Places, walk: Walk
    ) -> Iterator[Findings]:
        yield self._extensions(value, places, walk)
        shape = self._shape_of(key)
        for name, content in value.items():
            element = name.removeprefix("_")
            kind, _ = shape.kinds.get(element, ("Extension", False))
            target = kind.partition(":")[0].lstrip("@^")
            if target not in _WHOLE:
                inside = frozenset(f"{place}.{element}" for place in places)
                wrong = self._values(content, name, target, inside, walk)
                yield placed(wrong, name, shape.steps.get(element, f".{element}"))

    def _values(
        self, content: object, name: str, kind: str, places: Places, walk: Walk
    ) -> Findings:
        if not isinstance(content, list):
            return self._child(content, name, kind, places, walk)
        return gathered(
            placed(self._child(item, name, kind, places, walk), index)
            for index, item in enumerate(content)
        )

    def _child(
        self, value: object, name: str, kind: str, places: Places, walk: Walk
    ) -> Findings:
        if not isinstance(value, dict):
            return None
        if name[0] == "_":
            return self._extensions(value, places | {kind, "Element"}, walk)
        return self._within(value, kind, places | self._types(kind), walk)

    def _types(self, kind: str) -> Places:
        names = [kind]
        while base := self._tables.bases.get(names[-1]):
            names.append(base)
        return frozenset(names)

    def _extensions(self, value: Object, places: Places, walk: Walk) -> Findings:
        found = []
        for name in ("extension", "modifierExtension"):
            for index, one in enumerate(objects(value.get(name))):
                wrong = gathered(self._one(one, places, walk))
                found.append(placed(placed(wrong, index), name))
        return gathered(found)

    def _one(self, extension: Object, places: Places, walk: Walk) -> Iterator[Findings]:
        url = extension.get("url")
        if not isinstance(url, str) or not url.startswith(CORE):
            return
        name = url.removeprefix(CORE)
        if name not in self._known:
            return
        contexts, types = self._known[name]
        if not contexts & places:
            yield walk.report("extension.context", name, allowed(None, contexts))
        values = [key for key in extension if key.startswith("value")]
        if types and values and values[0] not in types:
            yield walk.report("extension.type", name, allowed(values[0], types))


def _has_core(resource: Object) -> bool:
    """Tell whether there may be an extension of R4 anywhere."""
    stack: list[object] = [resource]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if str(value.get("url")).startswith(CORE):
                return True
            stack += [part for part in value.values() if type(part) is not str]
    return False
