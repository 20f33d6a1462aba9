"""The `eventsourcing` library's SQLite recorder, with our rows and seal."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    Notification,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteCursor,
    SQLiteDatastore,
)

from gateway.store.errors import LogClosedError, LogUnavailableError
from gateway.store.founding import read_head, write_head
from gateway.store.schema import (
    NO_LIMIT,
    SCHEMA,
    SELECT_KEYS,
    SELECT_KEYS_OF_SUBJECTS,
    SELECT_NOTIFICATIONS,
    SELECT_ROWS_AFTER,
    SELECT_ROWS_OF_STREAM,
    SELECT_ROWS_OF_STREAMS,
    KeyRow,
    Row,
)
from gateway.store.seal import Head, Signer, leaf, link
from gateway.store.statements import insert, select


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
        insert(cursor, "INSERT INTO data_keys", keys)
        insert(cursor, "INSERT INTO stored_events", rows)
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

    def rows_of(self, originator_id: str, after: int = 0) -> list[Row]:
        """Return the rows of one stream in its order, beyond a version."""
        return self._rows(SELECT_ROWS_OF_STREAM, (originator_id, after))

    def rows_and_keys(
        self, originator_ids: Collection[str], subject_tags: Collection[bytes]
    ) -> tuple[list[Row], list[KeyRow]]:
        """Return streams in their order, and subjects' data keys, oldest first."""
        with self._reading() as cursor:
            rows = select(cursor, SELECT_ROWS_OF_STREAMS, originator_ids)
            keys = select(cursor, SELECT_KEYS_OF_SUBJECTS, subject_tags)
            return list(map(Row._make, rows)), list(map(KeyRow._make, keys))

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
