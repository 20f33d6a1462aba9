"""What a batch of events adds to the read models, written at its end."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from gateway.store.statements import insert

_Row = Sequence[Any]


EACH = 1024
"""More versions than one event ever makes."""


class Current(NamedTuple):
    """What a resource's newest version is found by; `latest` and rows lack a serial."""

    latest: _Row
    terms: Collection[tuple[int, bytes]]
    moments: Collection[_Row]


class _Added(NamedTuple):
    """A version on its way; one that is added `once` is left out where it is there."""

    version: _Row
    address: bytes
    position: int
    current: Current | None
    once: bool


class Rows(msgspec.Struct):
    """Rows on their way into the tables; of each resource the newest index counts.

    They get their numbers when they are written, so that another process than the one
    that writes may have made them, and encoded them for the way.
    """

    added: list[_Added] = []
    work: dict[str, _Row] = {}
    quarantine: dict[str, _Row] = {}

    def add(
        self,
        version: _Row,
        address: bytes,
        position: int,
        current: Current | None,
        *,
        once: bool = False,
    ) -> None:
        """Add a version, and how it is found; None where it says that it is gone.

        What is to be there `once` is not written where any version of it is there.
        """
        self.added.append(_Added(version, address, position, current, once))

    def set_work(self, case_id: str, row: _Row) -> None:
        """Say what a case waits for."""
        self.work[case_id] = row

    def set_quarantine(self, identity: str, row: _Row) -> None:
        """Say how far it is with what was set aside."""
        self.quarantine[identity] = row

    def clear(self) -> None:
        """Forget all of it."""
        for rows in (self.added, self.work, self.quarantine):
            rows.clear()

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it, in the transaction that is open, and forget it."""
        added = list(self._numbered(connection))
        _forget_outdated(connection, added)
        versions = [(serial, *each.version) for serial, each in added]
        newest = {each.address: (s, each.current) for s, each in added}
        found = [(s, each) for s, each in newest.values() if each is not None]
        insert(connection, "INSERT INTO resource", versions)
        insert(connection, "INSERT INTO latest", [(s, *e.latest) for s, e in found])
        terms = [(s, *term) for s, each in found for term in sorted(each.terms)]
        insert(connection, "INSERT INTO term", terms)
        moments = [(s, *moment) for s, each in found for moment in each.moments]
        insert(connection, "INSERT INTO moment", moments)
        insert(connection, "INSERT OR REPLACE INTO work", list(self.work.values()))
        set_aside = list(self.quarantine.values())
        insert(connection, "INSERT OR REPLACE INTO quarantine", set_aside)
        self.clear()

    def _numbered(self, connection: sqlite3.Connection) -> Iterator[tuple[int, _Added]]:
        """Give the versions with their serial numbers.

        Versions of one event come one after the other, always in the same order, so
        that rebuilt read models have the same serial numbers.
        """
        serial, seen = 0, set[bytes]()
        for each in self.added:
            if each.once and (each.address in seen or _is_there(connection, each)):
                continue
            seen.add(each.address)
            serial = max(serial + 1, each.position * EACH)
            yield serial, each


def _is_there(connection: sqlite3.Connection, added: _Added) -> bool:
    kind, key, *_ = added.version
    row = connection.execute(
        "SELECT 1 FROM resource WHERE type = ? AND key = ? LIMIT 1", (kind, key)
    ).fetchone()
    return row is not None


def _forget_outdated(
    connection: sqlite3.Connection, added: Iterable[tuple[int, _Added]]
) -> None:
    for address in {each.address for _, each in added if each.version[2] > 1}:
        row = connection.execute(
            "SELECT serial FROM latest WHERE address = ?", (address,)
        ).fetchone()
        if row is not None:
            connection.execute("DELETE FROM latest WHERE serial = ?", row)
            connection.execute("DELETE FROM term WHERE serial = ?", row)
            connection.execute("DELETE FROM moment WHERE serial = ?", row)
