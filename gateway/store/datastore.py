"""The `eventsourcing` library's SQLite connections, made durable."""

import sqlite3
from pathlib import Path
from typing import Final

from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteDatastore,
)

_BUSY_SECONDS: Final = 30
# To plan a group's statement with all of its rows takes a third of its time. Few are
# kept, since each holds the last values that it was given. The library keeps one.
_STATEMENTS: Final = 12
# A transaction must be on the disk when COMMIT returns. The checkpoint waits for
# 16 MiB because it costs two more fsyncs.
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA wal_autocheckpoint = 4096",
    "PRAGMA cache_size = -32768",
    # A statement with many rows may have to be undone alone. What that takes would go
    # to a file of its own, which costs a third of the insert.
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # a destroyed key leaves no bytes in a free page
)


class _DurableConnection(SQLiteConnection):
    """A connection that is never returned to its pool inside a transaction."""

    def commit(self) -> None:
        """Commit, or undo what a full disk has left half done."""
        try:
            super().commit()
        except (sqlite3.Error, MemoryError):
            self.rollback()
            raise

    def rollback(self) -> None:
        """Undo; a connection that cannot is closed, which undoes it, too."""
        try:
            super().rollback()
        except (sqlite3.Error, MemoryError):
            self.close()
            raise


class _DurablePool(SQLiteConnectionPool):
    """Connections on which a commit means that the disk has it."""

    def _create_connection(self) -> SQLiteConnection:
        raw = sqlite3.connect(
            self.db_name,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=_STATEMENTS,
            timeout=_BUSY_SECONDS,
        )
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        return _DurableConnection(raw, max_age=self.max_age)


class DurableDatastore(SQLiteDatastore):
    """The log's file, written through to the disk at every commit."""

    def __init__(self, path: Path) -> None:
        name = path.resolve().as_uri()
        super().__init__(name, originator_id_type="text")
        self.pool: SQLiteConnectionPool = _DurablePool(
            db_name=name, pool_timeout=_BUSY_SECONDS
        )
