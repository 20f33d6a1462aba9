"""What a search says of its answer: order, size, parts, and what comes with matches.

(https://hl7.org/fhir/R4/search.html#return, #summary, #include)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from fhir_profiles.release import resource_types
from fhir_profiles.search_parameters import parameters
from gateway.projections.asking import SearchError
from gateway.projections.order import Order, order

DEFAULT_COUNT: Final = 50
LARGEST_COUNT: Final = 1000
TOTALS: Final = ("none", "estimate", "accurate")
SUMMARIES: Final = ("true", "text", "data", "count", "false")

_PLAIN: Final = frozenset({"_format", "_pretty"})  # of the answer's form; see replies
_DIGITS: Final = 9
_MOST_INCLUDES: Final = 10


class Include(NamedTuple):
    """What comes along: what a match refers to, or what refers to it.

    `type` is the type that has the parameter, `target` the type at its other end, empty
    where any will do. Where it iterates, it also holds for what came along.
    """

    type: str
    parameter: str
    target: str
    reverse: bool
    iterate: bool


@dataclass(frozen=True, kw_only=True)
class Controls:
    """What is wanted of the answer."""

    count: int = DEFAULT_COUNT
    order: Order = field(default_factory=Order)
    total: str = ""
    summary: str = "false"
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    understood: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def only_count(self) -> bool:
        """Say whether the number of matches is all that is wanted."""
        return self.summary == "count" or self.count == 0


_Read = Callable[[str, str, str, Controls], Controls]


def controls(
    kind: str, given: Iterable[tuple[str, str]], *, lenient: bool
) -> tuple[Controls, list[tuple[str, str]]]:
    """Read the controls; return them, and the parameters that are none.

    Raises:
        SearchError: a value that is not understood, unless `lenient`.

    """
    found = Controls()
    rest: list[tuple[str, str]] = []
    for name, value in given:
        read = _READERS.get(name.partition(":")[0])
        if name in _PLAIN or (read and not value):
            continue
        if read is None:
            rest.append((name, value))
            continue
        try:
            found = read(kind, name, value, found)
            found = replace(found, understood=(*found.understood, (name, value)))
        except SearchError as error:
            if not lenient:
                raise
            found = replace(found, ignored=(*found.ignored, error.parameter))
    return found, rest


def _count(_kind: str, name: str, value: str, found: Controls) -> Controls:
    _unmodified("_count", name)
    if not value.isdecimal() or len(value) > _DIGITS:
        raise SearchError(name, "Send a whole number that is not negative.")
    return replace(found, count=min(int(value), LARGEST_COUNT))


def _sort(kind: str, name: str, value: str, found: Controls) -> Controls:
    _unmodified("_sort", name)
    return replace(found, order=order(kind, value))


def _total(_kind: str, name: str, value: str, found: Controls) -> Controls:
    _unmodified("_total", name)
    return replace(found, total=_one_of(name, value, TOTALS))


def _summary(_kind: str, name: str, value: str, found: Controls) -> Controls:
    _unmodified("_summary", name)
    return replace(found, summary=_one_of(name, value, SUMMARIES))


def _elements(kind: str, name: str, value: str, found: Controls) -> Controls:
    _unmodified("_elements", name)
    names = [each.removeprefix(f"{kind}.") for each in value.split(",")]
    if not all(each.isalnum() for each in names):
        raise SearchError(name, "Send names of elements, such as identifier,status.")
    return replace(found, elements=(*found.elements, *names))


def _include(kind: str, name: str, value: str, found: Controls) -> Controls:
    base, _, modifier = name.partition(":")
    if modifier not in ("", "iterate"):
        raise SearchError(name, "The one modifier of this is ':iterate'.")
    reverse, iterate = base == "_revinclude", modifier == "iterate"
    one = _read_include(kind, name, value, reverse=reverse, iterate=iterate)
    if len(found.includes) >= _MOST_INCLUDES:
        raise SearchError(name, f"Send at most {_MOST_INCLUDES} of these.")
    return replace(found, includes=(*found.includes, one))


def _read_include(
    kind: str, name: str, value: str, *, reverse: bool, iterate: bool
) -> Include:
    source, _, rest = value.partition(":")
    parameter, _, target = rest.partition(":")
    known = parameters(source).get(parameter)
    if known is None or known.kind != "reference":
        references = [n for n, p in parameters(kind).items() if p.kind == "reference"]
        raise SearchError(
            name,
            "Send Type:reference or Type:reference:Target, where reference is a "
            f"parameter; of {kind} these are: {', '.join(references)}.",
        )
    if target and target not in resource_types():
        raise SearchError(name, "The type at the end of this is none of R4.")
    if not reverse and not iterate and source != kind:
        raise SearchError(
            name, f"What {source} refers to comes along with ':iterate' only here."
        )
    return Include(source, parameter, target, reverse, iterate)


def _unmodified(name: str, sent: str) -> None:
    if sent != name:
        raise SearchError(sent, f"{name} takes no modifier.")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise SearchError(name, f"Send one of {', '.join(known)}.")
    return value


_READERS: Final = MappingProxyType[str, _Read](
    {
        "_count": _count,
        "_sort": _sort,
        "_total": _total,
        "_summary": _summary,
        "_elements": _elements,
        "_include": _include,
        "_revinclude": _include,
    }
)
CONTROLS: Final = (*_READERS, *sorted(_PLAIN))
"""Every parameter that says something of the answer."""
