"""What an event states, read once: every text and object of it, and where it stands.

Content that is JSON is part of the statement. Who is named in it, and which values it
tells, are two questions to the same elements.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

TAG: Final = re.compile(r"<[^>]*>")
_SPOKEN: Final[tuple[type[Any], ...]] = (str, bytes, dict, list, tuple)
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_PATIENTS: Final = frozenset({"Patient", "Person"})
_ASIDE: Final = frozenset({"contact"})  # elements of a patient that name somebody else
_CONTACTS: Final = frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"})
_MEASURED: Final = frozenset({"unit", "code", "comparator", "name"})
NUMBERS: Final = frozenset(
    {"subscriberId", "serialNumber", "distinctIdentifier", "carrierHRF"}
)
"""Keys of texts that are numbers."""
Resource = Mapping[str, Any]


class Element(NamedTuple):
    """A text or an object; lists are passed through, and add nothing to its path."""

    value: str | Resource
    key: str  # under which it stands, "" where under none
    path: tuple[str, ...]  # of all keys, the last one, too
    of: Resource  # the object that has it
    own: bool  # in what may be a patient's, or in no resource at all
    contained: bool


@dataclass(frozen=True, kw_only=True)
class Number:
    """An Identifier or a ContactPoint: http://hl7.org/fhir/R4/datatypes.html#Identifier.

    `system` is "" where none says whose number it is, as is so of a telephone.
    """

    system: str
    value: str


class Statement:
    """The elements of an event, in the order in which it has them."""

    def __init__(self, event: Any) -> None:  # noqa: ANN401 (any decoded event)
        self.event = event
        self.elements = tuple(_elements(event))

    @property
    def received(self) -> Resource:
        """Return the resource that the event received, empty if it received none."""
        for each in self.elements:
            if each.path == ("received",) and not isinstance(each.value, str):
                return each.value
        return {}


def stated(event: Any) -> Statement:  # noqa: ANN401
    """Return what an event states; a statement is one already."""
    return event if isinstance(event, Statement) else Statement(event)


def decoded(content: bytes) -> Any:  # noqa: ANN401 (any JSON)
    """Return what JSON says, else the text as it is.

    Of JSON that is nested too deeply to be read, its strings, one by one.
    """
    try:
        return msgspec.json.decode(content)
    except RecursionError:
        return [decoded(each) for each in _STRING.findall(content)]
    except ValueError:
        return content.decode(errors="replace")


def number_of(said: Resource) -> Number | None:
    """Return the number that an object is, by its shape; a measurement is none."""
    system, value = said.get("system"), said.get("value")
    if not isinstance(value, str) or not _MEASURED.isdisjoint(said):
        return None
    apart = not isinstance(system, str) or system in _CONTACTS
    return Number(system="" if apart else str(system), value=value)


def listed(said: Resource, key: str) -> Iterator[Resource]:
    """Give the objects in an element that repeats."""
    held = said.get(key)
    for each in held if isinstance(held, list) else ():
        if isinstance(each, dict):
            yield each


def _elements(event: Any) -> Iterator[Element]:  # noqa: ANN401
    """Go through an event; a stack of its own, so that no depth is too deep."""
    waiting = [Element(event, "", (), {}, own=True, contained=False)]
    while waiting:
        here = waiting.pop()
        said: Any = here.value
        if isinstance(said, str):
            yield here
        elif isinstance(said, dict):
            yield (here := _object(here, said))
            waiting += _held(here, said)
        elif isinstance(said, list | tuple):
            waiting += [here._replace(value=each) for each in reversed(said)]
        elif isinstance(said, bytes):
            waiting.append(here._replace(value=decoded(said)))


def _object(here: Element, said: Resource) -> Element:
    kind = said.get("resourceType")
    return here._replace(own=kind in _PATIENTS) if isinstance(kind, str) else here


def _held(here: Element, said: dict[Any, Any]) -> Iterator[Element]:
    """Give what an object has that may say something, the last first."""
    _, _, path, _, inherited, inside = here
    for name, held in reversed(said.items()):
        if isinstance(held, _SPOKEN):
            key = str(name)
            own = inherited and key not in _ASIDE
            contained = inside or key == "contained"
            yield Element(held, key, (*path, key), said, own, contained)
