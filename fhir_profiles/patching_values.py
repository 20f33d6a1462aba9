"""The values of a FHIRPath Patch: typed, whole resources, or made of named parts.

http://hl7.org/fhir/R4/fhirpatch.html: where an element has no data type of its own,
such as Patient.contact, the value's parts are named as its elements.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fhir_profiles.patching import Copier, PatchError, malformed
from fhir_profiles.patching_elements import RESOURCE, Element, elements
from fhir_profiles.patching_places import Content, append, put

Object = dict[str, Any]

_PREFIX: Final = "value"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value as it was sent; `type` is "" where it is made of parts or missing."""

    type: str = ""
    """As it stands in the name: `HumanName` of valueHumanName."""
    content: Content = Content(None)  # noqa: RUF009 (immutable)
    parts: tuple[tuple[str, "Value"], ...] = ()


def value_of(part: Object, place: str) -> Value:
    """Read the value of a part.

    Raises:
        MalformedPatchError: it has several values, or parts without a name.

    """
    names = {key.lstrip("_") for key in part if key.lstrip("_").startswith(_PREFIX)}
    if "resource" in part:
        return Value(type=RESOURCE, content=Content(part["resource"]))
    if len(names) > 1:
        malformed("A part has one value.", place)
    for name in names:
        content = Content(part.get(name), part.get(f"_{name}"))
        return Value(type=name.removeprefix(_PREFIX), content=content)
    return Value(parts=tuple(_parts(part.get("part"), place)))


def content_of(value: Value, element: Element, copier: Copier) -> tuple[str, Content]:
    """Return the name in JSON and the content that a value gives an element.

    Raises:
        PatchError: the value is of another type than the element.

    """
    for name, kind in element.members():
        if value.type == kind[:1].upper() + kind[1:]:
            beside = copier.copy(value.content.beside)
            return name, Content(copier.copy(value.content.value), beside)
    if value.parts and not element.is_choice:
        return element.name, Content(_made(value, element.types[0], copier))
    wanted = " or ".join(sorted(_wanted(element)))
    raise PatchError(f"The value is missing or of another type: send {wanted}.")


def _parts(sent: object, place: str) -> Iterator[tuple[str, Value]]:
    for part in sent if isinstance(sent, list) else ():
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            malformed("Each part of a value has a name.", place)
        yield part["name"], value_of(part, place)


def _made(value: Value, kind: str, copier: Copier) -> Object:
    made: Object = {}
    for name, part in value.parts:
        element = elements(kind).get(name)
        if element is None:
            raise PatchError(f"A part of the value is named as no element of {kind}.")
        member, content = content_of(part, element, copier)
        if element.repeats:
            append(made, member, content)
        else:
            put(made, member, content)
    return made


def _wanted(element: Element) -> Iterator[str]:
    for _, kind in element.members():
        if kind == RESOURCE:
            yield "resource"
        elif "." in kind:
            yield "parts named as its elements"
        else:
            yield _PREFIX + kind[:1].upper() + kind[1:]
