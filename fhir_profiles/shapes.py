"""Check one object against the elements that its type has, and repeat for arrays.

Everything a walk does per element is here, so this is where speed comes from: one
dictionary look-up and one call an element, and no path until something is wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from fhir_profiles.findings import Finding, Findings, Walk, gathered, joined, placed
from fhir_profiles.primitives import Check
from fhir_profiles.problems import allowed, masked

Rule = Callable[[dict[str, Any], Walk], Findings]
"""A rule about a whole object whose elements have been checked one by one."""

Plan = tuple[tuple[str, Check], ...]
"""The elements to check, each with its check."""

PLANS: Final = 256
"""Sets of names that one shape remembers, so that no sender can fill the memory."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An element whose name ends in [x]."""

    name: str
    members: frozenset[str]
    """Every name it may have, with and without an underscore before it."""
    is_required: bool


@dataclass(slots=True)
class Shape:
    """The elements of a type, compiled for checking."""

    name: str
    checks: dict[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()
    primitives: dict[str, bool] = field(default_factory=dict)
    """The elements that may have a sibling with an underscore; whether they repeat."""
    steps: dict[str, str] = field(default_factory=dict)
    """How FHIRPath names a choice: valueQuantity is `.value.ofType(Quantity)`."""
    name_rules: tuple[Rule, ...] = ()
    """Rules that look at the names of the elements only."""
    rules: tuple[Rule, ...] = ()
    sibling: Check | None = None
    """Checks the object of a sibling: an Element."""
    kinds: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """The type of each element as the tables write it, and whether it repeats."""
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)
    """The checks to run for sets of names that were found to be right."""

    def check(self, value: object, walk: Walk) -> Findings:
        """Check a JSON value that should be an object of this type."""
        if type(value) is not dict or not value:
            return _no_object(value, self.name, walk)
        plan = self.plans.get(tuple(value))
        found: Findings = None
        if plan is None:
            plan, found = self._planned(value, walk)
        for name, check in plan:
            wrong = check(value[name], walk)
            if wrong:
                found = joined(found, self._from_child(name, value, wrong, walk))
        return self._ruled(value, found, walk) if self.rules else found

    def _ruled(self, value: dict[str, Any], found: Findings, walk: Walk) -> Findings:
        for rule in self.rules:
            found = joined(found, rule(value, walk))
        return found

    def _planned(self, value: dict[str, Any], walk: Walk) -> tuple[Plan, Findings]:
        """Check what the names alone decide, and remember names without fault.

        Resources repeat the same few sets of names, so that this is rarely done.
        """
        plan = tuple((n, self.checks[n]) for n in value if n in self.checks)
        found = gathered(self.by_names(value, walk))
        is_plain = len(plan) == len(value)
        if is_plain and not found and walk.complete and len(self.plans) < PLANS:
            self.plans[tuple(value)] = plan
        return plan, found

    def by_names(self, value: dict[str, Any], walk: Walk) -> Iterator[Findings]:
        """Check what the names of the elements alone decide."""
        for name in value.keys() - self.checks.keys():
            wrong = self._unusual(name, value, walk)
            yield placed(wrong, name, self._step(name))
        yield self._missing(value, walk)
        for choice in self.choices:
            members = choice.members.intersection(value)
            if len(members) > 1 or (choice.is_required and not members):
                yield _chosen(choice, members, walk)
        for rule in self.name_rules:
            yield rule(value, walk)

    def _from_child(
        self, name: str, value: dict[str, Any], wrong: list[Finding], walk: Walk
    ) -> Findings:
        """Place what a child reported, but allow nulls that an extension explains."""
        if self.primitives.get(name) and f"_{name}" in value:
            kept = [one for one in wrong if not _is_explained(one, value[f"_{name}"])]
            walk.errors -= len(wrong) - len(kept)
            wrong = kept
        return placed(wrong, name, self._step(name))

    def _step(self, name: str) -> str:
        """Name an element for FHIRPath; an unknown name is not repeated."""
        element = name.removeprefix("_")
        if element not in self.checks:
            return ""
        return self.steps.get(element, f".{element}")

    def _missing(self, value: dict[str, Any], walk: Walk) -> Findings:
        found: Findings = None
        for name in sorted(self.required.difference(value)):
            if f"_{name}" not in value or name not in self.primitives:
                found = joined(found, walk.at(name, "structure.required", name))
        return found

    def _unusual(self, name: str, value: dict[str, Any], walk: Walk) -> Findings:
        if name[:1] == "_" and name[1:] in self.primitives:
            return self._sibling(name, value, walk)
        return self._unknown(name, walk)

    def _unknown(self, name: str, walk: Walk) -> Findings:
        for choice in self.choices:
            if name.startswith(choice.name) and name[len(choice.name) :][:1].isupper():
                members = [m for m in choice.members if m[0] != "_"]
                return walk.report(
                    "structure.choice-type",
                    choice.name,
                    partial(allowed, name, members),
                )
        size = f"a name of {len(name)} characters"
        known = [*self.checks] or ["nothing"]
        return walk.report(
            "structure.unknown-element", self.name, size, partial(allowed, name, known)
        )

    def _sibling(self, name: str, value: dict[str, Any], walk: Walk) -> Findings:
        content = value[name]
        if not self.primitives[name[1:]]:
            return self._element(content, walk)
        if not isinstance(content, list) or not any(content):
            return walk.report("structure.sibling", "send an array with an object")
        values = value.get(name[1:])
        if isinstance(values, list) and len(values) != len(content):
            return walk.report("structure.sibling", "make both arrays equally long")
        found: Findings = None
        for index, item in enumerate(content):
            if item is not None:
                found = joined(found, placed(self._element(item, walk), index))
        return found

    def _element(self, content: object, walk: Walk) -> Findings:
        if self.sibling is None or not isinstance(content, dict):
            return walk.report("structure.sibling", "send an object")
        return self.sibling(content, walk)


def _no_object(value: object, name: str, walk: Walk) -> Findings:
    if value is None:
        return walk.report("structure.null")
    if value == {}:
        return walk.report("structure.empty", "object")
    if isinstance(value, list):
        return walk.report("structure.array-unexpected")
    return walk.report("structure.object-expected", masked(value), f"a {name}")


def _chosen(choice: Choice, members: frozenset[str], walk: Walk) -> Findings:
    if not members:
        return walk.at(choice.name, "structure.required", f"{choice.name}[x]")
    names = {member.removeprefix("_") for member in members}
    if len(names) == 1:
        return None
    count = str(len(names))
    found = walk.report("structure.choice-many", choice.name, count)
    return placed(found, min(members), f".{choice.name}")


def _is_explained(finding: Finding, siblings: object) -> bool:
    """Tell whether the finding is a null beside which there is an extension."""
    if finding.kind != "structure.null" or len(finding.path) != 1:
        return False
    index = finding.path[0]
    if not isinstance(siblings, list) or not isinstance(index, int):
        return False
    return index < len(siblings) and isinstance(siblings[index], dict)
