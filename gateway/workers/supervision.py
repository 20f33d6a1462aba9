"""Owns every background task, knows which of them stopped, and starts them again."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from gateway.store.errors import LogClosedError

_LOG = structlog.get_logger()
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_HEALTHY_S = 60.0  # whoever ran as long failed by chance, not by habit


class Supervisor:
    """Runs workers; a vital one that does not run makes the service unready.

    A worker that failed is started anew after a pause, whatever stopped it: it looks
    before it acts, so that doing something twice changes nothing, and patients wait
    for a floor that stands still. Each failure is logged, and while the worker pauses
    the service is not ready; one that fails again and again pauses ever longer.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._paused: set[str] = set()
        self._vital: set[str] = set()

    def start(
        self, name: str, work: Callable[[], Awaitable[None]], *, vital: bool = True
    ) -> None:
        """Run a worker until the service stops."""
        if vital:
            self._vital.add(name)
        self._tasks[name] = asyncio.create_task(self._run(name, work), name=name)

    def stopped(self) -> list[str]:
        """Return a sentence for each vital worker that does not run."""
        return [
            f"The worker '{name}' stopped."
            for name, task in self._tasks.items()
            if name in self._vital and (task.done() or name in self._paused)
        ]

    async def stop(self) -> None:
        """Cancel every worker until it has ended.

        Once is not enough: a library that a worker awaits may swallow a cancellation,
        and the service would never stop.
        """
        while going := [each for each in self._tasks.values() if not each.done()]:
            for task in going:
                task.cancel()
            await asyncio.wait(going, timeout=_FIRST_PAUSE_S)

    async def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            try:
                await work()
            except LogClosedError:
                return
            except Exception as error:  # noqa: BLE001 (no fault may end the floor)
                _LOG.error("worker.paused", worker=name, error=type(error).__name__)
            if time.monotonic() - began > _HEALTHY_S:
                pause = _FIRST_PAUSE_S
            self._paused.add(name)
            await asyncio.sleep(pause)
            self._paused.discard(name)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
