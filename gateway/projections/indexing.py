"""From a resource to the rows by which a search finds it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from fhir_profiles.elements import element, strings
from fhir_profiles.instants import Span, span
from fhir_profiles.search_parameters import Path, SearchParameter
from gateway.projections import filing
from gateway.projections.digests import Digests
from gateway.projections.filing import Digest
from gateway.projections.parameters import RANKS, is_private, is_ranked, of_type

Resource: TypeAlias = dict[str, Any]
Term: TypeAlias = tuple[int, bytes]
"""A parameter's number and the digest of one value."""
Moment: TypeAlias = tuple[int, int, int]
"""A parameter's number and an interval (microseconds since 1970), to sort by too."""

_Steps: TypeAlias = tuple[tuple[str, tuple[str, str] | None], ...]
_Interval: TypeAlias = Callable[[Any], Iterable[tuple[int, int]]]


_FIRST: _Steps = (("", None),)
"""The values of an element itself, and no condition."""


class _Reading(NamedTuple):
    """What is done with the values at the end of a path."""

    number: int
    steps: _Steps
    object: bool | None  # whether values are JSON objects; None where it is the same
    digest: Digest | None
    interval: _Interval | None


def index(resource: Resource, digests: Digests) -> tuple[set[Term], set[Moment]]:
    """Return what a search may find the resource by."""
    terms: set[Term] = set()
    moments: set[Moment] = set()
    plan = _plan(resource["resourceType"])
    for name, node in resource.items():
        for reading in plan.get(name, ()):
            _file(node, reading, digests, terms, moments)
    return terms, moments


def _file(
    node: Any,  # noqa: ANN401 (JSON)
    reading: _Reading,
    digests: Digests,
    terms: set[Term],
    moments: set[Moment],
) -> None:
    number, steps, wanted, digest, interval = reading
    for value in _reached(node, steps):
        if value is None or wanted not in (None, isinstance(value, dict)):
            continue
        if digest is not None:
            terms.update([(number, each) for each in digest(value, digests)])
        if interval is not None:
            moments.update([(number, *each) for each in interval(value)])


def values(resource: Resource, parameter: SearchParameter) -> Iterator[Any]:
    """Give the values of a parameter that has paths of its own."""
    for path in parameter.paths:
        (name, condition), *rest = path.steps
        yield from _reached(resource.get(name), (("", condition), *rest))


def _reached(node: Any, steps: _Steps) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return what the steps lead to; the first is taken, but for its condition."""
    found = node if isinstance(node, list) else [node]
    if steps is _FIRST:
        return found
    for name, condition in steps:
        if name:
            found = _listed([e.get(name) for e in found if isinstance(e, dict)])
        if condition is not None:
            key, value = condition
            found = [e for e in found if isinstance(e, dict) and e.get(key) == value]
    return found


def _listed(nodes: list[Any]) -> list[Any]:
    """Return nodes one by one where they repeat, without those that are missing."""
    found: list[Any] = []
    for each in nodes:
        if isinstance(each, list):
            found += each
        elif each is not None:
            found.append(each)
    return found


@cache
def _plan(kind: str) -> dict[str, tuple[_Reading, ...]]:
    """Return the readings of a type by the name of the element where they begin."""
    plan: dict[str, list[_Reading]] = {}
    for parameter in of_type(kind):
        for name, reading in _readings(kind, parameter):
            plan.setdefault(name, []).append(reading)
    return {name: tuple(readings) for name, readings in plan.items()}


def _readings(kind: str, parameter: SearchParameter) -> Iterator[tuple[str, _Reading]]:
    if pair := parameter.pair:
        digest = filing.paired(pair, _values_at)
        yield (
            pair.element,
            _Reading(
                parameter.number, _FIRST, object=True, digest=digest, interval=None
            ),
        )
    private = is_private(kind, parameter)
    for path in parameter.paths:
        name, condition = path.steps[0]
        steps = (("", condition), *path.steps[1:])
        steps = _FIRST if steps == _FIRST else steps
        if parameter.kind == "date" and not private:
            yield name, _Reading(parameter.number, steps, None, None, _intervals)
            continue
        digest = (
            filing.private_date if private else filing.of(parameter.kind, path.type)
        )
        whole = None if path.type == "present" else filing.is_object(path.type)
        yield name, _Reading(parameter.number, steps, whole, digest, None)
        if is_ranked(parameter):
            yield name, _Reading(parameter.number, steps, None, None, _rank)


def _values_at(node: Resource, path: Path) -> Iterator[Resource]:
    name, condition = path.steps[0]
    for each in _reached(node.get(name), (("", condition), *path.steps[1:])):
        if isinstance(each, dict):
            yield each


def _rank(value: Any) -> Iterable[tuple[int, int]]:  # noqa: ANN401 (JSON)
    if isinstance(value, str) and value in RANKS:
        return ((RANKS[value], RANKS[value]),)
    return ()


def _intervals(value: Any) -> Iterable[tuple[int, int]]:  # noqa: ANN401 (JSON)
    """Give the interval of a date or Period, and those of a Timing."""
    if isinstance(value, dict) and ("event" in value or "repeat" in value):
        bounds = element(element(value, "repeat"), "boundsPeriod")
        spans = [*map(span, strings(value, "event")), _period(bounds)]
    elif isinstance(value, dict):
        spans = [_period(value)]
    else:
        spans = [span(value)] if isinstance(value, str) else []
    return [(each.low, each.high) for each in spans if each is not None]


def _period(value: Mapping[str, Any]) -> Span | None:
    start, end = value.get("start"), value.get("end")
    first = span(start) if isinstance(start, str) else None
    last = span(end) if isinstance(end, str) else None
    return Span.between(first, last)
