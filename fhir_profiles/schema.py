"""Compile the tables into checks, each type when it is first met."""

from collections.abc import Iterator
from functools import cache, partial
from itertools import chain
from threading import RLock

from fhir_profiles.acceptance import Types, Whole
from fhir_profiles.containment import Containment
from fhir_profiles.extension_places import ExtensionPlaces
from fhir_profiles.findings import Findings, Walk
from fhir_profiles.forms import Forms
from fhir_profiles.invariants import NAME_RULES, RULES, STRICTER
from fhir_profiles.narrative import xhtml
from fhir_profiles.primitives import PRIMITIVES, Check
from fhir_profiles.problems import allowed
from fhir_profiles.repetition import nested, remembering, repeated
from fhir_profiles.shapes import Choice, Shape
from fhir_profiles.tables import Elements, Tables, load
from fhir_profiles.targets import canonical, reference

_Systems = dict[str, frozenset[str]]

_PRIMITIVES: dict[str, Check] = {**PRIMITIVES, "xhtml": xhtml}


@cache
def schema() -> "Schema":
    """Give the compiled schema of R4, one for the process."""
    return Schema(load())


class Schema:
    """The shapes of all types."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._shapes: dict[str, Shape] = {}
        self._made: dict[str, Shape] = {}  # not all whole: for the thread that makes
        self._growing: set[str] = set()
        self._making = RLock()
        types = Types(
            shape_of=self.shape,
            resources=tables.resources,
            codes_of=self._codes,
        )
        self.acceptance = Whole(types)
        places = ExtensionPlaces(tables, self.shape)
        self.containment = Containment(
            self.resource, self.acceptance.accepts, places.check
        )
        # Where a cycle of types is cut depends on the order; this makes it always one.
        self.shape("Extension")
        self.forms = Forms(self.acceptance, types, self.shape("Bundle.entry").check)

    def resource(self, name: object) -> Shape | None:
        """Give the shape of a resource type, if it is one."""
        if isinstance(name, str) and name in self._tables.resources:
            return self.shape(name)
        return None

    def shape(self, key: str) -> Shape:
        """Give the shape of a type or of an element with children."""
        whole = self._shapes.get(key)
        return self._new(key) if whole is None else whole

    def _new(self, key: str) -> Shape:
        """Make a shape, and show it once it and all that it leads to is whole.

        Requests are checked in several threads, and one that met a shape without its
        elements refused what is right, and would remember what is wrong as right.
        """
        with self._making:
            known = self._shapes.get(key) or self._made.get(key)
            if known is not None:
                return known
            shape = self._made[key] = Shape(key)
            self._growing.add(key)
            self._fill(shape)
            self._growing.remove(key)
            if not self._growing:
                self._shapes |= self._made
                self._made.clear()
            return shape

    def _fill(self, shape: Shape) -> None:
        choices: list[Choice] = []
        required: set[str] = set()
        for name, (cardinality, *types) in self._elements(shape.name).items():
            is_required = cardinality[0] == "1"
            if name.endswith("[x]"):
                choices.append(
                    self._choice(shape, name[:-3], types, is_required=is_required)
                )
                continue
            self._add(shape, name, types[0], repeats=cardinality[-1] == "*")
            if is_required:
                required.add(name)
        shape.choices = tuple(choices)
        shape.required = frozenset(required)
        shape.name_rules = NAME_RULES.get(shape.name, ())
        shape.rules = RULES.get(shape.name, ())
        if shape.name in self._tables.resources:
            shape.checks["resourceType"] = _known
        if shape.primitives:
            shape.sibling = self._complex("Element")

    def _elements(self, key: str) -> Elements:
        base = self._tables.bases[key]
        inherited = self._elements(base) if base else {}
        return inherited | self._tables.elements[key]

    def _choice(
        self, shape: Shape, name: str, types: list[str], *, is_required: bool
    ) -> Choice:
        members: set[str] = set()
        for kind in types:
            data_type = _data_type(kind)
            member = name + data_type[0].upper() + data_type[1:]
            self._add(shape, member, kind, repeats=False)
            shape.steps[member] = f".{name}.ofType({data_type})"
            members.update((member, f"_{member}"))
        return Choice(name, frozenset(members), is_required)

    def _add(self, shape: Shape, name: str, kind: str, *, repeats: bool) -> None:
        check = STRICTER.get(f"{shape.name}.{name}") or self._check(kind)
        if name == "contained":
            check = self.containment.contained
        shape.checks[name] = repeated(check) if repeats else check
        shape.kinds[name] = (kind, repeats)
        if kind.partition(":")[0] in _PRIMITIVES:
            shape.primitives[name] = repeats

    def _check(self, kind: str) -> Check:
        name, _, bound = kind.partition(":")
        if name == "Resource":
            return nested(self.containment.resource)
        if name == "Reference":
            return reference(self._complex(name), bound)
        if name in _PRIMITIVES:
            return self._bound_code(bound) if name == "code" and bound else _plain(kind)
        check = self._complex(name)
        return self._bound_concept(check, bound) if bound else check

    def _complex(self, name: str) -> Check:
        if name in self._growing:
            return nested(self._made[name].check)
        if name[0] == "^":
            return self._complex(name[1:])
        if name == "@Bundle.entry":
            return self._accepted_or(self.shape("Bundle.entry").check)
        check = self.shape(name.removeprefix("@")).check
        return remembering(check) if name == "Coding" else check

    def _accepted_or(self, check: Check) -> Check:
        """Check entries only that are not right at first sight."""

        def check_entry(value: object, walk: Walk) -> Findings:
            if walk.accepted is None:
                is_right = self.acceptance.accepts_entry(value)
            else:
                is_right = id(value) in walk.accepted
            return None if is_right else check(value, walk)

        return check_entry

    def _codes(self, value_set: str) -> dict[str, frozenset[str]]:
        systems = self._tables.codings[value_set]
        return {system: frozenset(listed) for system, listed in systems.items()}

    def _bound_code(self, value_set: str) -> Check:
        codes = frozenset(chain.from_iterable(self._codes(value_set).values()))
        syntax = PRIMITIVES["code"]

        def check(value: object, walk: Walk) -> Findings:
            if type(value) is str and value in codes:
                return None
            wrong = syntax(value, walk)
            near = partial(allowed, value, codes)
            return wrong or walk.report("binding.required", value_set, near)

        return check

    def _bound_concept(self, syntax: Check, value_set: str) -> Check:
        codes = self._codes(value_set)

        def check(value: object, walk: Walk) -> Findings:
            wrong = syntax(value, walk)
            if wrong or _is_from(value, codes):
                return wrong
            return _not_bound(value, value_set, codes, walk)

        return check


def _known(_value: object, _walk: Walk) -> Findings:
    """Pass over resourceType, by which the shape was chosen."""
    return None


def _data_type(kind: str) -> str:
    name = kind.partition(":")[0]
    return "Quantity" if name in ("SimpleQuantity", "MoneyQuantity") else name


def _plain(kind: str) -> Check:
    name, _, targets = kind.partition(":")
    if name == "canonical" and targets:
        return canonical(frozenset(targets.split(",")))
    return _PRIMITIVES[name]


def _is_from(value: object, codes: _Systems) -> bool:
    """Tell whether a concept has a listed coding, or says why it has none."""
    if not isinstance(value, dict) or "extension" in value:
        return True
    return any(code in codes.get(system, ()) for system, code in _codings(value))


def _not_bound(value: object, name: str, codes: _Systems, walk: Walk) -> Findings:
    for system, code in _codings(value):
        for known, listed in codes.items():
            if not system and code in listed:
                return walk.report("binding.system", known)
    return walk.report("binding.concept", name, partial(_listed, codes))


def _listed(codes: _Systems) -> str:
    return "; ".join(f"{s}, {allowed(None, c)}" for s, c in codes.items())


def _codings(concept: object) -> Iterator[tuple[str, str]]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict):
            yield str(coding.get("system", "")), str(coding.get("code", ""))
