"""Say of a whole resource that it is right, as fast as Python can.

The full check knows what is wrong and where; most resources are right, and need only
this. It is compiled from the same shapes: names decide which elements are there, a plan
is remembered for each set of names, and an acceptor looks at each value. What is rare
(deep nesting, underscores, 29 February) is not accepted, and the full check decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import chain
from operator import call
from threading import local
from typing import Any, Final

from fhir_profiles import acceptors, compound
from fhir_profiles.acceptors import PRIMITIVE, STRICTER, Accept
from fhir_profiles.compound import Codes
from fhir_profiles.findings import Doubt
from fhir_profiles.recollection import RECOLLECTION
from fhir_profiles.shapes import PLANS, Shape

Object = dict[str, Any]
Plans = dict[tuple[str, ...], tuple[Accept, ...]]

_LEVELS: Final = 6
"""Levels of elements that may nest without end."""
_NESTING: Final = ("Extension", "Identifier", "Resource")


class _DoubtfulError(Exception):
    """The names of an object are not surely right."""


_UNSURE: Final = (AttributeError, LookupError, TypeError, ValueError, _DoubtfulError)
"""What is raised when a value is JSON of another kind than its element's."""


class _ByName(dict[str, Accept]):
    """The acceptors of resource types at one level, each made when it is met."""

    def __init__(self, made: Callable[[str, int], Accept], level: int) -> None:
        super().__init__()
        self._made = made
        self._level = level

    def __missing__(self, name: str) -> Accept:
        accept = self[name] = self._made(name, self._level)
        return accept


@dataclass(frozen=True, kw_only=True)
class Types:
    """What is known of all types."""

    shape_of: Callable[[str], Shape]
    resources: frozenset[str]
    codes_of: Callable[[str], Codes]


class Acceptance:
    """The acceptors of all types, each made when it is first needed."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._element = cache(self._made)
        self._reference = acceptors.reference
        self._contained: Accept = acceptors.never
        self.by_name = [_ByName(self._named, level) for level in range(_LEVELS)]
        """The acceptors of resource types at each level of nesting."""

    def accepts(self, resource: Object) -> bool:
        """Tell whether nothing at all is wrong with a resource.

        False says nothing: the full check must look.
        """
        try:
            return bool(self.resource(resource, 0))
        except _UNSURE:
            return False

    def accepts_entry(self, entry: object) -> bool:
        """Tell whether nothing is wrong with an entry of a Bundle, taken by itself."""
        try:
            return bool(self._entry(entry))
        except _UNSURE:
            return False

    @cached_property
    def _entry(self) -> Accept:
        return self._element("@Bundle.entry", 0)

    def resource(self, value: Object, level: int) -> object:
        """Accept a resource at a level of nesting; what is doubtful may be raised."""
        return self.by_name[level][value["resourceType"]](value)

    def _named(self, name: str, level: int) -> Accept:
        if name not in self._types.resources or name == "Bundle":
            raise _DoubtfulError
        return self._element(name, level)

    def _made(self, kind: str, level: int) -> Accept:
        """Make the acceptor of a type as the tables write it."""
        name, _, bound = kind.partition(":")
        if name in PRIMITIVE:
            return self._primitive(name, bound)
        if name.startswith("^") or name in _NESTING:
            level += 1
        if level >= _LEVELS:
            return acceptors.never
        if name == "Resource":
            return partial(self.resource, level=level)
        return self._complex(name.lstrip("@^"), level, bound)

    def _primitive(self, name: str, bound: str) -> Accept:
        if name == "code" and bound:
            codes = self._types.codes_of(bound).values()
            return frozenset(chain.from_iterable(codes)).__contains__
        return acceptors.canonical(bound) if bound else PRIMITIVE[name]

    def _complex(self, name: str, level: int, bound: str) -> Accept:
        accept = self._object(name, level, bound)
        if name == "Reference":
            return self._only_literal(accept, bound)
        if bound:
            accept = compound.bound(accept, self._types.codes_of(bound))
        return RECOLLECTION[name](accept) if name in RECOLLECTION else accept

    def _only_literal(self, accept: Accept, bound: str) -> Accept:
        """Look first whether a Reference is nothing but its text, as most are."""
        literal = self._reference(self._targets(bound))

        def accept_reference(value: Object) -> object:
            if len(value) == 1 and "reference" in value:
                return literal(value["reference"])
            return accept(value)

        return accept_reference

    def _targets(self, bound: str) -> frozenset[str]:
        return frozenset(bound.split(",")) if bound else self._types.resources

    def _object(self, key: str, level: int, bound: str) -> Accept:
        shape = self._types.shape_of(key)
        plans: Plans = {}

        def accept(value: Object) -> bool:
            try:
                plan = plans[tuple(value)]
            except KeyError:
                plan = self._planned(plans, shape, value, level, bound)
            return all(map(call, plan, value.values()))

        return compound.ruled(accept, shape.rules) if shape.rules else accept

    def _planned(
        self, plans: Plans, shape: Shape, value: Object, level: int, bound: str
    ) -> tuple[Accept, ...]:
        """Choose the acceptors for a set of names, and remember them.

        Raises:
            _DoubtfulError: the names are not surely right.

        """
        names = tuple(value)
        if type(value) is not dict or not names:
            raise _DoubtfulError
        if set(names) - shape.checks.keys() or any(shape.by_names(value, Doubt())):
            raise _DoubtfulError
        plan = tuple(self._child(shape, name, level, bound) for name in names)
        if len(plans) < PLANS:
            plans[names] = plan
        return plan

    def _child(self, shape: Shape, name: str, level: int, bound: str) -> Accept:
        place = f"{shape.name}.{name}"
        if place == "Reference.reference":
            return self._reference(self._targets(bound))
        if place in STRICTER:
            return STRICTER[place]
        if name == "resourceType":
            return bool
        if name == "contained":
            return self._contained
        kind, repeats = shape.kinds[name]
        accept = self._element(kind, level)
        return compound.each(accept) if repeats else accept


class Whole(Acceptance):
    """The acceptors of resources that may contain others.

    References by #id are met one by one and compared with the ids at the end, which
    costs more; so resources that contain nothing keep acceptors of their own.
    """

    def __init__(self, types: Types) -> None:
        super().__init__(types)
        self._plain = Acceptance(types)
        self._plainly = self._plain.by_name
        self._met = local()
        self._reference = self._meeting
        self._contained = compound.each(self._inner)

    def resource(self, value: Object, level: int) -> object:
        """Accept a resource, and that its #ids and contained resources agree."""
        if "contained" not in value:
            return self._plainly[level][value["resourceType"]](value)
        self._met.ids = []
        if level > 1 or not super().resource(value, level):
            return False
        ids = [f"#{one['id']}" for one in value["contained"]]
        return len(set(ids)) == len(ids) and set(ids) == set(self._met.ids)

    def _inner(self, value: Object) -> object:
        if "id" not in value or "contained" in value or "meta" in value:
            return False
        return super().resource(value, 1)

    def _meeting(self, targets: frozenset[str]) -> Accept:
        literal = acceptors.reference(targets)

        def accept(text: str) -> object:
            if text[:1] != "#":
                return literal(text)
            self._met.ids.append(text)
            return True

        return accept
