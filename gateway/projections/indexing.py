"""From a resource to its search terms and moments."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fhir_profiles.instants import Span, span
from gateway.projections.parameters import RANKS, Parameter, of_type

Resource = dict[str, Any]


@dataclass(frozen=True)
class Term:
    """A value that equality search finds."""

    param: str
    text: str


@dataclass(frozen=True)
class Moment:
    """An interval in microseconds since 1970, for date search and sorting."""

    param: str
    low: int
    high: int


def index(resource: Resource) -> tuple[set[Term], set[Moment]]:
    """Return what a search may find the resource by."""
    terms: set[Term] = set()
    moments: set[Moment] = set()
    for parameter in of_type(resource["resourceType"]):
        for value in _values(resource, parameter):
            terms.update(
                Term(parameter.name, text) for text in _texts(value, parameter)
            )
            moments.update(_moments(value, parameter))
    return terms, moments


def _values(resource: Resource, parameter: Parameter) -> Iterator[Any]:
    for path in parameter.paths:
        yield from _walk(resource, path.split("."))


def _walk(node: Any, names: list[str]) -> Iterator[Any]:  # noqa: ANN401 (JSON)
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, names)
    elif not names:
        yield node
    elif isinstance(node, dict) and names[0] in node:
        yield from _walk(node[names[0]], names[1:])


def _texts(value: Any, parameter: Parameter) -> Iterator[str]:  # noqa: ANN401 (JSON)
    match parameter.kind:
        case "token" | "rank":
            yield from _tokens(value)
        case "reference":
            yield from _references(value)
        case "date":
            return


def _tokens(value: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Give the forms `code`, `system|code`, `|code` and `system|` of a value."""
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, str):
        yield value
        yield f"|{value}"
    elif isinstance(value, dict) and "coding" in value:
        for coding in value["coding"]:
            yield from _coded(coding.get("system"), coding.get("code"))
    elif isinstance(value, dict):
        yield from _coded(value.get("system"), value.get("code", value.get("value")))


def _coded(system: str | None, code: str | None) -> Iterator[str]:
    if code is not None:
        yield code
        yield f"{system or ''}|{code}"
    if system is not None:
        yield f"{system}|"


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 (JSON)
    reference = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str):
        return
    current, _, _ = reference.partition("/_history/")
    yield current
    yield current.rpartition("/")[2]
    if current != reference:
        yield reference


def _moments(value: Any, parameter: Parameter) -> Iterator[Moment]:  # noqa: ANN401
    if parameter.kind == "rank" and value in RANKS:
        yield Moment(parameter.name, RANKS[value], RANKS[value])
    if parameter.kind != "date":
        return
    interval = _span(value)
    if interval is not None:
        yield Moment(parameter.name, interval.low, interval.high)


def _span(value: Any) -> Span | None:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return span(value)
    if not isinstance(value, dict):
        return None
    start, end = value.get("start"), value.get("end")
    first = span(start) if isinstance(start, str) else None
    last = span(end) if isinstance(end, str) else None
    return Span.between(first, last)
