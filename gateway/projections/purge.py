"""What an erasure takes out of the read models, so that they are as made anew.

An erasure makes events unreadable. Whatever they had made is deleted. Cases that lost
some of their events, but not all, are rendered again from what is left; so is the case
that is now the first to mention a Device of ours whose first mention went.

Nothing that is damaged, here or in the log, keeps the patient in the read models.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from domain.retained import PatientErased
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.faults import is_of_an_event
from gateway.projections.resources import Version
from gateway.projections.rows import EACH
from gateway.store.records import Erased, Recorded
from gateway.translate.audited import leaves_audit_event
from gateway.translate.devices import PREFIX

CASE: Final = "case/"
_CASE_ID: Final = 36  # characters of a UUID, before the suffix of a Provenance's id
_BY_SERIAL: Final = ("resource", "latest", "term", "moment")
_BY_POSITION: Final = ("quarantine", "poisoned")
History = Callable[[str], Sequence[Recorded | Erased]]
Runs = Iterable[tuple[int, int]]


class Purged(NamedTuple):
    """Events before the erasure whose rows are to be made again, in the log's order.

    `fault` names what could not be read on the way, if anything could not be.
    """

    again: list[Recorded]
    fault: str


def purge(
    database: Database, event: PatientErased, history: History, *, until: int
) -> Purged:
    """Delete what an erasure took, in the open transaction; no rows wait for it."""
    faults: list[str] = []
    connection = database.writer
    lost = list(_devices(database, event.positions, faults))
    forget(connection, event.positions)
    for stream in event.cases:
        case_id = stream.removeprefix(CASE)
        connection.execute("DELETE FROM work WHERE case_id = ?", (case_id,))
    again = _readable(database, event.cases, history, faults)
    streams = set(_first_to_mention(database, lost, faults)).difference(event.cases)
    for stream in streams:
        with _passing(faults):  # of others: what is shown of them may stay as it is
            again += list(_recorded(history, stream))
    return _forgotten(connection, again, faults, until=until)


def has_unfinished(database: Database) -> bool:
    """Say whether an erasure could not be followed wholly: something was damaged."""
    with database.reader() as connection:
        row = connection.execute(
            "SELECT 1 FROM poisoned WHERE topic = ?", (PatientErased.topic,)
        ).fetchone()
    return row is not None


def purge_told(
    database: Database, event: PatientErased, history: History, *, until: int
) -> Purged:
    """Delete the AuditEvents that tell of a patient; otherwise as `purge`."""
    faults: list[str] = []
    forget(database.writer, event.positions)
    again = _readable(database, event.cases, history, faults)
    told = [each for each in again if leaves_audit_event(each.event)]
    return _forgotten(database.writer, told, faults, until=until)


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


@contextmanager
def _passing(faults: list[str]) -> Iterator[None]:
    """Pass over what is damaged, and note it; not so what fails for everything."""
    try:
        yield
    except Exception as error:
        if not is_of_an_event(error):
            raise
        faults.append(type(error).__name__)


def _forgotten(
    connection: sqlite3.Connection,
    again: list[Recorded],
    faults: list[str],
    *,
    until: int,
) -> Purged:
    """Delete what events before a position made: it is to be made again."""
    again = sorted(
        (each for each in again if each.position < until), key=lambda e: e.position
    )
    forget(connection, ((each.position, each.position) for each in again))
    return Purged(again, next(iter(faults), ""))


def _readable(
    database: Database, streams: Collection[str], history: History, faults: list[str]
) -> list[Recorded]:
    """Return what can be read of cases; of one that cannot be, nothing stays shown."""
    found: list[Recorded] = []
    for stream in streams:
        known = len(faults)
        with _passing(faults):
            found += list(_recorded(history, stream))
        if len(faults) > known:
            _forget_case(database, stream.removeprefix(CASE), faults)
    return found


def _recorded(history: History, stream: str) -> Iterator[Recorded]:
    return (each for each in history(stream) if isinstance(each, Recorded))


def _forget_case(database: Database, case_id: str, faults: list[str]) -> None:
    """Delete what was made of a case of which nobody can say any more by which events.

    It looks at every row there is: no index knows of a case. A row that is damaged
    itself does not say of what it was: it stays, unreadable, until a rebuild, which
    the fault that is noted asks for.
    """
    connection = database.writer
    serials = connection.execute("SELECT serial FROM resource").fetchall()
    for (serial,) in serials:
        version = _numbered(database, serial, faults)
        if version is not None and _is_of_case(version, case_id):
            for table in _BY_SERIAL:
                connection.execute(f"DELETE FROM {table} WHERE serial = ?", (serial,))  # noqa: S608


def _is_of_case(version: Version, case_id: str) -> bool:
    tells = version.reference.type == "AuditEvent" and case_id.encode() in version.body
    return tells or version.reference.id.startswith(case_id)


def _numbered(database: Database, serial: int, faults: list[str]) -> Version | None:
    version = None
    with _passing(faults):
        version = resources.numbered(database, database.writer, serial)
    return version  # noqa: RET504 (nothing, where it was passed over)


def _devices(
    database: Database, runs: Runs, faults: list[str]
) -> Iterator[tuple[bytes, int]]:
    """Give our own Devices that go, as they are referred to, and from where."""
    for first, last in runs:
        rows = database.writer.execute(
            "SELECT serial FROM resource WHERE type = 'Device' "
            "AND serial BETWEEN ? AND ?",
            (first * EACH, last * EACH + EACH - 1),
        )
        for (serial,) in rows.fetchall():
            version = _numbered(database, serial, faults)
            if version is not None and version.reference.id.startswith(PREFIX):
                yield f'"Device/{version.reference.id}"'.encode(), serial


def _first_to_mention(
    database: Database, lost: Iterable[tuple[bytes, int]], faults: list[str]
) -> Iterator[str]:
    for device, serial in lost:
        rows = database.writer.execute(
            "SELECT serial FROM resource WHERE type = 'Provenance' AND serial > ? "
            "ORDER BY serial",
            (serial,),
        )
        for (later,) in rows:
            version = _numbered(database, later, faults)
            if version is not None and device in version.body:
                yield CASE + version.reference.id[:_CASE_ID]
                break
