"""A batch of events into read models, in one transaction with its position.

An event that cannot be projected is noted as poisoned and passed over, so that one bad
event does not stop what nurses see; the service says that it is not ready until
somebody has looked.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

import structlog

from domain.errors import RuleError
from domain.retained import PatientErased
from gateway.projections.database import Database
from gateway.projections.rows import Rows
from gateway.store.errors import StoreError
from gateway.store.reading import UNREADABLE
from gateway.store.records import Erased, Recorded, Unreadable

BATCH = 500
_LOG = structlog.get_logger()


class ReadModelsMovedError(Exception):
    """Another process has projected these events already; look where it is."""


_OF_ONE_EVENT: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,  # a value of a type that SQLite does not know
)
# Named one by one: a driver of a database, or of a network, has errors of its own.
_OF_THE_PROGRAM: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    RuleError,
    TypeError,
    ValueError,
)


def is_of_an_event(error: Exception) -> bool:
    """Say whether an event is at fault, or the program at this event.

    Not so what fails for every event, and passes: the disk, the database, the log.
    """
    if isinstance(error, StoreError):
        return isinstance(error, UNREADABLE)
    return isinstance(error, (*_OF_ONE_EVENT, *_OF_THE_PROGRAM))


class Follower(Protocol):
    """What the events of the log mean to read models."""

    def apply(self, recorded: Recorded) -> None:
        """Add what the event says to the rows that `write` will write."""
        ...

    def write(self) -> None:
        """Write what the events since the last time have added."""
        ...

    def forget(self) -> None:
        """Believe the log again, after a batch was rolled back."""
        ...


def apply(
    database: Database, projection: Follower, events: Sequence[Recorded | Erased]
) -> None:
    """Project a batch and its position in one transaction."""
    first, last = events[0].position, events[-1].position
    try:
        with _moved(database.writer, first, last) as connection:
            _readable(connection, projection, events)
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
    """Project a batch as one; only where it cannot be, event by event."""
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
