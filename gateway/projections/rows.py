"""What a batch of events adds to the read models, written at its end."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.store.statements import insert

_Row = Sequence[Any]


_EACH = 1024
"""More versions than one event ever makes."""


class Current(NamedTuple):
    """What a resource's newest version is found by; `latest` and rows lack a serial."""

    latest: _Row
    terms: Iterable[tuple[int, bytes]]
    moments: Iterable[_Row]


class Rows:
    """Rows on their way into the tables; of each resource the newest index counts."""

    def __init__(self) -> None:
        self._versions: list[_Row] = []
        self._current: dict[bytes, tuple[int, Current | None]] = {}
        self._outdated: set[bytes] = set()
        self._serial = 0
        self._work: dict[str, _Row] = {}
        self._quarantine: dict[str, _Row] = {}

    def add(
        self, version: _Row, address: bytes, position: int, current: Current | None
    ) -> None:
        """Add a version, and how it is found; None where it says that it is gone.

        Versions of one event come one after the other, always in the same order, so
        that rebuilt read models have the same serial numbers.
        """
        self._serial = max(self._serial + 1, position * _EACH)
        self._versions.append((self._serial, *version))
        self._current[address] = self._serial, current
        if version[2] > 1:
            self._outdated.add(address)

    def set_work(self, case_id: str, row: _Row) -> None:
        """Say what a case waits for."""
        self._work[case_id] = row

    def set_quarantine(self, identity: str, row: _Row) -> None:
        """Say how far it is with what was set aside."""
        self._quarantine[identity] = row

    def clear(self) -> None:
        """Forget all of it."""
        for rows in (self._versions, self._current, self._outdated, self._work):
            rows.clear()
        self._quarantine.clear()
        self._serial = 0

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it, in the transaction that is open, and forget it."""
        self._forget_outdated(connection)
        found = [(s, each) for s, each in self._current.values() if each is not None]
        insert(connection, "INSERT INTO resource", self._versions)
        insert(connection, "INSERT INTO latest", [(s, *e.latest) for s, e in found])
        terms = [(s, *term) for s, each in found for term in sorted(each.terms)]
        insert(connection, "INSERT INTO term", terms)
        moments = [(s, *moment) for s, each in found for moment in each.moments]
        insert(connection, "INSERT INTO moment", moments)
        insert(connection, "INSERT OR REPLACE INTO work", list(self._work.values()))
        set_aside = list(self._quarantine.values())
        insert(connection, "INSERT OR REPLACE INTO quarantine", set_aside)
        self.clear()

    def _forget_outdated(self, connection: sqlite3.Connection) -> None:
        for address in self._outdated:
            row = connection.execute(
                "SELECT serial FROM latest WHERE address = ?", (address,)
            ).fetchone()
            if row is not None:
                connection.execute("DELETE FROM latest WHERE serial = ?", row)
                connection.execute("DELETE FROM term WHERE serial = ?", row)
                connection.execute("DELETE FROM moment WHERE serial = ?", row)
