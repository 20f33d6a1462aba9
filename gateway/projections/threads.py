"""Blocking work off the event loop, finished before anybody closes what it uses."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Run work in a thread; where the caller is cancelled, wait for its end first.

    A thread cannot be stopped. If the caller went on at once, the service would close
    SQLite's connections under the thread that still reads or writes by them.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():  # also where the caller is cancelled once more
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        raise
