"""The one thread that writes: it decides unit by unit and commits group by group."""

import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Condition, Lock, Thread
from time import perf_counter, thread_time

from gateway.store.batch import Batch
from gateway.store.delivery import Outcome, Settled, Unit, deliver
from gateway.store.errors import (
    LogClosedError,
    LogUnavailableError,
    LogUncertainError,
    OverloadedError,
)
from gateway.store.recorder import SealedRecorder
from gateway.store.session import Session
from gateway.store.watch import HeadWatch

_QUIET_S = 0.00025  # for each who is waited for
_LONGEST_GATHERING_S = 0.04
_NOBODY = sys.maxsize


@dataclass(frozen=True, kw_only=True)
class Stats:
    """What the writer has done since the log was opened; times in seconds.

    A group is one transaction and one fsync. `append_seconds` are the processor's,
    spent in the units (deciding, encoding, encrypting); `commit_seconds` passed while
    inserting and syncing.
    """

    groups: int = 0
    units: int = 0
    events: int = 0
    append_seconds: float = 0.0
    commit_seconds: float = 0.0
    queue_depth: int = 0


class Writer:
    """Take units from a bounded queue; let those that wait share one commit."""

    def __init__(
        self,
        *,
        session: Session,
        batch: Batch,
        recorder: SealedRecorder,
        watch: HeadWatch,
        queue_limit: int,
        group_limit: int,
        quiet: frozenset[str],
    ) -> None:
        self._session = session
        self._batch = batch
        self._recorder = recorder
        self._watch = watch
        self._queue_limit = queue_limit
        self._group_limit = group_limit
        self._quiet = quiet
        self._queue: deque[Unit] = deque()
        self._turn = Lock()
        self._arrival = Condition(self._turn)
        self._closing = False
        self._company = 1
        self._wanted = _NOBODY  # how many must wait before the thread is woken
        self._stats = Stats()
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    @property
    def stats(self) -> Stats:
        """Return the counters as of the last group."""
        return replace(self._stats, queue_depth=len(self._queue))

    def enqueue(self, unit: Unit) -> None:
        """Put a unit into the queue.

        Raises:
            OverloadedError: if the queue is full.
            LogClosedError: if the writer is closing or gone.

        """
        with self._turn:
            if self._closing:
                raise _closed()
            if len(self._queue) >= self._queue_limit:
                raise OverloadedError(
                    f"{self._queue_limit} requests already wait for the log. Send "
                    "the request again in a second."
                )
            self._queue.append(unit)
            if len(self._queue) >= self._wanted:
                self._wanted = _NOBODY
                self._arrival.notify()

    def close(self) -> None:
        """Finish what is queued, take nothing more, and end the thread."""
        with self._arrival:
            self._closing = True
            self._arrival.notify()
        self._thread.join()

    def _run(self) -> None:
        group: list[Unit] = []
        try:
            while group := self._next_group():
                settled = self._settled(group)
                self._company = len(group) + len(self._queue)
                deliver(settled)
        finally:
            self._refuse(group)

    def _next_group(self) -> list[Unit]:
        """Wait for work; an empty group means that there will be none."""
        with self._arrival:
            self._wanted = 1
            self._arrival.wait_for(lambda: self._queue or self._closing)
            self._gather()
            size = min(len(self._queue), self._group_limit)
            return [self._queue.popleft() for _ in range(size)]

    def _gather(self) -> None:
        """Wait a little for as many as came last time, while more keep coming.

        Whoever got an answer together asks again at about the same time. Without this
        they split into two groups that take turns, and each works against the other
        for the interpreter. Nobody waits who was alone last time.
        """
        wanted = min(self._company, self._group_limit)
        until, seen = perf_counter() + _LONGEST_GATHERING_S, 0
        while self._may_gather(until) and seen < len(self._queue) < wanted:
            seen, self._wanted = len(self._queue), wanted
            left = until - perf_counter()
            self._arrival.wait(min(_QUIET_S * wanted, left))
        self._wanted = _NOBODY

    def _may_gather(self, until: float) -> bool:
        return not self._closing and perf_counter() < until

    def _settled(self, group: list[Unit]) -> list[Settled]:
        """Work through a group; its outcomes hold once it is on the disk."""
        waiting = [unit for unit in group if not _left(unit)]
        try:
            with self._recorder.group() as news:
                self._batch.take(news)
                return self._decided(waiting)
        except LogUnavailableError as error:
            self._batch.drop_all()
            return [(unit, Outcome(error=type(error)(str(error)))) for unit in waiting]
        except MemoryError:
            self._batch.drop_all()
            return [(unit, Outcome(error=_uncertain())) for unit in waiting]

    def _decided(self, waiting: list[Unit]) -> list[Settled]:
        started = thread_time()
        self._look_ahead(waiting)
        settled = self._attempted(waiting)
        append = thread_time() - started
        worked = perf_counter()
        events = len(self._batch.rows)
        self._commit()
        self._stats = Stats(
            groups=self._stats.groups + bool(events),
            units=self._stats.units + len(settled),
            events=self._stats.events + events,
            append_seconds=self._stats.append_seconds + append,
            commit_seconds=self._stats.commit_seconds + perf_counter() - worked,
        )
        return settled

    def _look_ahead(self, group: list[Unit]) -> None:
        # A hint only: a unit that meets the disk's fault, or whose names cannot be
        # encoded, says so itself and is refused alone.
        with suppress(LogUnavailableError, UnicodeError):
            self._session.expect(unit.reads for unit in group)

    def _attempted(self, waiting: list[Unit]) -> list[Settled]:
        settled: list[Settled] = []
        for place, unit in enumerate(waiting, 1):
            settled.append((unit, self._attempt(unit)))
            if self._batch.destroyed:  # who comes after must see what is gone
                self._put_back(waiting, place)
        return settled

    def _put_back(self, waiting: list[Unit], place: int) -> None:
        """Let the rest of a group be another's, whatever becomes of this one."""
        with self._arrival:
            self._queue.extendleft(reversed(waiting[place:]))
        del waiting[place:]

    def _attempt(self, unit: Unit) -> Outcome:
        try:
            value = unit.work(self._session)
        except BaseException as error:  # noqa: BLE001 (it is raised at the caller)
            self._batch.drop_unit()
            return Outcome(error=error)
        self._batch.keep_unit()
        return Outcome(value=value)

    def _commit(self) -> None:
        if self._batch.rows:
            positions = self._recorder.insert_events(
                self._batch.rows,
                keys=self._batch.key_rows,
                destroyed=self._batch.destroyed,
            )
            self._watch.advance(positions[-1], self._last_loud(positions))
        self._batch.keep_group()

    def _last_loud(self, positions: Sequence[int]) -> int:
        rows = zip(reversed(positions), reversed(self._batch.rows), strict=True)
        loud = (position for position, row in rows if row.topic not in self._quiet)
        return next(loud, 0)

    def _refuse(self, group: list[Unit]) -> None:
        """Leave nobody waiting, also if this thread ends by a fault of its own."""
        with self._arrival:
            self._closing = True
            left = [*group, *self._queue]
            self._queue.clear()
        deliver((unit, Outcome(error=_closed())) for unit in left)
        self._watch.close()


def _left(unit: Unit) -> bool:
    """Tell whether the caller stopped waiting before the work began."""
    return unit.future.cancelled()


def _uncertain() -> LogUncertainError:
    return LogUncertainError(
        "Memory ran out, and nobody can tell whether the request was kept. Send it "
        "again: what was kept is not done twice."
    )


def _closed() -> LogClosedError:
    return LogClosedError("The log is closed; start the gateway again.")
