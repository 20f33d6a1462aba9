"""The log as an auditor reads it: decrypted, in order, without the writer's lock."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.store.database import Statements
from gateway.store.founding import require_begun
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.log_secrets import wrapped_by
from gateway.store.opening import unlock
from gateway.store.reading import RowReader, snapshot
from gateway.store.records import Erased, Recorded
from gateway.store.registry import EventRegistry
from gateway.store.schema import (
    NO_LIMIT,
    SELECT_ROWS_AFTER,
    SELECT_ROWS_OF_STREAM,
    Row,
)


class Transcript:
    """A log as it was at one moment, however long it is read."""

    def __init__(
        self, connection: Statements, reader: RowReader, registry: EventRegistry
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._registry = registry

    @property
    def tenant(self) -> str:
        """Return whose log it is."""
        return self._reader.names.tenant

    @property
    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        rows = self._connection.execute("SELECT MAX(position) FROM stored_events")
        head: int | None = rows.fetchone()[0]
        return head or 0

    def events(self) -> Iterator[Recorded | Erased]:
        """Give every event in the log's order.

        Raises:
            LogDamagedError: if a row is not what was written.
            UnknownTopicError: if the registry lacks an event's name.

        """
        rows = self._connection.execute(SELECT_ROWS_AFTER, (0, NO_LIMIT))
        for columns in rows:
            yield self._reader.recorded(Row._make(columns), self._registry)

    def read(
        self,
        *,
        after: int,
        limit: int,
        unread: frozenset[str],
        tolerant: bool = False,
    ) -> list[Recorded | Erased]:
        """Return events in the log's order, beyond a position.

        Of those whose topic is in `unread` only the place. Raises as `events` does,
        unless it is `tolerant`: then what cannot be read comes as `Unreadable`.
        """
        rows = self._connection.execute(SELECT_ROWS_AFTER, (after, limit)).fetchall()
        return self._reader.listed(
            map(Row._make, rows), self._registry, unread, tolerant=tolerant
        )

    def stream(self, name: str) -> list[Recorded | Erased]:
        """Return a stream's events; raises as `events` does."""
        identity = self._reader.names.stream(name)
        rows = self._connection.execute(SELECT_ROWS_OF_STREAM, (identity, 0))
        return [
            self._reader.recorded(Row._make(columns), self._registry)
            for columns in rows
        ]

    def derive(self, *parts: str | bytes) -> bytes:
        """Return the 32 bytes that the log's writer would derive."""
        return self._reader.names.derive(*parts)


@contextmanager
def transcript(
    folder: Path, *, registry: Mapping[str, type], kek_file: KeySource | None = None
) -> Iterator[Transcript]:
    """Open the log of a stopped or a running gateway for reading.

    Raises:
        LogMissingError: if the folder holds no log.
        KeyFileError: if the key file is missing or another's.
        LogDamagedError: if the database or its secrets cannot be read.

    """
    with snapshot(folder) as connection:
        yield _unlocked(connection, folder, registry, kek_file)


@contextmanager
def following(
    folder: Path, *, registry: Mapping[str, type], kek_file: KeySource | None = None
) -> Iterator[Transcript]:
    """Open the log of a running gateway; every read sees what is there by then.

    Raises as `transcript` does.
    """
    with snapshot(folder) as connection:
        connection.execute("COMMIT")
        yield _unlocked(connection, folder, registry, kek_file)


def _unlocked(
    connection: Statements,
    folder: Path,
    registry: Mapping[str, type],
    kek_file: KeySource | None,
) -> Transcript:
    identity = require_begun(connection, folder)
    key_file = kek_file or default_key_file(folder)
    log = unlock(connection, identity, key_file)
    reader = log.reader(lambda: wrapped_by(connection) != log.kek.kek_id)
    return Transcript(connection, reader, EventRegistry(registry))
