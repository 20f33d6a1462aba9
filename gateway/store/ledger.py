"""The log as the gateway uses it: submit units of work, read, follow."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, TypeVar, cast

from gateway.store.batch import Batch
from gateway.store.delivery import Outcome, Unit
from gateway.store.foresight import NOTHING, Derive, Foresight, Reads
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.opening import OpenLog, open_for_writing
from gateway.store.records import Erased, Recorded
from gateway.store.registry import EventRegistry
from gateway.store.server import Server
from gateway.store.session import Session
from gateway.store.watch import HeadWatch
from gateway.store.writer import Stats, Writer

T = TypeVar("T")
_NONE: Final = frozenset[str]()


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """An open log. Reading is for every thread; writing goes through one."""

    def __init__(
        self,
        log: OpenLog,
        registry: EventRegistry,
        *,
        held: ExitStack,
        queue_limit: int,
        group_limit: int,
    ) -> None:
        self._log = log
        self._registry = registry
        self._held = held
        self._watch = HeadWatch(log.recorder.max_notification_id())
        log.recorder.database.follow(
            self._watch.advance, registry.quiet, after=self._watch.head
        )
        batch = Batch()
        self._writer = Writer(
            session=Session(
                disk=Foresight(log.recorder),
                reader=log.reader,
                registry=registry,
                batch=batch,
            ),
            batch=batch,
            recorder=log.recorder,
            watch=self._watch,
            queue_limit=queue_limit,
            group_limit=group_limit,
            quiet=registry.quiet,
        )

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        registry: Mapping[str, type],
        tenant: str = "default",
        kek_file: KeySource | None = None,
        server: Server | None = None,
        queue_limit: int = 1024,
        group_limit: int = 256,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """Open the log of a folder, or of a `server`; found it if there is none.

        `queue_limit` units may wait, `group_limit` share a commit.

        Raises:
            LogLockedError, LogUnavailableError: another process has it; the disk fails.
            KeyFileError: if its key is missing or another's; nothing is created.
            LogFormatError, LogDamagedError: it is another's, or not what was signed.
            UnrecordableEventError: if the registry holds an unreadable class.

        """
        events = EventRegistry(registry)
        with ExitStack() as held:
            log = open_for_writing(
                folder,
                tenant=tenant,
                key_file=kek_file or default_key_file(folder),
                server=server,
                clock=lambda: clock().isoformat(),
                held=held,
            )
            return cls(
                log,
                events,
                held=held.pop_all(),
                queue_limit=queue_limit,
                group_limit=group_limit,
            )

    @property
    def head(self) -> int:
        """Return the last committed position, 0 for an empty log."""
        return self._watch.head

    @property
    def shown(self) -> int:
        """Return the last committed position whose event readers wait for."""
        return self._watch.shown

    @property
    def shared(self) -> bool:
        """Say whether other processes may write the log, too."""
        return self._log.recorder.database.shared

    @property
    def reachable(self) -> bool:
        """Say whether the database that keeps the log answers."""
        return self._log.recorder.database.reachable

    @property
    def log(self) -> OpenLog:
        """Return the rows and keys as they are stored: for erasures, never to write."""
        return self._log

    @property
    def erasures(self) -> int:
        """Return how many erasures this process has read or written of."""
        return self._log.reader.keyring.cleared

    @property
    def stats(self) -> Stats:
        """Return what the writer has done so far."""
        return self._writer.stats

    async def submit(self, work: Callable[[Session], T]) -> T:
        """Run work in the writer; return its result once the disk has it.

        Work may have a method `reads(derive)` that foretells its `Reads`, so that
        the streams and keys of a whole group are read from the disk at once.
        A caller that is cancelled stops waiting; its work may still be done.

        Raises:
            OverloadedError: at once, if too many units wait.
            LogUnavailableError: if the disk failed; nothing was kept.
            LogClosedError: if the log is closed.
            Exception: whatever the work itself raised; nothing of it was kept.

        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._writer.enqueue(Unit(work, future, loop, self._reads(work)))
        return cast("T", (await future).result())

    def submit_sync(self, work: Callable[[Session], T]) -> T:
        """Do what `submit` does and block; never call it from inside a unit."""
        future: Future[Outcome] = Future()
        self._writer.enqueue(Unit(work, future, reads=self._reads(work)))
        return cast("T", future.result().result())

    def read(
        self,
        *,
        after: int = 0,
        limit: int = 500,
        unread: frozenset[str] = _NONE,
        tolerant: bool = False,
    ) -> list[Recorded | Erased]:
        """Return committed events in the log's order, beyond a position.

        Of events whose topic is in `unread` only the place is returned: to decrypt
        and decode takes most of the time. Where it is `tolerant`, what cannot be read
        comes as `Unreadable`.

        Raises:
            LogDamagedError: if a row is not what was written.
            UnknownTopicError: if the registry lacks an event's name.
            LogUnavailableError: if the disk fails.
            LogClosedError: if the log is closed.

        """
        rows = self._log.recorder.rows_after(after, limit)
        return self._log.reader.listed(rows, self._registry, unread, tolerant=tolerant)

    def stream(self, name: str, *, after: int = 0) -> list[Recorded | Erased]:
        """Return a stream's committed events after a version; raises as `read` does."""
        rows = self._log.recorder.rows_of(self._log.reader.names.stream(name), after)
        return [self._log.reader.recorded(row, self._registry) for row in rows]

    async def wait_beyond(self, position: int) -> int:
        """Wait until something is committed beyond a position; return the head.

        Raises:
            LogClosedError: if the log is closed first.

        """
        return await self._watch.beyond(position)

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes that only this log can compute, for identities."""
        return self._log.reader.names.derive(*parts)

    def claim(self, works: Collection[str]) -> Collection[str]:
        """Return which works this process may do; no other one does those now.

        Raises:
            LogUnavailableError: if the others cannot be asked.

        """
        return self._log.recorder.database.claim(works)

    def release(self, works: Collection[str]) -> None:
        """Let others do works again; raises as `claim` does."""
        self._log.recorder.database.release(works)

    def _reads(self, work: object) -> Reads:
        foretell: Callable[[Derive], Reads] | None = getattr(work, "reads", None)
        return foretell(self.derive) if foretell else NOTHING

    def close(self) -> None:
        """Finish what was submitted, refuse the rest, and give the log back."""
        self._writer.close()
        self._held.close()
