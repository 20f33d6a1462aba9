"""Where a path leads in a resource, and the edits that can be made there.

The extensions of primitive values stand beside them under a name with an underscore;
every edit keeps the two in step (http://hl7.org/fhir/R4/json.html#primitive).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fhir_profiles.patching import PatchError
from fhir_profiles.patching_elements import RESOURCE, Element, elements
from fhir_profiles.patching_paths import Criterion, Index, Literal, Name, Path, Step
from fhir_profiles.problems import masked

Object = dict[str, Any]

_VISITS: Final = 200_000  # places that one patch may look at


@dataclass(frozen=True, slots=True)
class Content:
    """A value, and the object beside it that holds a primitive's id and extensions."""

    value: Any
    beside: Object | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One element: the object that holds it, its name in JSON, its type."""

    container: Object
    name: str
    index: int | None
    """None where it does not repeat."""
    kind: str
    definition: Element | None = None
    """None of the root."""

    @property
    def value(self) -> Any:  # noqa: ANN401 (JSON)
        """Return what is there."""
        content = self.container.get(self.name)
        if self.index is None:
            return content
        return content[self.index] if isinstance(content, list) else None

    @property
    def type(self) -> str:
        """Return the type of what is there; of a resource, its own."""
        if self.kind == RESOURCE and isinstance(self.value, dict):
            return str(self.value.get("resourceType"))
        return self.kind

    def child(self, name: str) -> Element:
        """Return the definition of an element of what is there.

        Raises:
            PatchError: there is no such element, or a primitive stands here.

        """
        if not isinstance(self.value, dict):
            raise PatchError(
                "The path leads into a value that has no elements; the extensions of "
                "a primitive are changed by JSON Patch."
            )
        found = elements(self.type).get(name)
        if found is None:
            size = masked(name)
            raise PatchError(f"{self.type} has no element of that name ({size}).")
        return found


class Places:
    """Follows paths from the root of one resource."""

    def __init__(self, resource: Object) -> None:
        self._root = Place({"": resource}, "", None, str(resource["resourceType"]))
        self._left = _VISITS

    def at(self, path: Path) -> list[Place]:
        """Return every place to which a path leads; the first name may be the type."""
        own = path[:1] == (Name(self._root.kind),)
        return self._from(self._root, path[1:] if own else path)

    def one(self, path: Path) -> Place:
        """Return the one place to which a path leads.

        Raises:
            PatchError: it leads nowhere, or to several places.

        """
        found = self.at(path)
        if len(found) != 1:
            raise PatchError(
                f"The path leads to {len(found)} elements, and must lead to one."
            )
        return found[0]

    def _from(self, start: Place, path: Iterable[Step]) -> list[Place]:
        places = [start]
        for step in path:
            if isinstance(step, Name):
                places = [each for one in places for each in self._named(one, step)]
            elif isinstance(step, Index):
                places = places[step.index :][:1]
            else:
                places = [
                    each
                    for each in places
                    if all(self._meets(each, criterion) for criterion in step.criteria)
                ]
        return places

    def _named(self, place: Place, step: Name) -> Iterator[Place]:
        definition = place.child(step.name)
        for name, kind in definition.members():
            found = place.value.get(name)
            beside = place.value.get(f"_{name}")
            self._count(found)
            if isinstance(found, list) or isinstance(beside, list):
                size = len(found if isinstance(found, list) else beside)
                for index in range(size):
                    yield Place(place.value, name, index, kind, definition)
            elif found is not None or beside is not None:
                yield Place(place.value, name, None, kind, definition)

    def _meets(self, place: Place, criterion: Criterion) -> bool:
        found = self._from(place, criterion.path)
        return len(found) == 1 and _equal(found[0].value, criterion.literal)

    def _count(self, found: object) -> None:
        self._left -= len(found) if isinstance(found, list) else 1
        if self._left < 0:
            raise PatchError("The paths visit too much: update the resource by PUT.")


def put(container: Object, name: str, content: Content) -> None:
    """Set an element that does not repeat."""
    container.pop(f"_{name}", None)
    container[name] = content.value
    if content.value is None:
        del container[name]
    if content.beside is not None:
        container[f"_{name}"] = content.beside


def insert(container: Object, name: str, index: int, content: Content) -> None:
    """Insert one of an element that repeats.

    Raises:
        PatchError: there are fewer than the index says.

    """
    values, beside = _lists(container, name)
    if index > len(values):
        raise PatchError("The list is shorter than the index says.")
    values.insert(index, content.value)
    beside.insert(index, content.beside)
    _keep(container, name, values, beside)


def append(container: Object, name: str, content: Content) -> None:
    """Add one more of an element that repeats."""
    insert(container, name, size(container, name), content)


def size(container: Object, name: str) -> int:
    """Return how many there are of an element that repeats."""
    return len(_lists(container, name)[0])


def remove(place: Place) -> Content:
    """Take an element away and return it."""
    container, name = place.container, place.name
    if place.index is None:
        return Content(container.pop(name, None), container.pop(f"_{name}", None))
    values, beside = _lists(container, name)
    taken = Content(values.pop(place.index), beside.pop(place.index))
    _keep(container, name, values, beside)
    return taken


def _lists(container: Object, name: str) -> tuple[list[Any], list[Any]]:
    """Return the values and what stands beside them, as lists of one length.

    Raises:
        PatchError: they are none, in a resource whose faults were let pass.

    """
    values = container.get(name) or []
    beside = container.get(f"_{name}") or []
    if not isinstance(values, list) or not isinstance(beside, list):
        raise PatchError("There is no list where FHIR has one: use JSON Patch.")
    longest = max(len(values), len(beside))
    if {len(values), len(beside)} - {0, longest}:
        raise PatchError("A list and its extensions differ in length: use JSON Patch.")
    return values or [None] * longest, beside or [None] * longest


def _keep(container: Object, name: str, values: list[Any], beside: list[Any]) -> None:
    """Store both lists; one that holds nothing has no place in FHIR's JSON."""
    for key, items in ((name, values), (f"_{name}", beside)):
        if any(item is not None for item in items):
            container[key] = items
        else:
            container.pop(key, None)


def _equal(there: object, literal: Literal) -> bool:
    if isinstance(there, bool) or isinstance(literal, bool):
        return there is literal
    return there == literal
