"""What an erasure takes out of the read models, so that they are as made anew.

An erasure makes events unreadable. Whatever they had made is deleted. Cases that lost
some of their events, but not all, are rendered again from what is left; so is the case
that is now the first to mention a Device of ours whose first mention went.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from domain.retained import PatientErased
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.rows import EACH
from gateway.store.records import Erased, Recorded
from gateway.translate.devices import PREFIX

CASE: Final = "case/"
_CASE_ID: Final = 36  # characters of a UUID, before the suffix of a Provenance's id
_BY_SERIAL: Final = ("resource", "latest", "term", "moment")
_BY_POSITION: Final = ("quarantine", "poisoned")
History = Callable[[str], Sequence[Recorded | Erased]]
Runs = Iterable[tuple[int, int]]


def purge(
    database: Database, event: PatientErased, history: History, *, until: int
) -> list[Recorded]:
    """Delete what an erasure took, in the open transaction; nothing waits for `write`.

    Return the events before `until` whose rows are to be made again, in order.
    """
    connection = database.writer
    lost = _devices(database, connection, event.positions)
    forget(connection, event.positions)
    streams = {*event.cases, *_first_to_mention(database, connection, lost)}
    again = readable(streams, history, until=until)
    forget(connection, ((each.position, each.position) for each in again))
    for stream in event.cases:
        case_id = stream.removeprefix(CASE)
        connection.execute("DELETE FROM work WHERE case_id = ?", (case_id,))
    return again


def readable(
    streams: Collection[str], history: History, *, until: int
) -> list[Recorded]:
    """Return the events of streams that can still be read, in the log's order."""
    found = (
        each
        for stream in streams
        for each in history(stream)
        if isinstance(each, Recorded) and each.position < until
    )
    return sorted(found, key=lambda each: each.position)


def forget(connection: sqlite3.Connection, runs: Runs) -> None:
    """Delete every row that events at these positions made."""
    for first, last in runs:
        for table in _BY_SERIAL:
            connection.execute(
                f"DELETE FROM {table} WHERE serial BETWEEN ? AND ?",  # noqa: S608
                (first * EACH, last * EACH + EACH - 1),
            )
        for table in _BY_POSITION:
            connection.execute(
                f"DELETE FROM {table} WHERE position BETWEEN ? AND ?",  # noqa: S608
                (first, last),
            )


def _devices(
    database: Database, connection: sqlite3.Connection, runs: Runs
) -> list[tuple[bytes, int]]:
    """Return our own Devices that go, as they are referred to, and from where."""
    found: list[tuple[bytes, int]] = []
    for first, last in runs:
        rows = connection.execute(
            "SELECT serial FROM resource WHERE type = 'Device' "
            "AND serial BETWEEN ? AND ?",
            (first * EACH, last * EACH + EACH - 1),
        )
        for (serial,) in rows.fetchall():
            version = resources.numbered(database, connection, serial)
            if version is not None and version.reference.id.startswith(PREFIX):
                found.append((f'"Device/{version.reference.id}"'.encode(), serial))
    return found


def _first_to_mention(
    database: Database,
    connection: sqlite3.Connection,
    lost: Iterable[tuple[bytes, int]],
) -> Iterator[str]:
    for device, serial in lost:
        rows = connection.execute(
            "SELECT serial FROM resource WHERE type = 'Provenance' AND serial > ? "
            "ORDER BY serial",
            (serial,),
        )
        for (later,) in rows:
            version = resources.numbered(database, connection, later)
            if version is not None and device in version.body:
                yield CASE + version.reference.id[:_CASE_ID]
                break
