"""Which search parameters there are, and under which numbers their values are filed."""

from collections.abc import Iterator
from functools import cache

from fhir_profiles import search_parameters
from fhir_profiles.search_parameters import SearchParameter, parameters

RANKS = {"stat": 1, "asap": 2, "urgent": 3, "routine": 4}
"""Order of `priority` for sorting (R4 request-priority), most urgent first."""

_PRIVATE = frozenset({"Patient", "Person", "Practitioner", "RelatedPerson"})


def of_type(kind: str) -> tuple[SearchParameter, ...]:
    """Return the search parameters of a resource type."""
    return tuple(parameters(kind).values())


def fingerprint() -> int:
    """Return a number that changes with the parameters."""
    return search_parameters.fingerprint()


@cache
def numbers(kind: str, name: str) -> tuple[int, ...]:
    """Return the numbers under which the values of a parameter are filed."""
    return tuple(each.number for each in stored(kind, parameters(kind)[name]))


def stored(kind: str, parameter: SearchParameter) -> Iterator[SearchParameter]:
    """Give the parameters that a parameter's values are filed under."""
    for name in parameter.among:
        yield from stored(kind, parameters(kind)[name])
    if not parameter.among:
        yield parameter


def is_private(kind: str, parameter: SearchParameter) -> bool:
    """Say whether dates are those of a person, so that none may be stored in clear."""
    return parameter.kind == "date" and kind in _PRIVATE


def is_ranked(parameter: SearchParameter) -> bool:
    """Say whether a token is sorted by urgency."""
    return parameter.name == "priority" and parameter.is_code


def is_sortable(kind: str, parameter: SearchParameter) -> bool:
    """Say whether results can be sorted by a parameter."""
    dated = parameter.kind == "date" and not is_private(kind, parameter)
    return dated or is_ranked(parameter)
