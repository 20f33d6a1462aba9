"""Write the form of entries that are right: one pattern for all that are built alike.

The pattern is of compact JSON: the same names in the same order, in arrays at least one
item of the kinds met, and for each value what its type allows. What no pattern can tell
(a rule that compares values, a narrative) is looked at in the parsed entry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from fhir_profiles import compound, form_texts, syntax
from fhir_profiles.acceptance import Types
from fhir_profiles.acceptors import PRIMITIVE, Accept
from fhir_profiles.findings import Doubt
from fhir_profiles.form_places import REPEATED, Place, UnwritableError
from fhir_profiles.invariants import may_apply
from fhir_profiles.shapes import Rule, Shape

Object = dict[str, Any]
Path = tuple[str, ...]

ITEMS: Final = "[]"
"""A step into each item of an array."""
_LISTED: Final = 17
"""Codes that a pattern lists; of a longer list it takes only those that were met."""
_LONGEST: Final = 40_000
"""Characters of a pattern, so that its compilation takes some tens of milliseconds."""
_TRIES: Final = 64
"""How often a match may come back to a character, so that no text takes long."""
_DISTINCT: Final = {"Extension": "url", "Reference": "type"}
"""The element by whose value, too, the objects of a type are told apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """A check of the values at a place, which a pattern cannot do."""

    path: Path
    accepts: Accept

    def accepts_all(self, entry: Object) -> bool:
        """Tell whether each value at the place is accepted."""
        return all(map(self.accepts, _reached(entry, self.path)))


@dataclass(frozen=True, slots=True)
class Form:
    """What entries that are built alike have in common."""

    matches: Callable[[str], object]
    """Tells whether compact JSON has this form."""
    looks: tuple[Look, ...]

    def fits(self, entry: Object, text: str) -> bool:
        """Tell whether an entry, whose compact JSON this is, is surely right."""
        if not self.matches(text):
            return False
        for look in self.looks:  # noqa: SIM110 (three times as fast where there is none)
            if not look.accepts_all(entry):
                return False
        return True


def _reached(entry: Object, path: Path) -> list[Any]:
    values: list[Any] = [entry]
    for step in path:
        if step == ITEMS:
            values = list(chain.from_iterable(values))
        else:
            values = [value[step] for value in values if step in value]
    return values


@dataclass(slots=True)
class Writer:
    """Writes the form of entries whose resources have the same names and type."""

    types: Types
    place: Place = field(default_factory=Place)
    found: dict[tuple[Path, str], Look] = field(default_factory=dict)
    """What to look at, by its place and the type or value set that asks for it."""
    ids: dict[str, str] = field(default_factory=dict)
    """In the entry being added, the group that matches each contained resource's id."""

    def form(self, entry: Object) -> Form:
        """Add an entry that was accepted value by value, and write the form of all.

        Raises:
            UnwritableError: there is none, or it would be very long.

        """
        self.ids = {}
        try:
            self._complex("Bundle.entry", entry, self.place, ())
            pattern = self.place.pattern()
            if len(pattern) <= _LONGEST and self.place.tries() <= _TRIES:
                matches = re.compile(pattern).fullmatch
                return Form(matches, tuple(self.found.values()))
        except (LookupError, ValueError, re.error) as error:
            raise UnwritableError from error
        raise UnwritableError

    def _complex(self, key: str, value: Object, place: Place, path: Path) -> None:
        shape = self.types.shape_of(key)
        rules = [rule for rule in shape.rules if may_apply(rule, value)]
        if rules:
            self._look(path, key, _keeping(rules))
        names = (*value, key, str(value.get(_DISTINCT.get(key, ""))))
        inside = place.objects.setdefault(names, {name: Place() for name in value})
        for name, content in value.items():
            self._element(shape, name, content, inside[name], (*path, name))

    def _element(
        self,
        shape: Shape,
        name: str,
        content: Any,  # noqa: ANN401
        place: Place,
        path: Path,
    ) -> None:
        if name == "contained":
            self._contained(content, place, path)
        elif text := self._special(shape, name, content, path):
            place.texts[f'"{text}'] = None
        else:
            kind, repeats = shape.kinds[name]
            if repeats:
                place.items = place.items or Place()
                for item in content:
                    self._value(kind, item, place.items, (*path, ITEMS))
            else:
                self._value(kind, content, place, path)

    def _special(self, shape: Shape, name: str, content: Any, path: Path) -> str:  # noqa: ANN401
        """Write what is asked of a text beyond its type, empty where nothing is."""
        if name == "id" and path[-3:] == ("contained", ITEMS, name):
            return self._own_id(content)
        match f"{shape.name}.{name}":
            case "Coding.system":
                return form_texts.system(content)
            case "Reference.reference" if content[0] == "#":
                return rf'\#{REPEATED}{self.ids[content[1:]]})"'
            case "Reference.reference":
                return form_texts.reference(content)
            case "Extension.url" | "Reference.type":
                return form_texts.literal(content)
            case _:
                return form_texts.literal(content) if name == "resourceType" else ""

    def _contained(self, resources: list[Object], place: Place, path: Path) -> None:
        place.resources = place.resources or [Place() for _ in resources]
        for resource, inside in zip(resources, place.resources, strict=True):
            self._value("Resource", resource, inside, (*path, ITEMS))

    def _own_id(self, name: str) -> str:
        """Write an id that no other contained resource has."""
        others = "".join(rf'(?!{REPEATED}{one})")' for one in self.ids.values())
        group = self.ids[name] = f"id{len(self.ids)}"
        return rf'{others}(?P<{group}>{syntax.ID})"'

    def _value(self, kind: str, value: Any, place: Place, path: Path) -> None:  # noqa: ANN401
        name, _, bound = kind.partition(":")
        if name in PRIMITIVE:
            place.texts[self._primitive(name, bound, value, path)] = None
            return
        key = value["resourceType"] if name == "Resource" else name.lstrip("@^")
        if bound and key != "Reference":
            codes = self.types.codes_of(bound)
            self._look(path, bound, compound.bound(_anything, codes))
        self._complex(key, value, place, path)

    def _primitive(self, name: str, bound: str, value: Any, path: Path) -> str:  # noqa: ANN401
        if name in form_texts.BARE:
            return form_texts.BARE[name]
        if name == "code" and bound:
            return f'"{self._code(bound, value)}'
        if name == "canonical" and bound:
            return f'"{form_texts.canonical(bound)}'
        if name in form_texts.TEXTS:
            return f'"{form_texts.TEXTS[name]}'
        self._look(path, name, PRIMITIVE[name])
        return form_texts.ANY_TEXT

    def _code(self, value_set: str, code: str) -> str:
        listed = {*chain.from_iterable(self.types.codes_of(value_set).values())}
        codes = sorted(listed) if len(listed) <= _LISTED else [code]
        return f"(?>{'|'.join(map(form_texts.literal, codes))})"

    def _look(self, path: Path, asks: str, accepts: Accept) -> None:
        self.found[path, asks] = Look(path, accepts)


def _anything(_value: object) -> bool:
    return True


def _keeping(rules: list[Rule]) -> Accept:
    doubt = Doubt()
    if len(rules) == 1:
        [rule] = rules
        return lambda value: not rule(value, doubt)
    return lambda value: not any(rule(value, doubt) for rule in rules)
