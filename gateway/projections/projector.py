"""Follows the log and keeps the read models up to date, in batches.

The position is stored with the rows in one transaction. An event that cannot be
projected is noted as poisoned and passed over, so that one bad event does not stop
what nurses see; the service says that it is not ready until somebody has looked.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from gateway.projections.database import Database
from gateway.projections.projection import Projection
from gateway.projections.threads import in_thread
from gateway.store.ledger import Ledger
from gateway.store.records import Erased, Recorded

_BATCH = 500
_GATHERING_SECONDS = 0.02
_UNREADABLE = (
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    sqlite3.IntegrityError,
)
_PATIENCE_S = 15.0
_LOG = structlog.get_logger()


class ReadModelsBehindError(Exception):
    """The read models do not keep up with the log, or stand still."""


class Projector:
    """The one writer of the read models."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger = ledger
        self._database = database
        self._projection = Projection(database, ledger.stream)
        self._advanced = asyncio.Condition()
        self._asked = asyncio.Event()
        self._readers = 0
        self.position = database.position()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        while True:
            await self._ledger.wait_beyond(self.position)
            await self._gather()
            await self.catch_up()

    async def _gather(self) -> None:
        """Let more events come, so that a batch is worth its transaction.

        A reader who waits, or who comes meanwhile, ends this at once.
        """
        # Not wait_for: before Python 3.12 it may swallow the cancellation of a stop.
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHERING_SECONDS):
                await self._asked.wait()

    async def catch_up(self, progress: Callable[[int], None] | None = None) -> None:
        """Project everything that the log holds now."""
        while self.position < self._ledger.head:
            position = await in_thread(self._step)
            async with self._advanced:
                self.position = position
                self._advanced.notify_all()
            if progress is not None:
                progress(position)

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
        await self.reach(self._ledger.head)

    def poisoned(self) -> int:
        """Return how many events could not be projected."""
        with self._database.reader() as connection:
            rows = connection.execute("SELECT COUNT(*) FROM poisoned")
            count: int = rows.fetchone()[0]
            return count

    def _step(self) -> int:
        events = self._ledger.read(after=self.position, limit=_BATCH)
        apply(self._database, self._projection, events)
        return events[-1].position


def apply(
    database: Database, projection: Projection, events: Sequence[Recorded | Erased]
) -> None:
    """Project a batch and its position in one transaction."""
    connection = database.writer
    connection.execute("BEGIN IMMEDIATE")
    try:
        _readable(connection, projection, events)
        connection.execute("UPDATE progress SET position = ?", (events[-1].position,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        projection.forget()
        raise


def _readable(
    connection: sqlite3.Connection,
    projection: Projection,
    events: Sequence[Recorded | Erased],
) -> None:
    """Project a batch as one; only where it cannot be, event by event."""
    try:
        _whole(connection, projection, events)
    except _UNREADABLE:
        for event in events:
            try:
                _whole(connection, projection, [event])
            except _UNREADABLE as error:
                _poisoned(connection, event, type(error).__name__)


def _whole(
    connection: sqlite3.Connection,
    projection: Projection,
    events: Sequence[Recorded | Erased],
) -> None:
    connection.execute("SAVEPOINT whole")
    try:
        for event in events:
            if isinstance(event, Recorded):
                projection.apply(event)
        projection.write()
    except BaseException:
        connection.execute("ROLLBACK TO whole")
        projection.forget()
        raise
    finally:
        connection.execute("RELEASE whole")


def _poisoned(
    connection: sqlite3.Connection, event: Recorded | Erased, error: str
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO poisoned VALUES (?, ?, ?)",
        (event.position, event.topic, error),
    )
    _LOG.error("projection.poisoned", position=event.position, error=error)
