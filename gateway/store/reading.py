"""From rows to what they record."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from os import W_OK, access
from pathlib import Path

from gateway.store.envelope import Entry, Place, opened_entry
from gateway.store.errors import CiphertextError, LogDamagedError, LogMissingError
from gateway.store.keyring import Keyring
from gateway.store.names import KeyedNames
from gateway.store.records import Erased, Passed, Recorded
from gateway.store.registry import EventRegistry
from gateway.store.schema import LOG_FILE, Row

_BUSY_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Decrypt rows, each only where it belongs."""

    names: KeyedNames
    keyring: Keyring

    def entry(self, row: Row) -> Entry | None:
        """Return what a row holds, or None if its key was erased.

        Raises:
            CiphertextError: if the row, its key or its place was changed.
            KeyFileError: if its key was wrapped by another key-encryption key.

        """
        if row.key is None:
            raise CiphertextError("The data key of a row is missing from the log.")
        if row.wrapped is None:
            return None
        key = self.keyring.opened(row.key, row.wrapped)
        place = Place(
            tenant=self.names.tenant,
            originator_id=row.originator_id,
            version=row.version,
            topic=row.topic,
        )
        entry = opened_entry(row.state, place, key.cipher)
        if self.names.stream(entry.stream) != row.originator_id:
            raise CiphertextError("A row names another stream than it is stored in.")
        return entry

    def recorded(self, row: Row, registry: EventRegistry) -> Recorded | Erased:
        """Return the event of a row; raises as `entry` and the registry do."""
        entry = self.entry(row)
        if entry is None:
            return Erased(position=row.position, version=row.version, topic=row.topic)
        return Recorded(
            position=row.position,
            stream=entry.stream,
            version=row.version,
            topic=row.topic,
            at=entry.at,
            actor=entry.actor,
            request=entry.request,
            event=registry.decode(row.topic, entry.event),
            address=entry.address,
        )

    def listed(
        self, rows: Iterable[Row], registry: EventRegistry, unread: frozenset[str]
    ) -> list[Recorded | Erased]:
        """Return the events of rows; of topics that are `unread` only the place.

        To decrypt and decode takes most of the time; raises as `recorded` does.
        """
        return [
            Passed(position=row.position, version=row.version, topic=row.topic)
            if row.topic in unread
            else self.recorded(row, registry)
            for row in rows
        ]


@contextmanager
def snapshot(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the log as it is now, read-only, while another process may write it.

    Raises:
        LogMissingError: if the folder holds no log.
        LogDamagedError: if the database cannot be read while it is open.

    """
    path = folder / LOG_FILE
    if not path.is_file():
        raise LogMissingError(
            f"There is no log in {folder}. Name the gateway's data folder."
        )
    try:
        with closing(_connection(path)) as connection:
            connection.execute("BEGIN")
            yield connection
    except sqlite3.DatabaseError as error:
        raise LogDamagedError(
            f"The log in {folder} cannot be read ({error}). Check the disk and the "
            "file's owner, then restore it from a backup."
        ) from error


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{_mode(path)}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_SECONDS,
    )
    # A changed byte may leave text that is not UTF-8: show it, do not fail.
    connection.text_factory = lambda text: text.decode(errors="replace")
    return connection


def _mode(path: Path) -> str:
    """Ask for shared memory beside the log, unless nobody can be writing there."""
    remainder = path.with_name(path.name + "-wal")
    unmerged = remainder.exists() and remainder.stat().st_size
    if access(path.parent, W_OK) or unmerged:
        return "mode=ro"
    return "mode=ro&immutable=1"
