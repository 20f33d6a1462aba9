"""FHIRPath Patch: a Parameters resource with operations on elements.

http://hl7.org/fhir/R4/fhirpatch.html. `add` to an element that does not repeat is for
one that is not there; `delete` of what is not there changes nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fhir_profiles.patching import (
    Copier,
    Patch,
    PatchError,
    Resource,
    malformed,
    require_few,
)
from fhir_profiles.patching_elements import Element
from fhir_profiles.patching_paths import Name, Path, Where, path_of
from fhir_profiles.patching_places import (
    Place,
    Places,
    append,
    insert,
    put,
    remove,
    size,
)
from fhir_profiles.patching_values import Value, content_of, value_of

Object = dict[str, Any]

_NUMBERS: Final = ("index", "source", "destination")
_KEYS: Final = ("valueInteger", "valueUnsignedInt", "valuePositiveInt")


@dataclass(frozen=True, kw_only=True)
class _Operation:
    index: int
    type: str
    path: Path
    name: str
    value: Value
    numbers: dict[str, int]


@dataclass(frozen=True)
class _Document:
    places: Places
    copier: Copier


def fhirpath_patch(parameters: Object) -> Patch:
    """Read a FHIRPath Patch from a checked Parameters resource.

    Raises:
        MalformedPatchError: it is none; the issue names the parameter.

    """
    sent = parameters.get("parameter")
    listed = sent if isinstance(sent, list) else []
    if parameters.get("resourceType") != "Parameters" or not listed:
        malformed("Send a Parameters resource with operations.", "Parameters")
    require_few(len(listed))
    operations = tuple(_operation(i, each) for i, each in enumerate(listed))
    return Patch(
        apply=partial(_applied, operations),
        compares=any(isinstance(s, Where) for each in operations for s in each.path),
    )


def _operation(index: int, sent: object) -> _Operation:
    place = f"Parameters.parameter[{index}]"
    if not isinstance(sent, dict) or sent.get("name") != "operation":
        malformed("Each parameter of a patch is named operation.", place)
    parts = {
        part["name"]: part
        for part in sent.get("part", ())
        if isinstance(part, dict) and isinstance(part.get("name"), str)
    }
    kind = parts.get("type", {}).get("valueCode")
    if kind not in _STEPS:
        malformed(f"type is a valueCode, one of {', '.join(_STEPS)}.", place)
    for needed in _NEEDS[kind]:
        if needed not in parts:
            malformed(f"{kind} needs a part {needed}.", place)
    return _Operation(
        index=index,
        type=kind,
        path=path_of(_text(parts["path"], place), place),
        name=_text(parts["name"], place) if "name" in parts else "",
        value=value_of(parts.get("value", {}), place),
        numbers=dict(_numbers(parts, place)),
    )


def _text(part: Object, place: str) -> str:
    text = part.get("valueString")
    if not isinstance(text, str):
        malformed("path and name are given as valueString.", place)
    return text


def _numbers(parts: dict[str, Object], place: str) -> Iterator[tuple[str, int]]:
    for name in _NUMBERS:
        if name in parts:
            number = next((parts[name][k] for k in _KEYS if k in parts[name]), None)
            if type(number) is not int or number < 0:
                malformed(f"{name} is a valueInteger from 0.", place)
            yield name, number


def _applied(operations: tuple[_Operation, ...], resource: Resource) -> Resource:
    copier = Copier()
    patched: Resource = copier.copy(resource)
    document = _Document(Places(patched), copier)
    for operation in operations:
        try:
            _STEPS[operation.type](document, operation)
        except PatchError as fault:
            raise PatchError(
                f"Operation [{operation.index}] ({operation.type}): {fault} Nothing "
                "was changed."
            ) from None
    return patched


def _add(document: _Document, asked: _Operation) -> None:
    parent = document.places.one(asked.path)
    element = parent.child(asked.name)
    name, content = content_of(asked.value, element, document.copier)
    if element.repeats:
        append(parent.value, name, content)
        return
    for member, _ in element.members():
        if member in parent.value or f"_{member}" in parent.value:
            raise PatchError("The element is there already: use replace.")
    put(parent.value, name, content)


def _insert(document: _Document, asked: _Operation) -> None:
    holder, element = _list(document, asked.path)
    name, content = content_of(asked.value, element, document.copier)
    insert(holder, name, asked.numbers["index"], content)


def _delete(document: _Document, asked: _Operation) -> None:
    if document.places.at(asked.path):
        place, _ = _element(document, asked.path)
        remove(place)


def _replace(document: _Document, asked: _Operation) -> None:
    place, element = _element(document, asked.path)
    name, content = content_of(asked.value, element, document.copier)
    remove(place)
    if place.index is None:
        put(place.container, name, content)
    else:
        insert(place.container, name, place.index, content)


def _move(document: _Document, asked: _Operation) -> None:
    holder, element = _list(document, asked.path)
    source = Place(holder, element.name, asked.numbers["source"], "")
    there = size(holder, element.name)
    if max(asked.numbers["source"], asked.numbers["destination"]) >= there:
        raise PatchError("The list is shorter than the index says.")
    moved = remove(source)
    insert(holder, element.name, asked.numbers["destination"], moved)


def _element(document: _Document, path: Path) -> tuple[Place, Element]:
    """Return the one element at a path, which the resource itself is not."""
    place = document.places.one(path)
    if place.definition is None:
        raise PatchError("The path names the whole resource: use PUT or DELETE.")
    return place, place.definition


def _list(document: _Document, path: Path) -> tuple[Object, Element]:
    """Return what holds the list at a path, and the element that repeats there."""
    last = path[-1]
    if not isinstance(last, Name):
        raise PatchError("The path names one element, and must name a whole list.")
    parent = document.places.one(path[:-1])
    element = parent.child(last.name)
    if not element.repeats:
        raise PatchError("The path names no list: this element does not repeat.")
    return parent.value, element


_STEPS: Final[dict[str, Callable[[_Document, _Operation], None]]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}
_NEEDS: Final = {
    "add": ("path", "name", "value"),
    "insert": ("path", "index", "value"),
    "delete": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "source", "destination"),
}
