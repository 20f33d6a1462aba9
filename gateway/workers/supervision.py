"""Owns every background task, and knows which of them stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_LOG = structlog.get_logger()


class Supervisor:
    """Starts workers and awaits them; a worker that stops makes the service unready."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a worker until the service stops."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_report)
        self._tasks[name] = task

    def stopped(self) -> list[str]:
        """Return a sentence for each worker that does not run."""
        return [
            f"The worker '{name}' stopped."
            for name, task in self._tasks.items()
            if task.done()
        ]

    async def stop(self) -> None:
        """Cancel every worker and wait until it has ended."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _report(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    name = type(error).__name__ if error else "none"
    _LOG.error("worker.stopped", worker=task.get_name(), error=name)
