"""The rows of one log, as they are, in another place."""

import errno
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from gateway.store.database import Rows, Statements
from gateway.store.schema import BEFORE_ALL, NO_LIMIT, SCHEMA, SELECT_KEYS
from gateway.store.statements import insert

Progress = Callable[[int, int], None]
_AT_ONCE: Final = 1024
_EVENTS: Final = (
    "SELECT * FROM stored_events WHERE position > ? ORDER BY position LIMIT ?"
)
_OWN_WAYS: Final = ("stored_events", "data_keys")
_COUNT: Final = "SELECT COUNT(*) FROM stored_events"


@dataclass(frozen=True, kw_only=True)
class Replica:
    """A copy of a log's rows.

    Of the data keys in `without`, by their ids, the row is copied and the key is not:
    it never reaches the new place. `progress` is told how many events of how many are
    copied.
    """

    source: Statements
    progress: Progress
    without: Collection[bytes] = ()

    def write(self, target: Statements) -> None:
        """Write every row into empty tables."""
        for table in _tables():
            rows = self.source.execute(f"SELECT * FROM {table}")  # noqa: S608 (ours)
            insert(target, f"INSERT INTO {table}", rows.fetchall())
        for some in _pieces(self.source.execute(SELECT_KEYS)):
            insert(target, "INSERT INTO data_keys", [self._key(row) for row in some])
        total, done = self.source.execute(_COUNT).fetchone()[0], 0
        for some in _pieces(self.source.execute(_EVENTS, (BEFORE_ALL, NO_LIMIT))):
            insert(target, "INSERT INTO stored_events", some)
            done += len(some)
            self.progress(done, total)

    def write_file(self, path: Path) -> None:
        """Write a new SQLite file, for its owner only; the caller has to sync it.

        Raises:
            OSError: if it cannot be made or written.

        """
        path.touch(mode=0o600)
        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            # Until the caller has synced it, nobody takes the file for a log.
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")
            self._write_all(_File(target))

    def _write_all(self, target: Statements) -> None:
        target.execute("BEGIN")
        for statement in SCHEMA:
            target.execute(statement)
        self.write(target)
        target.execute("COMMIT")

    def _key(self, row: Sequence[Any]) -> Sequence[Any]:
        key_id, *described, wrapped = row
        return (key_id, *described, None if key_id in self.without else wrapped)


class _File:
    """A new file's connection, whose faults are not those of the log that is read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement; raises OSError where the file cannot be written."""
        try:
            return self._connection.execute(statement, parameters)
        except sqlite3.Error as error:
            raise OSError(errno.EIO, str(error)) from error


def _tables() -> list[str]:
    made = (re.match(r"CREATE TABLE (\w+)", statement) for statement in SCHEMA)
    return [each[1] for each in made if each and each[1] not in _OWN_WAYS]


def _pieces(rows: Rows) -> Iterator[list[Sequence[Any]]]:
    each = iter(rows)
    while some := list(islice(each, _AT_ONCE)):
        yield some
