"""From a parameter of a search to its condition (R4, search.html)."""

from collections.abc import Callable
from dataclasses import dataclass

from fhir_profiles.release import resource_types
from fhir_profiles.search_parameters import SearchParameter, parameters
from gateway.projections import chains, conditions, dating
from gateway.projections.asking import SearchError, alternatives, plain
from gateway.projections.conditions import Condition
from gateway.projections.digests import Digests
from gateway.projections.matching import Asked, Needle, needles, pair_of
from gateway.projections.parameters import is_private, numbers

ANYWHERE = ("_id", "_lastUpdated")
"""Parameters of every type that no table lists."""

_HAS_PARTS = 4  # _has:Observation:patient:code


def untold(_kind: str) -> None:
    """Let a search read any type."""


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Reads conditions for one caller.

    `base` is the FHIR base URL, under which references may be written; `touching` is
    told each other type that a chain or `_has` reads, and may refuse it.
    """

    digests: Digests
    base: str = ""
    touching: Callable[[str], None] = untold

    def condition(self, kind: str, name: str, value: str) -> Condition:
        """Return what `name=value` asks of resources of a type.

        Raises:
            SearchError: an unknown parameter, modifier or value.

        """
        if name.startswith("_has:"):
            return self._has(kind, name, value)
        if "." in name:
            return self._chained(kind, name, value)
        return self._simple(kind, name, name, value)

    def _simple(self, kind: str, name: str, own: str, value: str) -> Condition:
        """Read one parameter; `own` is its name in a chain or `_has` called `name`."""
        base, _, modifier = own.partition(":")
        if base in ANYWHERE and not modifier:
            return self._anywhere(kind, base, name, value)
        parameter = known(kind, base, name)
        if modifier == "missing":
            return _missing(kind, parameter, name, value)
        if modifier == "not" and parameter.kind == "token":
            present = Asked(name, parameter, "", value)
            return conditions.absent(self._valued(kind, present))
        return self._valued(kind, Asked(name, parameter, modifier, value))

    def _anywhere(self, kind: str, base: str, name: str, value: str) -> Condition:
        if base == "_lastUpdated":
            times = alternatives(name, value)
            return conditions.either([dating.changed(kind, name, t) for t in times])
        addresses = [f"{kind}/{plain(each)}" for each in alternatives(name, value)]
        return conditions.addressed([self.digests.word(each) for each in addresses])

    def _valued(self, kind: str, asked: Asked) -> Condition:
        texts = alternatives(asked.name, asked.text)
        parameter = asked.parameter
        if parameter.kind == "composite" and parameter.pair is None:
            each = [self._composed(kind, asked._replace(text=text)) for text in texts]
            return conditions.either(each)
        if parameter.kind == "date" and not is_private(kind, parameter):
            return _dated(kind, asked, texts)
        if parameter.truths and texts == ["false"]:
            return conditions.absent(self._valued(kind, asked._replace(text="true")))
        found = [
            needle
            for text in texts
            for needle in needles(asked._replace(text=self._local(text)), self.digests)
        ]
        _require_few(asked.name, found)
        return conditions.filed(numbers(kind, parameter.name), found)

    def _local(self, text: str) -> str:
        """Return a reference below our own base as it is filed."""
        return text.removeprefix(f"{self.base}/") if self.base else text

    def _composed(self, kind: str, asked: Asked) -> Condition:
        """Read a composite that looks where other parameters are filed."""
        if asked.modifier:
            raise SearchError(
                asked.name, "A composite takes no modifier but ':missing'."
            )
        among, both = asked.parameter.among, asked.parameter.both
        if among:
            one = [asked._replace(parameter=parameters(kind)[name]) for name in among]
            return conditions.either([self._valued(kind, each) for each in one])
        pair = [
            asked._replace(parameter=parameters(kind)[name], text=text)
            for name, text in zip(both, pair_of(asked), strict=True)
        ]
        return conditions.every([self._valued(kind, each) for each in pair])

    def _chained(self, kind: str, name: str, value: str) -> Condition:
        """Read `patient.identifier` or `subject:Patient.name`."""
        first, _, rest = name.partition(".")
        base, _, typed = first.partition(":")
        parameter = known(kind, base, name)
        targets = (typed,) if typed else parameter.targets
        if parameter.kind != "reference" or "." in rest or rest.startswith("_has"):
            raise SearchError(
                name, "A chain is one step from a reference: patient.name."
            )
        if not targets or not set(targets) <= resource_types():
            raise SearchError(
                name, f"Say the type that is referred to: {base}:Patient.{rest}."
            )
        # Where no type is said, those count that know the parameter.
        able = [each for each in targets if _knows(each, rest)] or targets[:1]
        links = numbers(kind, base)
        found = []
        for target in able:
            self.touching(target)
            inner = self._simple(target, name, rest, value)
            found.append(chains.pointing(links, target, inner))
        return conditions.either(found)

    def _has(self, kind: str, name: str, value: str) -> Condition:
        """Read `_has:Observation:patient:code` (search.html#has)."""
        parts = name.split(":", _HAS_PARTS - 1)
        if len(parts) < _HAS_PARTS or parts[1] not in resource_types():
            raise SearchError(name, "Send _has:Type:reference:parameter, in one step.")
        _, other, link, rest = parts
        reference = known(other, link, name)
        if reference.kind != "reference" or "." in rest or rest.startswith("_has"):
            raise SearchError(name, "Send _has:Type:reference:parameter, in one step.")
        if reference.targets and kind not in reference.targets:
            raise SearchError(name, f"{other}.{link} refers to no {kind}.")
        self.touching(other)
        inner = self._simple(other, name, rest, value)
        return chains.pointed_to(kind, numbers(other, link), inner)


def known(kind: str, base: str, name: str) -> SearchParameter:
    """Return a search parameter of a type; `name` is how the caller wrote it.

    Raises:
        SearchError: the type has no such parameter.

    """
    found = parameters(kind).get(base)
    if found is None:
        listed = ", ".join(sorted((*parameters(kind), *ANYWHERE)))
        raise SearchError(name, f"Not a parameter of this search. Known: {listed}.")
    return found


def _require_few(name: str, found: list[Needle]) -> None:
    ranges = sum(each.until is not None for each in found)
    if ranges > conditions.MOST_RANGES or len(found) > conditions.MOST_DIGESTS:
        raise SearchError(
            name,
            "This asks for too much at once: send fewer values, and references with "
            "their type.",
        )


def _knows(kind: str, name: str) -> bool:
    base = name.partition(":")[0]
    return base in ANYWHERE or base in parameters(kind)


def _missing(kind: str, parameter: SearchParameter, name: str, value: str) -> Condition:
    if value not in ("true", "false"):
        raise SearchError(name, "The modifier ':missing' takes true or false.")
    if parameter.kind == "composite" or (parameter.among and parameter.targets):
        others = " and ".join((*parameter.among, *parameter.both)) or "its parts"
        raise SearchError(name, f"Send ':missing' with {others} instead.")
    found = conditions.present(numbers(kind, parameter.name))
    return found if value == "false" else conditions.absent(found)


def _dated(kind: str, asked: Asked, texts: list[str]) -> Condition:
    if asked.modifier:
        raise SearchError(asked.name, "A date takes no modifier but ':missing'.")
    filed = numbers(kind, asked.parameter.name)
    found = [dating.dated(filed, asked.name, plain(text)) for text in texts]
    return conditions.either(found)
