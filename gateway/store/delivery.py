"""Units of work on their way into the writer, and their outcomes on the way out."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import msgspec

from gateway.store.foresight import NOTHING, Reads
from gateway.store.session import Session


class Outcome(msgspec.Struct, frozen=True):
    """What a unit returned, or why it failed."""

    value: Any = None
    error: BaseException | None = None

    def result(self) -> Any:  # noqa: ANN401 (the caller knows what it asked for)
        """Return the value or raise the error, in the caller's own thread."""
        if self.error is not None:
            raise self.error
        return self.value


class Unit(msgspec.Struct, eq=False):
    """Work for the writer, and the future in which somebody awaits its outcome."""

    work: Callable[[Session], Any]
    future: "Future[Outcome] | asyncio.Future[Outcome]"
    loop: asyncio.AbstractEventLoop | None = None
    reads: Reads = NOTHING


Settled = tuple[Unit, Outcome]


def deliver(settled: Iterable[Settled]) -> None:
    """Hand outcomes to those who wait, waking each event loop only once."""
    by_loop: defaultdict[asyncio.AbstractEventLoop | None, list[Settled]]
    by_loop = defaultdict(list)
    for unit, outcome in settled:
        by_loop[unit.loop].append((unit, outcome))
    for loop, of_loop in by_loop.items():
        if loop is None:
            _resolve(of_loop)
        else:
            wake(loop, _resolve, of_loop)


def wake(
    loop: asyncio.AbstractEventLoop,
    callback: Callable[[list[Any]], None],
    argument: list[Any],
) -> None:
    """Call back in an event loop, unless the loop and all who waited are gone."""
    with suppress(RuntimeError):  # asyncio's word for a closed loop
        loop.call_soon_threadsafe(callback, argument)


def _resolve(settled: list[Settled]) -> None:
    for unit, outcome in settled:
        if not unit.future.done():
            unit.future.set_result(outcome)
