"""A log in a file of its own, which one process writes."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from eventsourcing.persistence import ConnectionPoolClosedError, PersistenceError

from gateway.store.database import NO_NEWS, LogDatabase, News, Statements, Told
from gateway.store.datastore import DurableDatastore
from gateway.store.errors import (
    LogClosedError,
    LogMissingError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.guards import require_guarded
from gateway.store.keyfile import sync_folder
from gateway.store.schema import LOG_FILE, SCHEMA
from gateway.store.sight import Sight

_BUSY_MS: Final = 30_000
_SHED_MS: Final = 2000


class SqliteHome:
    """A data folder with the log's file, or the place for one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for nobody: the folder is locked already."""
        yield

    def is_there(self) -> bool:
        """Tell whether the folder holds a log."""
        return (self._folder / LOG_FILE).exists()

    @contextmanager
    def snapshot(self) -> Iterator[Statements]:
        """Open the log as it is now, read-only, while another process may write it.

        Raises:
            LogMissingError: if the folder holds no log.
            LogDamagedError: if the database cannot be read while it is open.
            LogUnavailableError: if the disk fails, or others keep the file locked.

        """
        path = self._folder / LOG_FILE
        if not path.is_file():
            raise LogMissingError(
                f"There is no log in {self._folder}. Name the gateway's data folder."
            )
        with closing(Sight(path)) as sight:
            sight.execute("BEGIN")
            yield sight

    def require_guarded(self, log: Statements) -> None:
        """Refuse a log whose tables or triggers are not those that were made."""
        require_guarded(log)

    def found(self, write: Callable[[Statements], None]) -> None:
        """Create the tables and what the log is founded on, in one transaction."""
        log = SqliteLog(self._folder / LOG_FILE)
        with closing(log), log.writing() as statements:
            for statement in SCHEMA:
                statements.execute(statement)
            write(statements)
        sync_folder(self._folder)

    def database(self) -> LogDatabase:
        """Return what reads and writes the log."""
        return SqliteLog(self._folder / LOG_FILE)


class SqliteLog:
    """The log's tables in SQLite."""

    shared = False

    def __init__(self, path: Path) -> None:
        self.datastore = DurableDatastore(path)

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """Read with one statement, which is its own snapshot: no BEGIN is needed."""
        with (
            _disk(),
            self.datastore.get_connection(commit=False) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[Statements]:
        """Write in one transaction, which is on the disk at the end."""
        with _disk(), self.datastore.transaction(commit=True) as cursor:
            yield cursor.sqlite_cursor

    @contextmanager
    def group(self) -> Iterator[News]:
        """Tell no news: nobody else can write, as the lock beside the file says."""
        yield NO_NEWS

    def settled(self, check: Callable[[Statements], bool]) -> bool:
        """Look at once: a commit that failed here is not under way any more."""
        try:
            with self.reading() as statements:
                return check(statements)
        except LogUnavailableError as error:
            raise LogUncertainError(
                "The log's disk failed, and it cannot be read whether the request was "
                "kept. Send it again: what was kept is not done twice."
            ) from error

    @property
    def reachable(self) -> bool:
        """Say yes: the file is in the data folder, and each write tells of its disk."""
        return True

    def follow(self, told: Told, quiet: Collection[str], *, after: int) -> None:
        """Tell nothing: no other process can append."""

    def claim(self, names: Collection[str]) -> Collection[str]:
        """Grant everything: no other process works on this log."""
        return names

    def release(self, names: Collection[str]) -> None:
        """Keep no account of what nobody else could claim."""

    def shed(self) -> None:
        """Let the write-ahead log, which holds older pages, begin anew.

        Raises:
            LogUnavailableError: if others read it for too long, or the disk fails.

        """
        try:
            busy = self._keeps_older_pages()
        except LogUnavailableError as error:
            raise LogUnavailableError(
                "What was overwritten is still in the log's files, because the disk "
                "failed. Make room; it goes with the gateway's next start and stop."
            ) from error
        if busy:
            raise LogUnavailableError(
                "What was overwritten is still in the log's files, because another "
                "process reads it: an audit, a backup. Once that has ended, it goes "
                "with the gateway's next start and stop."
            )

    def close(self) -> None:
        """Close every connection."""
        self.datastore.close()

    def _keeps_older_pages(self) -> bool:
        """Begin the write-ahead log anew; say whether a reader keeps it as it is."""
        with self.reading() as statements:
            statements.execute(f"PRAGMA busy_timeout = {_SHED_MS}")
            try:
                emptying = statements.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, *_ = emptying.fetchone()
            finally:
                statements.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        return bool(busy)


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
