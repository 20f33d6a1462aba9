"""Follows the log and keeps the read models up to date, in batches.

Readers wait until the read models show what was acknowledged before they asked.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress

import structlog

from gateway.projections.apart import Apart
from gateway.projections.batch import (
    BATCH,
    Follower,
    ReadModelsCorruptError,
    apply,
)
from gateway.projections.database import Database
from gateway.projections.projection import UNREAD, Projection
from gateway.projections.threads import in_thread
from gateway.store.ledger import Ledger

_GATHERING_SECONDS = 0.02
_QUIET_SECONDS = 1.0
_PATIENCE_S = 15.0
_CALM_S = 2.0
_LONGEST_REST_S = 2.0  # also of a process that stood still while it projected
_LOG = structlog.get_logger()


class ReadModelsBehindError(Exception):
    """The read models do not keep up with the log, or stand still."""


class Projector:
    """The one writer of the read models.

    `leisure` lets others go first: while the log grows and nobody waits, a batch is
    followed by a rest of so many times its own duration. `apart` is a process that
    projects instead of this one, once it is ready.
    """

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        projection: Follower | None = None,
        *,
        unread: frozenset[str] = UNREAD,
        batch: int = BATCH,
        leisure: float = 0.0,
        apart: Apart | None = None,
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._projection = projection or Projection(database, ledger.stream)
        self._unread = unread
        self._batch = batch
        self._leisure = leisure
        self._seen, self._grown = 0, 0.0
        self._apart = apart
        self._advanced = asyncio.Condition()
        self._asked = asyncio.Event()
        self._readers = 0
        self.position = database.position()
        self._refilled = 0  # from where on a file made anew shows what the last one did
        self.seconds = 0.0  # of the processor, spent in projecting

    async def run(self) -> None:
        """Follow the log until cancelled."""
        # What this process remembers is old where another one went on meanwhile.
        self._projection.forget()
        self.position = await self._sound()
        async with self._apart or nullcontext():
            while True:
                await self._ledger.wait_beyond(self.position)
                await self._gather()
                await self._follow()

    async def _gather(self) -> None:
        """Let more events come, so that a batch is worth its transaction.

        A reader who waits, or who comes meanwhile, ends this at once. What no reader
        waits for has time.
        """
        await self._pause(_GATHERING_SECONDS)
        until = time.perf_counter() + _QUIET_SECONDS
        while self._ledger.shown <= self.position and time.perf_counter() < until:
            await self._pause(_GATHERING_SECONDS)
            if self._asked.is_set():
                return

    async def _pause(self, seconds: float) -> None:
        """Let others go first, until a reader waits."""
        # Not wait_for: before Python 3.12 it may swallow the cancellation of a stop.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()

    async def catch_up(
        self,
        progress: Callable[[int], None] | None = None,
        *,
        until: int | None = None,
    ) -> None:
        """Project everything that the log holds; it may grow meanwhile.

        Where a position is given, that is far enough: other gateways may append faster
        than whoever rests between batches projects. A file that turns out to be corrupt
        is made anew, once.
        """
        try:
            self.position = await self._sound()
            await self._follow(progress, until=until)
        except ReadModelsCorruptError:
            self.position = await self._sound()
            await self._follow(progress, until=until)

    async def _sound(self) -> int:
        """Begin anew where the file is corrupt; return where the read models are."""
        if await in_thread(self._database.is_condemned):
            self.position = 0  # whoever reads waits
            self._refilled = self._ledger.head
            await in_thread(self._database.begin_anew)
            _LOG.warning("projection.begun_anew", reason="unreadable")
        return await in_thread(self._database.position)

    async def _follow(
        self,
        progress: Callable[[int], None] | None = None,
        *,
        until: int | None = None,
    ) -> None:
        while self.position < (head := self._ledger.head):
            if until is not None and self.position >= until:
                return
            began = time.perf_counter()
            position = await self._step(head)
            async with self._advanced:
                self.position = position
                self._advanced.notify_all()
            if progress is not None:
                progress(position)
            if self._leisure and self._is_busy():
                rest = self._leisure * (time.perf_counter() - began)
                await self._pause(min(rest, _LONGEST_REST_S))

    def _is_busy(self) -> bool:
        """Say whether the log has grown of late."""
        now = time.perf_counter()
        if self._ledger.head != self._seen:
            self._seen, self._grown = self._ledger.head, now
        return now - self._grown < _CALM_S

    async def reach(self, position: int) -> None:
        """Wait until the read models show the log up to a position.

        Raises:
            ReadModelsBehindError: they do not within some seconds.

        """
        if self.position >= position:
            return
        self._readers += 1
        self._asked.set()
        try:
            async with asyncio.timeout(_PATIENCE_S), self._advanced:
                await self._advanced.wait_for(lambda: self.position >= position)
        except TimeoutError:
            raise ReadModelsBehindError(
                "What was acknowledged is kept, and cannot be shown yet. Read again in "
                "a moment."
            ) from None
        finally:
            self._readers -= 1
            if not self._readers:
                self._asked.clear()

    async def beyond(self, position: int) -> int:
        """Wait until the read models are past a position; return where they are."""
        async with self._advanced:
            await self._advanced.wait_for(lambda: self.position > position)
        return self.position

    async def reach_head(self) -> None:
        """Wait until a reader sees everything that was acknowledged by now."""
        await self.reach(self._ledger.shown)

    def lacking(self) -> int:
        """Return how many events read models made anew still lack of what they had."""
        return max(0, self._refilled - self.position)

    def poisoned(self) -> int:
        """Return how many events could not be projected."""
        with self._database.reader() as connection:
            rows = connection.execute("SELECT COUNT(*) FROM poisoned")
            count: int = rows.fetchone()[0]
            return count

    async def _step(self, head: int) -> int:
        if self._database.condemned:  # by a reader
            raise ReadModelsCorruptError("The read models' file is corrupt.")
        if self._apart is None or not self._apart.ready:
            return await in_thread(self._project)
        reached = await self._apart.step(self.position, head)
        self.seconds += reached.seconds
        return reached.position

    def _project(self) -> int:
        began = time.thread_time()
        events = self._ledger.read(
            after=self.position,
            limit=self._batch,
            unread=self._unread,
            tolerant=True,
        )
        apply(self._database, self._projection, events)
        self.seconds += time.thread_time() - began
        return events[-1].position
