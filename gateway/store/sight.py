"""A log's file as it is read beside whoever writes it, and its faults in words."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import W_OK, access
from pathlib import Path
from typing import Any, Final

from gateway.store.database import Rows
from gateway.store.errors import LogFileDamagedError, LogUnavailableError

_BUSY_SECONDS: Final = 30.0


class Sight:
    """A connection that only reads; what fails beside it is not the log's fault."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises as `execute` does."""
        self._folder = path.parent
        with _told(self._folder):
            self._connection = _connection(path)

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement.

        Raises:
            LogFileDamagedError: if the file is not a log's, or not whole.
            LogUnavailableError: if the disk fails, or others keep the file locked.

        """
        with _told(self._folder):
            cursor = self._connection.execute(statement, parameters)
            return _Found(cursor, self._folder)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class _Found:
    """What a statement finds; most of it is read when it is asked for."""

    def __init__(self, cursor: sqlite3.Cursor, folder: Path) -> None:
        self._cursor = cursor
        self._folder = folder

    def __iter__(self) -> Iterator[Any]:
        with _told(self._folder):
            yield from self._cursor

    def fetchone(self) -> Any:  # noqa: ANN401 (a row's values are of any type)
        with _told(self._folder):
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        with _told(self._folder):
            return self._cursor.fetchall()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Tell a log that is damaged from a disk or a lock that may be well again."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _lacks_a_part(error):
            raise LogUnavailableError(
                f"The log in {folder} cannot be read now ({error}). See to the disk, "
                "the file's owner and who else has it open, then try again."
            ) from error
        raise LogFileDamagedError(
            f"The log in {folder} cannot be read ({error}). Check the disk, then "
            "restore it from a backup."
        ) from error


def _lacks_a_part(error: sqlite3.OperationalError) -> bool:
    """Tell whether a table or a column is missing, which no second try brings back."""
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


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
