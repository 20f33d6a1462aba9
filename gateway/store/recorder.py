"""The `eventsourcing` library's SQLite recorder, with our rows, seal and durability."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain as flattened
from pathlib import Path
from typing import Any, Final

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    Notification,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from gateway.store.errors import LogClosedError, LogUnavailableError
from gateway.store.founding import read_head, write_head
from gateway.store.schema import (
    NO_LIMIT,
    SCHEMA,
    SELECT_KEYS,
    SELECT_NOTIFICATIONS,
    SELECT_ROWS_AFTER,
    SELECT_ROWS_OF_STREAM,
    KeyRow,
    Row,
)
from gateway.store.seal import Head, Signer, leaf, link

_BUSY_SECONDS: Final = 30
# A transaction must be on the disk when COMMIT returns. The checkpoint waits for
# 16 MiB because it costs two more fsyncs.
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA wal_autocheckpoint = 4096",
    "PRAGMA cache_size = -32768",
)
# sqlite3 gives the interpreter lock away at each statement, and a busy event loop
# gives it back 5 ms later: so many rows go into one statement.
_ROWS_A_STATEMENT: Final = (64, 8, 1)
_COLUMNS: Final = 7


class _DurableConnection(SQLiteConnection):
    """A connection that is never returned to its pool inside a transaction."""

    def commit(self) -> None:
        """Commit, or undo what a full disk has left half done."""
        try:
            super().commit()
        except sqlite3.Error:
            self.rollback()
            raise


class _DurablePool(SQLiteConnectionPool):
    """Connections on which a commit means that the disk has it."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        raw = connection._sqlite_conn  # noqa: SLF001 (the library has no other way)
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        return _DurableConnection(raw, max_age=self.max_age)


class DurableDatastore(SQLiteDatastore):
    """The log's file, written through to the disk at every commit."""

    def __init__(self, path: Path) -> None:
        name = path.resolve().as_uri()
        super().__init__(name, originator_id_type="text")
        self.pool: SQLiteConnectionPool = _DurablePool(
            db_name=name, lock_timeout=_BUSY_SECONDS, pool_timeout=_BUSY_SECONDS
        )


class SealedRecorder(SQLiteApplicationRecorder):
    """Append rows in a sealed order without gaps; never change one."""

    def __init__(
        self, datastore: SQLiteDatastore, *, signer: Signer, clock: Callable[[], str]
    ) -> None:
        super().__init__(datastore)
        self._signer = signer
        self._clock = clock

    def construct_create_table_statements(self) -> list[str]:
        """Return the log's own tables instead of the library's."""
        return list(SCHEMA)

    def create(self, found: Callable[[sqlite3.Cursor], None]) -> None:
        """Create the tables and what the log is founded on, in one transaction."""
        with _disk(), self.datastore.transaction(commit=True) as c:
            self._create_table(c)
            found(c.sqlite_cursor)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int]:
        """Append events, with the new data keys in `keys`, in one transaction.

        Returns the positions, once the disk has them.

        Raises:
            LogUnavailableError: if nothing was appended.

        """
        with _disk():
            positions = super().insert_events(stored_events, **kwargs)
        return positions or ()

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        keys: Sequence[KeyRow] = (),
        **_: object,
    ) -> Sequence[int]:
        cursor = c.sqlite_cursor
        rows, head = _sealed(read_head(cursor).head, stored_events)
        cursor.executemany("INSERT INTO data_keys VALUES (?, ?, ?, ?, ?)", keys)
        _insert_rows(cursor, rows)
        write_head(cursor, self._signer.sign(head, self._clock()))
        return [row[0] for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return stored events in the log's order, from `start` on.

        The library's own statement asks for `rowid`, which SQLite reports under
        the name of its alias.
        """
        after = (start or 0) - int(inclusive_of_start)
        chosen = json.dumps(topics)
        with self._reading() as cursor:
            rows = cursor.execute(SELECT_NOTIFICATIONS, (after, stop, chosen, limit))
            return [Notification(*row) for row in rows]

    def rows_after(self, position: int, limit: int = NO_LIMIT) -> list[Row]:
        """Return rows in the log's order."""
        return self._rows(SELECT_ROWS_AFTER, (position, limit))

    def rows_of(self, originator_id: str) -> list[Row]:
        """Return the rows of one stream in its order."""
        return self._rows(SELECT_ROWS_OF_STREAM, (originator_id,))

    def version_of(self, originator_id: str) -> int:
        """Return a stream's last version, 0 for an empty one."""
        statement = (
            "SELECT COALESCE(MAX(originator_version), 0) FROM stored_events "
            "WHERE originator_id = ?"
        )
        with self._reading() as cursor:
            version: int = cursor.execute(statement, (originator_id,)).fetchone()[0]
        return version

    def newest_key(self, subject_tag: bytes) -> KeyRow | None:
        """Return the subject's data key of the latest generation, if any."""
        statement = (
            f"{SELECT_KEYS} WHERE subject_tag = ? ORDER BY generation DESC LIMIT 1"
        )
        with self._reading() as cursor:
            row = cursor.execute(statement, (subject_tag,)).fetchone()
        return row and KeyRow(*row)

    def max_notification_id(self) -> int:
        """Return the last position, 0 for an empty log."""
        with self._reading() as cursor:
            return read_head(cursor).head.position

    def _rows(self, statement: str, parameters: tuple[object, ...]) -> list[Row]:
        with self._reading() as cursor:
            return [Row(*row) for row in cursor.execute(statement, parameters)]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Cursor]:
        """Read with one statement, which is its own snapshot: no BEGIN is needed."""
        with (
            _disk(),
            self.datastore.get_connection(commit=False) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor


@contextmanager
def _disk() -> Iterator[None]:
    """Say in the log's own words that the database failed."""
    try:
        yield
    except ConnectionPoolClosedError:
        raise LogClosedError("The log is closed; start the gateway again.") from None
    except (PersistenceError, sqlite3.Error) as error:
        raise LogUnavailableError(
            f"The log's disk failed ({error}). Nothing was kept: free some space or "
            "repair the disk, then send the request again."
        ) from error


def _sealed(
    head: Head, stored_events: Sequence[StoredEvent]
) -> tuple[list[tuple[Any, ...]], Head]:
    """Give each event its position, leaf and link; return rows and new head."""
    rows: list[tuple[Any, ...]] = []
    position, chain = head.position, head.chain
    for position, stored in enumerate(stored_events, head.position + 1):
        columns = (
            str(stored.originator_id),
            stored.originator_version,
            stored.topic,
            stored.state,
        )
        of_leaf = leaf(position, *columns)
        chain = link(chain, of_leaf)
        rows.append((position, *columns, of_leaf, chain))
    return rows, Head(position, chain)


def _insert_rows(cursor: sqlite3.Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
    placeholders = f"({', '.join('?' * _COLUMNS)})"
    done = 0
    for size in _ROWS_A_STATEMENT:
        many = ", ".join([placeholders] * size)
        statement = f"INSERT INTO stored_events VALUES {many}"  # noqa: S608 (no input)
        while len(rows) - done >= size:
            values = flattened.from_iterable(rows[done : done + size])
            cursor.execute(statement, tuple(values))
            done += size
