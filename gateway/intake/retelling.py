"""A state as a log tells it, for whoever reads it without being a unit of work."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, get_args

from gateway.store.records import Erased, Recorded

S = TypeVar("S")


def since(
    state: S,
    recorded: Iterable[Recorded | Erased],
    evolve: Callable[[S, Any], S],
    events: object,
) -> tuple[S, int]:
    """Return a state after more of its stream, and the version of the last row.

    `events` is the union of those that the state knows. The version is 0 where there
    was no row.
    """
    kinds, version = get_args(events), 0
    for each in recorded:
        version = each.version
        if not isinstance(each, Erased) and isinstance(each.event, kinds):
            state = evolve(state, each.event)
    return state, version
