"""An application recorder as `eventsourcing` has them, with our rows and seal.

It speaks to SQLite and PostgreSQL alike: see `gateway.store.database`.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from eventsourcing.persistence import Notification, StoredEvent

from gateway.store.database import LogDatabase, News, Statements
from gateway.store.errors import LogUnavailableError
from gateway.store.founding import read_head, write_head
from gateway.store.keyring import REPLACED
from gateway.store.log_secrets import wrapped_by
from gateway.store.schema import (
    DESTROY_KEY,
    NO_LIMIT,
    SELECT_KEYS,
    SELECT_KEYS_OF_MEMBERS,
    SELECT_KEYS_OF_SUBJECTS,
    SELECT_NEWEST_OF_STREAM,
    SELECT_NOTIFICATIONS,
    SELECT_ROWS_AFTER,
    SELECT_ROWS_OF_STREAM,
    SELECT_ROWS_OF_STREAMS,
    SELECT_STATE_AT,
    SELECT_STREAMS_OF_KEYS,
    KeyRow,
    NewRow,
    Row,
)
from gateway.store.seal import Signer, appended
from gateway.store.statements import insert, select


class SealedRecorder:
    """Append rows in a sealed order without gaps; never change one."""

    def __init__(
        self,
        database: LogDatabase,
        *,
        signer: Signer,
        kek_id: bytes,
        clock: Callable[[], str],
    ) -> None:
        self.database = database
        self._signer = signer
        self._kek_id = kek_id  # of the key-encryption key that this process has
        self._clock = clock

    @property
    def signer(self) -> Signer:
        """Return what signs this log's heads, and the proofs of erasures."""
        return self._signer

    @contextmanager
    def group(self) -> Iterator[News]:
        """Keep other writers away while a group decides and inserts its events.

        Raises:
            LogUnavailableError: if the database fails, or wants another key by now.

        """
        with self.database.group() as news:
            # Asked in each group: what an old key encrypts, nobody could ever read.
            if news.kek_id not in (None, self._kek_id):
                raise LogUnavailableError(f"Nothing was kept. {REPLACED}")
            yield news

    def is_rewrapped(self) -> bool:
        """Say whether another key-encryption key wraps the log's secrets by now.

        Raises:
            LogUnavailableError: if the database fails.

        """
        with self.database.reading() as statements:
            return wrapped_by(statements) != self._kek_id

    def insert_events(
        self,
        stored_events: Sequence[NewRow] | Sequence[StoredEvent],
        *,
        keys: Sequence[KeyRow] = (),
        destroyed: Sequence[bytes] = (),
    ) -> Sequence[int]:
        """Append events, with the new data keys, in one transaction.

        `destroyed` are ids of keys that go.

        Returns the positions, once the disk has them.

        Raises:
            LogUnavailableError: if nothing was appended.
            LogUncertainError: if nobody can tell whether it was.

        """
        rows: list[tuple[Any, ...]] = []
        try:
            with self.database.writing() as statements:
                rows = self._insert(statements, stored_events, keys)
                for key_id in destroyed:
                    statements.execute(DESTROY_KEY, (key_id,))
        except (LogUnavailableError, MemoryError) as error:
            # The answer to a commit may be lost, and the commit not.
            if not rows or not self.database.settled(lambda s: _holds(s, rows[-1])):
                raise _unavailable(error) from error
        return [row[0] for row in rows]

    def _insert(
        self,
        statements: Statements,
        stored_events: Sequence[NewRow] | Sequence[StoredEvent],
        keys: Sequence[KeyRow],
    ) -> list[tuple[Any, ...]]:
        head = read_head(statements)
        self._signer.require_own(head)
        tree = head.tree()
        rows, nodes = appended(tree, map(_columns, stored_events))
        insert(statements, "INSERT INTO data_keys", keys)
        insert(statements, "INSERT INTO stored_events", rows)
        insert(statements, "INSERT INTO seal_nodes", nodes)
        write_head(statements, self._signer.head(tree, self._clock()))
        return rows

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return stored events in the log's order, from `start` on."""
        after = (start or 0) - int(inclusive_of_start)
        chosen = json.dumps(topics)
        with self.database.reading() as cursor:
            rows = cursor.execute(SELECT_NOTIFICATIONS, (after, stop, chosen, limit))
            return [Notification(*row) for row in rows]

    def rows_after(self, position: int, limit: int = NO_LIMIT) -> list[Row]:
        """Return rows in the log's order."""
        return self._rows(SELECT_ROWS_AFTER, (position, limit))

    def rows_of(self, originator_id: str, after: int = 0) -> list[Row]:
        """Return the rows of one stream in its order, beyond a version."""
        return self._rows(SELECT_ROWS_OF_STREAM, (originator_id, after))

    def newest_of(self, originator_id: str) -> Row | None:
        """Return the last row of a stream that can be read, None if there is none."""
        rows = self._rows(SELECT_NEWEST_OF_STREAM, (originator_id,))
        return rows[0] if rows else None

    def streams_under(self, key_ids: Collection[bytes]) -> set[str]:
        """Return the streams that have rows under data keys; it reads the whole log."""
        with self.database.reading() as cursor:
            rows = select(cursor, SELECT_STREAMS_OF_KEYS, key_ids)
        return {originator_id for (originator_id,) in rows}

    def rows_and_keys(
        self, originator_ids: Collection[str], subject_tags: Collection[bytes]
    ) -> tuple[list[Row], list[KeyRow]]:
        """Return streams in their order, and subjects' data keys, oldest first."""
        with self.database.reading() as cursor:
            rows = select(cursor, SELECT_ROWS_OF_STREAMS, originator_ids)
            keys = select(cursor, SELECT_KEYS_OF_SUBJECTS, subject_tags)
            return list(map(Row._make, rows)), list(map(KeyRow._make, keys))

    def version_of(self, originator_id: str) -> int:
        """Return a stream's last version, 0 for an empty one."""
        statement = (
            "SELECT COALESCE(MAX(originator_version), 0) FROM stored_events "
            "WHERE originator_id = ?"
        )
        with self.database.reading() as cursor:
            version: int = cursor.execute(statement, (originator_id,)).fetchone()[0]
        return version

    def newest_key(self, subject_tag: bytes) -> KeyRow | None:
        """Return the subject's data key of the latest generation, if any."""
        statement = (
            f"{SELECT_KEYS} WHERE subject_tag = ? ORDER BY generation DESC LIMIT 1"
        )
        with self.database.reading() as cursor:
            row = cursor.execute(statement, (subject_tag,)).fetchone()
        return row and KeyRow(*row)

    def keys_of(self, tags: Collection[bytes]) -> list[KeyRow]:
        """Return the data keys that subjects have, alone or with others."""
        with self.database.reading() as cursor:
            rows = [
                row
                for tag in tags
                for row in cursor.execute(SELECT_KEYS_OF_MEMBERS, (tag, tag))
            ]
        return list(dict.fromkeys(map(KeyRow._make, rows)))

    def max_notification_id(self) -> int:
        """Return the last position, 0 for an empty log."""
        with self.database.reading() as cursor:
            return read_head(cursor).size

    def _rows(self, statement: str, parameters: tuple[object, ...]) -> list[Row]:
        with self.database.reading() as cursor:
            return [Row(*row) for row in cursor.execute(statement, parameters)]


def _unavailable(error: LogUnavailableError | MemoryError) -> LogUnavailableError:
    if isinstance(error, LogUnavailableError):
        return error
    return LogUnavailableError(
        "Memory ran out. Nothing was kept: send the request again in a moment."
    )


def _holds(statements: Statements, row: tuple[Any, ...]) -> bool:
    """Say whether the log has exactly this row: no two states are alike."""
    found = statements.execute(SELECT_STATE_AT, (row[0],)).fetchone()
    return found is not None and found[0] in row


def _columns(stored: NewRow | StoredEvent) -> tuple[str, int, str, bytes]:
    if isinstance(stored, NewRow):
        return stored
    return (
        str(stored.originator_id),
        stored.originator_version,
        stored.topic,
        stored.state,
    )
