"""From rows to what they record."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.store.database import Statements
from gateway.store.envelope import Entry, Place, opened_entry
from gateway.store.errors import (
    CiphertextError,
    LogDamagedError,
    LogUnavailableError,
    UnknownTopicError,
    UnrecordableEventError,
)
from gateway.store.evidence import OPEN_STATE
from gateway.store.home import home_of
from gateway.store.keyring import DataKey, Keyring
from gateway.store.names import KeyedNames
from gateway.store.records import Erased, Event, Passed, Recorded, Unreadable
from gateway.store.registry import EventRegistry
from gateway.store.schema import KeyRow, Row
from gateway.store.server import remembered

UNREADABLE: Final = (LogDamagedError, UnknownTopicError, UnrecordableEventError)
"""Why one event cannot be read, while others can."""


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Decrypt rows, each only where it belongs."""

    names: KeyedNames
    keyring: Keyring
    rewrapped: Callable[[], bool]  # by another key-encryption key, since it was opened

    def entry(self, row: Row) -> Entry | None:
        """Return what a row holds, or None if its key was erased.

        Raises:
            CiphertextError: if the row, its key or its place was changed.
            LogUnavailableError: if the log has another key-encryption key by now.

        """
        _require_well_formed(row)
        return self._opened(row)

    def _opened(self, row: Row) -> Entry | None:
        if row.key_id is None:
            raise CiphertextError("The data key of a row is missing from the log.")
        if row.wrapped is None:
            return None
        known = self.keyring.known(row.key_id)
        key = known or self._key(row.stored_key, row.wrapped)
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

    def _key(self, row: KeyRow, wrapped: bytes) -> DataKey:
        try:
            return self.keyring.opened(row, wrapped)
        except LogUnavailableError as error:
            if self.rewrapped():
                raise
            raise CiphertextError(
                "A row's data key was wrapped by another key than the log's. Nobody "
                "can read the row: see `triage-gateway audit verify`."
            ) from error

    def recorded(self, row: Row, registry: EventRegistry) -> Recorded | Erased:
        """Return the event of a row; raises as `entry` and the registry do."""
        _require_well_formed(row)
        if row.state.startswith(OPEN_STATE):  # the log's own: no event of the domain
            return Passed(position=row.position, version=row.version, topic=row.topic)
        entry = self._opened(row)
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
            event=self._event(row, entry, registry),
            address=entry.address,
        )

    def _event(self, row: Row, entry: Entry, registry: EventRegistry) -> Event:
        event = registry.decode(row.topic, entry.event)
        if getattr(event, "destroys_keys", False):
            self.keyring.clear()  # an erasure reaches every process by the log
        return event

    def listed(
        self,
        rows: Iterable[Row],
        registry: EventRegistry,
        unread: frozenset[str],
        *,
        tolerant: bool = False,
    ) -> list[Recorded | Erased]:
        """Return the events of rows; of topics that are `unread` only the place.

        To decrypt and decode takes most of the time. Raises as `recorded` does, unless
        it is `tolerant`: then what cannot be read comes as `Unreadable`.
        """
        read = self._tolerated if tolerant else self.recorded
        return [
            Passed(position=row.position, version=row.version, topic=row.topic)
            if row.topic in unread
            else read(row, registry)
            for row in rows
        ]

    def _tolerated(self, row: Row, registry: EventRegistry) -> Recorded | Erased:
        try:
            return self.recorded(row, registry)
        except UNREADABLE as error:
            return Unreadable(
                position=row.position,
                version=row.version,
                topic=row.topic,
                error=type(error).__name__,
            )


def _require_well_formed(row: Row) -> None:
    """Refuse what SQLite would keep in any column, if the file's owner wrote it."""
    if not row.is_well_formed:
        raise CiphertextError("A row holds a value of another type than was written.")


def snapshot(folder: Path) -> AbstractContextManager[Statements]:
    """Open a folder's log as it is now, read-only, while others may write it.

    Raises:
        LogMissingError: if the folder holds no log, and names none.
        LogFormatError: if the note of where it is cannot be read.
        LogDamagedError: if the database cannot be read while it is open.
        LogUnavailableError: if the server that keeps it cannot be reached, the disk
            fails, or others keep its file locked.

    """
    return home_of(folder, remembered(folder)).snapshot()
