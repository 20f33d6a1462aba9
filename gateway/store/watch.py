"""The log's head in memory, and those who wait for it to move."""

import asyncio
from threading import Lock
from typing import Any

from gateway.store.delivery import wake
from gateway.store.errors import LogClosedError

_Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class HeadWatch:
    """The last committed position; wakes event loops when it grows."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.shown = head  # the last position of an event that is not quiet
        self._closed = False
        self._lock = Lock()
        self._waiters: set[_Waiter] = set()

    def advance(self, head: int, shown: int = 0) -> None:
        """Move the head forward, never back, and wake everybody."""
        with self._lock:
            self.head = max(self.head, head)
            self.shown = max(self.shown, shown)
            self._wake_all()

    def close(self) -> None:
        """Wake everybody for the last time."""
        with self._lock:
            self._closed = True
            self._wake_all()

    async def beyond(self, position: int) -> int:
        """Wait until the head is beyond a position; return the head.

        Raises:
            LogClosedError: if the log is closed first.

        """
        loop = asyncio.get_running_loop()
        while True:
            with self._lock:
                if self.head > position:
                    return self.head
                if self._closed:
                    raise LogClosedError("The log was closed; nothing more will come.")
                waiter = (loop, loop.create_future())
                self._waiters.add(waiter)
            try:
                await waiter[1]
            finally:
                with self._lock:
                    self._waiters.discard(waiter)

    def _wake_all(self) -> None:
        for loop, future in self._waiters:
            wake(loop, _resolve, [future])
        self._waiters.clear()


def _resolve(futures: list[Any]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
