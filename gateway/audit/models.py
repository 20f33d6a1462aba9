"""One file of read models twice: as readers see it, and made anew from the log."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

from gateway.audit.difference import difference
from gateway.audit.findings import Finding
from gateway.projections import resources
from gateway.projections.batch import BATCH, Follower, apply
from gateway.projections.database import Database
from gateway.projections.resources import Stored
from gateway.store.errors import CiphertextError
from gateway.store.records import Erased, Recorded

_TABLES: Final = (
    "SELECT * FROM latest ORDER BY serial",
    "SELECT * FROM term ORDER BY serial, param, digest",
    "SELECT * FROM moment ORDER BY serial, param, low, high",
    "SELECT * FROM work ORDER BY 1",
    "SELECT * FROM quarantine ORDER BY 1",
    "SELECT * FROM poisoned ORDER BY 1",
)


class Models:
    """The read models of a folder beside fresh ones in a scratch folder.

    `until` is the last event that is projected into the fresh ones.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        file: str,
        secret: bytes,
        projection: Callable[[Database], Follower],
    ) -> None:
        self.file = file
        there = (folder / file).is_file()
        self.shown = Database(folder / file, secret, readonly=True) if there else None
        self.fresh = Database(scratch / file, secret)
        self._projection = projection(self.fresh)
        self._batch: list[Recorded | Erased] = []
        self.until = 0

    def close(self) -> None:
        """Close both."""
        self.fresh.close()
        if self.shown is not None:
            self.shown.close()

    def project(self, event: Recorded | Erased) -> None:
        """Project an event, unless it is beyond what is wanted."""
        if event.position > self.until:
            return
        self._batch.append(event)
        if len(self._batch) == BATCH or event.position == self.until:
            apply(self.fresh, self._projection, self._batch)
            self._batch = []

    def resume(
        self,
        events: Iterable[Recorded | Erased],
        until: int,
        progress: Callable[[int, int], None],
    ) -> None:
        """Project what follows, up to a position."""
        done, self.until = self.until, until
        for event in events:
            if done < event.position <= until:
                self.project(event)
                progress(event.position, until)

    def count(self) -> int:
        """Return how many versions of resources the fresh ones hold."""
        with self.fresh.reader() as fresh:
            rows = fresh.execute("SELECT COUNT(*) FROM resource")
            count: int = rows.fetchone()[0]
            return count

    def differences(self, connection: sqlite3.Connection) -> Iterator[Finding]:
        """Compare all that readers see by this connection with what the log says."""
        with self.fresh.reader() as fresh:
            yield from self.versions(fresh, connection)
            for statement in _TABLES:
                yield from _rows(statement, fresh, connection, self.until)

    def versions(
        self, fresh: sqlite3.Connection, shown: sqlite3.Connection
    ) -> Iterator[Finding]:
        """Compare every version that was made up to the last projected event."""
        pairs = side_by_side(
            resources.sealed(fresh, until=self.until),
            resources.sealed(shown, until=self.until),
        )
        for expected, found in pairs:
            finding = self._compared(expected, found)
            if finding is not None:
                yield finding

    def _compared(
        self, expected: Stored | None, found: Stored | None
    ) -> Finding | None:
        if expected is None:
            return self._alone(found, "is not in the log")
        if found is None:
            return self._alone(expected, "is not in the read models")
        version = resources.opened(self.fresh, expected)
        if expected.position != found.position:
            sentence = f"{version.reference} was made by another event"
            return Finding(expected.position, sentence)
        try:
            seen = resources.opened(self.fresh, found)
        except CiphertextError:
            sentence = f"{version.reference} is not what was written: changed bytes"
            return Finding(expected.position, sentence)
        return difference(expected.position, version, seen)

    def _alone(self, stored: Stored | None, what: str) -> Finding | None:
        if stored is None:
            return None
        try:
            name = str(resources.opened(self.fresh, stored).reference)
        except CiphertextError:
            name = stored.place.type
        return Finding(stored.position, f"{name} {what}")


def side_by_side(
    expected: Iterator[Stored], found: Iterator[Stored]
) -> Iterator[tuple[Stored | None, Stored | None]]:
    """Pair versions by their places; both come in the order of places."""
    one, other = next(expected, None), next(found, None)
    while one is not None or other is not None:
        left = one is not None and (other is None or one.place <= other.place)
        right = other is not None and (one is None or other.place <= one.place)
        yield (one if left else None), (other if right else None)
        one = next(expected, None) if left else one
        other = next(found, None) if right else other


def _rows(
    statement: str,
    fresh: sqlite3.Connection,
    shown: sqlite3.Connection,
    position: int,
) -> Iterator[Finding]:
    expected, found = fresh.execute(statement), shown.execute(statement)
    name = statement.partition(" FROM ")[2].partition(" ")[0]
    for left, right in zip_longest(expected, found):
        if left != right:
            yield unlike(name, position)
            return


def unlike(table: str, position: int) -> Finding:
    """Say that rows of a read model differ; their values are digests and numbers."""
    return Finding(position, f"the read model '{table}' is not what the log says")


def unreadable(position: int) -> Finding:
    """Say that the read models cannot be read."""
    sentence = "the read models cannot be read any further; make them anew (rebuild)"
    return Finding(position, sentence)


def as_far_as_readable(findings: Iterator[Finding], position: int) -> Iterator[Finding]:
    """Give findings until the file of the read models turns out to be damaged.

    SQLite's own words may quote what stands there, so they are not repeated.
    """
    try:
        yield from findings
    except sqlite3.DatabaseError:
        yield unreadable(position)
