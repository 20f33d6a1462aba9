"""What a batch of events adds to the read models, written at its end."""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from gateway.store.statements import insert

_Row = Sequence[Any]


class Current(NamedTuple):
    """The rows by which a resource's newest version is found."""

    latest: _Row
    terms: list[_Row]
    moments: list[_Row]


class Rows:
    """Rows on their way into the tables; of each resource the newest index counts."""

    def __init__(self) -> None:
        self._versions: list[_Row] = []
        self._current: dict[tuple[str, bytes], Current | None] = {}
        self._outdated: set[tuple[str, bytes]] = set()
        self._work: dict[str, _Row] = {}

    def add(self, version: _Row, current: Current | None) -> None:
        """Add a version, and how it is found; None where it says that it is gone."""
        kind, key, number = version[:3]
        self._versions.append(version)
        self._current[kind, key] = current
        if number > 1:
            self._outdated.add((kind, key))

    def set_work(self, case_id: str, row: _Row) -> None:
        """Say what a case waits for."""
        self._work[case_id] = row

    def clear(self) -> None:
        """Forget all of it."""
        for rows in (self._versions, self._current, self._outdated, self._work):
            rows.clear()

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it, in the transaction that is open, and forget it."""
        for address in self._outdated:
            for table in ("latest", "term", "moment"):
                statement = f"DELETE FROM {table} WHERE type = ? AND key = ?"  # noqa: S608
                connection.execute(statement, address)
        found = [each for each in self._current.values() if each is not None]
        terms = list(chain.from_iterable(each.terms for each in found))
        moments = list(chain.from_iterable(each.moments for each in found))
        insert(connection, "INSERT INTO resource", self._versions)
        insert(connection, "INSERT INTO latest", [each.latest for each in found])
        insert(connection, "INSERT OR IGNORE INTO term", terms)
        insert(connection, "INSERT OR IGNORE INTO moment", moments)
        insert(connection, "INSERT OR REPLACE INTO work", list(self._work.values()))
        self.clear()
