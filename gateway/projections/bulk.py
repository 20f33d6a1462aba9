"""Read models made anew from a long log, as fast as the machine can.

Other processes prepare the rows, this one writes them in the log's order, into a draft
without a journal on the disk and with few indices. The other indices are made at the
end, from sorted keys; then the draft is synced and takes the place of the read models.
An interruption leaves the older ones, or none.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

from gateway.projections.apart import ProjectionEndedError
from gateway.projections.batch import Follower, apply, put
from gateway.projections.database import Database, draft_of, remove_file
from gateway.projections.faults import is_of_an_event
from gateway.projections.preparing import (
    Kind,
    Prepared,
    Source,
    preparing,
    received,
    seldom_collecting,
)
from gateway.projections.rows import Rows
from gateway.store.keyfile import sync_folder
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.server import remembered

_EVENTS: Final = 2000
"""Events that a process prepares at once."""
_AHEAD: Final = 2
"""Orders that a process has, so that it need not wait for the next."""
_MOST_PROCESSES: Final = 4
# The draft is thrown away where it is not finished: nothing has to survive before.
_UNSAFE = (
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -131072",
    "PRAGMA threads = 2",
)
_LATER: Final = (
    *("resource_told", "latest_kind", "latest_at"),
    *("term_filed", "moment_low", "moment_high"),
)
"""Indices that nothing asks for while rows are written; digests fall anywhere in them,
so that each row would read and write a page."""
Progress = Callable[[int, int], None]
Bar = Callable[[str], AbstractContextManager[Progress]]


class Draft(NamedTuple):
    """What is made anew, from which log, by how many processes."""

    ledger: Ledger
    file: Path
    kind: Kind
    key_file: KeySource | None = None
    processes: int = min(os.cpu_count() or 1, _MOST_PROCESSES)
    events: int = _EVENTS


def replace(draft: Draft, bar: Bar) -> None:
    """Replace read models by what the log says now.

    A `bar` is told how many events of how many are written, another one the same of the
    indices.

    Raises:
        ProjectionEndedError: one of the processes that share the work ended.

    """
    unfinished = draft_of(draft.file)
    remove_file(unfinished)
    secret = draft.ledger.derive(draft.kind.secret)
    with closing(Database(unfinished, secret)) as database:
        for pragma in _UNSAFE:
            database.writer.execute(pragma)
        later = list(_put_off(database.writer))
        with seldom_collecting(), bar(f"Rebuilding {draft.file.name}") as progress:
            _fill(draft, database, progress)
        with bar(f"Indexing {draft.file.name}") as progress:
            for number, statement in enumerate(later, 1):
                database.writer.execute(statement)
                progress(number, len(later))
    _settle(unfinished, draft.file)


def _put_off(connection: sqlite3.Connection) -> Iterator[str]:
    """Drop the indices that are made at the end; give how each is made."""
    for name in _LATER:
        (made,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", (name,)
        ).fetchone()
        connection.execute(f"DROP INDEX {name}")
        yield made


def _fill(draft: Draft, database: Database, progress: Progress) -> None:
    kind, head = draft.kind, draft.ledger.head
    follower = kind.follower(database, draft.ledger.stream, kind.tenant, Rows())
    folder = draft.file.parent
    source = Source(folder, draft.key_file, kind, remembered(folder))
    orders = [
        (after, min(draft.events, head - after))
        for after in range(0, head, draft.events)
    ]
    with preparing(source, draft.processes) as pipes:
        for order, prepared in zip(orders, _answers(pipes, orders), strict=True):
            if not _is_written(database, prepared, order[0]):
                _one_by_one(draft, database, follower, order)
            progress(prepared.last, head)


def _answers(
    pipes: Sequence[Connection], orders: Sequence[tuple[int, int]]
) -> Iterator[Prepared]:
    """Give what the processes prepare, in the order of the log; each has its turn."""
    given = iter(orders)
    for turn, order in enumerate(islice(given, _AHEAD * len(pipes))):
        with _alive():
            pipes[turn % len(pipes)].send(order)
    for turn in range(len(orders)):
        pipe = pipes[turn % len(pipes)]
        with _alive():
            prepared = received(pipe)
            for order in islice(given, 1):
                pipe.send(order)
        yield prepared


@contextmanager
def _alive() -> Iterator[None]:
    """Say in a sentence that the other end of a pipe is gone."""
    try:
        yield
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise ProjectionEndedError(
            "A process that prepares read models ended; the log is as it was. Look at "
            "what it wrote, free some memory, and rebuild again."
        ) from None


def _is_written(database: Database, prepared: Prepared, after: int) -> bool:
    if prepared.rows is None:
        return False
    try:
        put(database, prepared.rows, first=after + 1, last=prepared.last)
    except Exception as error:
        if not is_of_an_event(error):
            raise
        return False
    return True


def _one_by_one(
    draft: Draft, database: Database, follower: Follower, order: tuple[int, int]
) -> None:
    after, limit = order
    unread = draft.kind.unread
    events = draft.ledger.read(after=after, limit=limit, unread=unread, tolerant=True)
    follower.forget()  # others have had the events since the last time
    apply(database, follower, events)


def _settle(unfinished: Path, file: Path) -> None:
    """Let the draft, once it is on the disk, take the place of the read models."""
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    remove_file(file)
    unfinished.rename(file)
    sync_folder(file.parent)
