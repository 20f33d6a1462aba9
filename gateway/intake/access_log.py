"""Requests that change nothing, on their way into the log in groups.

A read must leave its trace, and an append of its own for each would cost the log more
than the writes do. So accesses gather in memory, for some milliseconds and up to a
limit, and then share a commit. What cannot be recorded is refused, never forgotten.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from domain.access import AccessesUnrecorded
from gateway.intake.accesses import Access, AccessUnit
from gateway.intake.strangers import Strangers
from gateway.store.errors import LogUnavailableError, OverloadedError, StoreError
from gateway.store.ledger import Ledger

_TOGETHER: Final = 128  # events of one unit; others want the writer, too
_LIMIT: Final = 4096
_AGAIN_S: Final = 0.05
_COUNTED_S: Final = 60.0  # how long a count may wait for an access to go with


class AccessLog:
    """Gathers accesses and appends them; for one event loop.

    `gathering_s` is how long an access may wait for others. At 0 `record` returns
    once the log has it, so that nothing is shown before; else at once.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        gathering_s: float,
        clock: Callable[[], datetime],
        limit: int = _LIMIT,
    ) -> None:
        self._ledger = ledger
        self._gathering_s = gathering_s
        self._clock = clock
        self._limit = limit
        self._waiting: list[tuple[Access, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._strangers = Strangers()
        self._settled = 0  # how many left the memory
        self._refused = 0  # in all, and how many of them the log has counted
        self._counted = 0
        self._refused_since = clock()

    @property
    def waiting(self) -> int:
        """Return how many accesses the log does not have yet."""
        return len(self._waiting)

    def require_room(self) -> None:
        """Refuse a request that could not be recorded.

        Raises:
            OverloadedError: the log does not keep up with the accesses.

        """
        if len(self._waiting) < self._limit:
            return
        self._count_refused()
        raise OverloadedError(
            "More requests wait to be recorded than the gateway keeps in memory. Send "
            "the request again in a second."
        )

    async def record(self, access: Access) -> None:
        """Hand in an access.

        Raises:
            StoreError: the log must have it before the answer, and could not take it.

        """
        recorded = asyncio.get_running_loop().create_future()
        self._waiting.append((access, recorded))
        self._arrived.set()
        if not self._gathering_s:
            await recorded

    async def record_stranger(self, access: Access) -> None:
        """Hand in the refusal of an unknown caller; of too many only the number.

        Raises:
            StoreError: as `record`.

        """
        if self._strangers.tells(access.context.address, self._clock()):
            await self.record(access)
        else:
            self._count_refused()

    async def run(self) -> None:
        """Append what gathers, until cancelled.

        Raises:
            StoreError: the log could not take it; it is kept for the next attempt.

        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_COUNTED_S):
                    await self._arrived.wait()
            await asyncio.sleep(self._gathering_s)
            try:
                await self.flush()
            except LogUnavailableError:
                if self._gathering_s:
                    raise
                # Those who wait for their answer were refused.

    async def flush(self) -> None:
        """Append everything that waits by now; raises as `run` does.

        What comes meanwhile waits for the next: else an auditor, who waits for this,
        would wait for as long as requests come.
        """
        due, refused = self._settled + len(self._waiting), self._refused
        while self._settled < due or self._counted < refused:
            if self._writing is None:
                self._writing = asyncio.create_task(self._write())
            # A cancelled flush leaves the append to itself: nobody knows whether the
            # log has it, and the next flush must not append the same again.
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        part = self._waiting[:_TOGETHER]
        counted, began = self._refused, self._clock()
        unit = self._unit([access for access, _ in part], counted - self._counted)
        try:
            await self._submit(unit)
        except StoreError as error:
            self._failed(part, error)
            raise
        finally:
            self._writing = None
        self._counted, self._refused_since = counted, began
        self._forget(part)
        for _, recorded in part:
            if not recorded.done():
                recorded.set_result(None)

    async def _submit(self, unit: AccessUnit) -> None:
        while True:
            with suppress(OverloadedError):
                return await self._ledger.submit(unit)
            await asyncio.sleep(_AGAIN_S)

    def _unit(self, accesses: list[Access], refused: int) -> AccessUnit:
        unrecorded = AccessesUnrecorded(count=refused, since=self._refused_since)
        return AccessUnit(
            accesses=tuple(accesses),
            unrecorded=unrecorded if refused else None,
            at=self._clock(),
        )

    def _failed(
        self, part: list[tuple[Access, asyncio.Future[None]]], error: StoreError
    ) -> None:
        """Keep what was answered; refuse what waits for its answer."""
        if self._gathering_s:
            return
        self._forget(part)
        for _ in part:
            self._count_refused()
        for _, recorded in part:
            if not recorded.done():
                recorded.set_exception(error)

    def _forget(self, part: list[tuple[Access, asyncio.Future[None]]]) -> None:
        del self._waiting[: len(part)]
        self._settled += len(part)
        if not self._waiting:
            self._arrived.clear()

    def _count_refused(self) -> None:
        if self._refused == self._counted:
            self._refused_since = self._clock()
        self._refused += 1
