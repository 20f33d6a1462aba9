"""A batch of events into read models, in one transaction with its position.

An event that cannot be projected is noted as poisoned and passed over, so that one bad
event does not stop what nurses see; the service says that it is not ready until
somebody has looked.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import structlog

from domain.retained import PatientErased
from gateway.projections.database import Database
from gateway.projections.faults import is_corrupt, is_of_an_event
from gateway.projections.purge import Purged
from gateway.projections.rows import Rows
from gateway.store.records import Erased, Recorded, Unreadable

BATCH = 500
_CORRUPT = "The read models' file is corrupt. They are made anew from the log."
_LOG = structlog.get_logger()


class ReadModelsMovedError(Exception):
    """Another process has projected these events already; look where it is."""


class Follower(Protocol):
    """What the events of the log mean to read models."""

    def apply(self, recorded: Recorded) -> None:
        """Add what the event says to the rows that `write` will write."""
        ...

    def purge(self, erasure: PatientErased, position: int) -> Purged:
        """Delete what an erasure took, whatever else cannot be read."""
        ...

    def write(self) -> None:
        """Write what the events since the last time have added."""
        ...

    def forget(self) -> None:
        """Believe the log again, after a batch was rolled back."""
        ...


class ReadModelsCorruptError(Exception):
    """What the read models' file holds is no database any more."""


def apply(
    database: Database, projection: Follower, events: Sequence[Recorded | Erased]
) -> None:
    """Project a batch and its position in one transaction.

    Raises:
        ReadModelsCorruptError: the file is to be made anew; it is marked so.

    """
    first, last = events[0].position, events[-1].position
    try:
        with _moved(database.writer, first, last) as connection:
            _readable(connection, projection, events)
    except sqlite3.DatabaseError as error:
        projection.forget()
        if not is_corrupt(error):
            raise
        database.condemn()
        raise ReadModelsCorruptError(_CORRUPT) from error
    except BaseException:
        projection.forget()
        raise
    if any(each.topic == PatientErased.topic for each in events):
        database.shed()


def put(database: Database, rows: Rows, *, first: int, last: int) -> None:
    """Write rows that were made of events, and their position, in one transaction."""
    with _moved(database.writer, first, last) as connection:
        rows.write(connection)


@contextmanager
def _moved(
    connection: sqlite3.Connection, first: int, last: int
) -> Iterator[sqlite3.Connection]:
    """Do something in one transaction with the position; undo both if it fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _advance(connection, first, last)
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _advance(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Move the position, unless a process that was left behind did it before."""
    cursor = connection.execute(
        "UPDATE progress SET position = ? WHERE position < ?", (last, first)
    )
    if cursor.rowcount != 1:
        raise ReadModelsMovedError("The read models are past these events already.")


def _readable(
    connection: sqlite3.Connection,
    projection: Follower,
    events: Sequence[Recorded | Erased],
) -> None:
    """Project a batch; an erasure by itself, so that no other event undoes it."""
    together: list[Recorded | Erased] = []
    for event in events:
        if isinstance(event, Recorded) and isinstance(event.event, PatientErased):
            _together(connection, projection, together)
            together = []
            _purged(connection, projection, event, event.event)
        else:
            together.append(event)
    _together(connection, projection, together)


def _purged(
    connection: sqlite3.Connection,
    projection: Follower,
    recorded: Recorded,
    erasure: PatientErased,
) -> None:
    """Take out what nobody can read any more, as if it had never been shown.

    What is shown anew follows apart: a fault in it does not bring back what is gone.
    """
    purged = projection.purge(erasure, recorded.position)
    if purged.fault:
        _poisoned(connection, recorded, purged.fault)
    _together(connection, projection, purged.again)


def _together(
    connection: sqlite3.Connection,
    projection: Follower,
    events: Sequence[Recorded | Erased],
) -> None:
    """Project events as one; only where they cannot be, event by event."""
    try:
        _whole(connection, projection, events)
    except Exception as error:
        if not is_of_an_event(error):
            raise
        for event in events:
            _alone(connection, projection, event)


def _alone(
    connection: sqlite3.Connection, projection: Follower, event: Recorded | Erased
) -> None:
    try:
        _whole(connection, projection, [event])
    except Exception as error:
        if not is_of_an_event(error):
            raise
        _poisoned(connection, event, type(error).__name__)


def _whole(
    connection: sqlite3.Connection,
    projection: Follower,
    events: Sequence[Recorded | Erased],
) -> None:
    connection.execute("SAVEPOINT whole")
    try:
        for event in events:
            if isinstance(event, Recorded):
                projection.apply(event)
            elif isinstance(event, Unreadable):
                _poisoned(connection, event, event.error)
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
