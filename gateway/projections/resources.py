"""The resources that readers see: every version, and which one is current."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from domain.values import Reference
from fhir_profiles.instants import microseconds, moment
from fhir_profiles.lexical import serialise
from gateway.projections.database import Database
from gateway.projections.indexing import Resource, index
from gateway.projections.rows import Current, Rows

_SELECT = "SELECT type, key, version, deleted, at, body FROM resource"
_BETWEEN = b"\n"  # between the id and the body; no id holds it

LARGEST_PAGE: Final = 32 * 1024 * 1024
"""Bytes of resources after which a page ends, however many were asked for."""


class Place(NamedTuple):
    """Where a version is stored; the key stands for the id."""

    type: str
    key: bytes
    version: int

    @property
    def name(self) -> str:
        """Return what a sealed body is bound to."""
        return f"{self.type}/{self.key.hex()}/{self.version}"


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one resource; `body` is empty where it is a deletion."""

    reference: Reference
    deleted: bool
    at: datetime
    body: bytes


class Stored(NamedTuple):
    """A version as its row has it, still sealed; `position` is that of its event."""

    place: Place
    position: int
    row: tuple[str, bytes, int, int, int, bytes]


def store(
    database: Database,
    rows: Rows,
    *,
    reference: Reference,
    at: datetime,
    position: int,
    content: Resource,
    once: bool = False,
) -> None:
    """Add a version that becomes the current one; `once`: if it is the first."""
    version = _row(
        database, reference, at=at, position=position, body=serialise(content)
    )
    address = database.address(reference)
    kind, key, number, *_ = version
    terms, moments = index(content, database.digests)
    latest = (kind, key, number, microseconds(at), address)
    current = Current(latest=latest, terms=terms, moments=moments)
    rows.add(version, address, position, current, once=once)


def withdraw(
    database: Database,
    rows: Rows,
    *,
    reference: Reference,
    at: datetime,
    position: int,
) -> None:
    """Add a version that says the resource is gone."""
    version = _row(database, reference, at=at, position=position, body=b"")
    rows.add(version, database.address(reference), position, None)


def read(
    database: Database, connection: sqlite3.Connection, reference: Reference
) -> Version | None:
    """Return one version (the newest where none is named), or None."""
    place = Place(reference.type, database.key(reference.id), reference.version)
    return find(database, connection, place)


def find(
    database: Database, connection: sqlite3.Connection, place: Place
) -> Version | None:
    """Return the version at a place in the tables (version 0: the newest), or None."""
    statement = f"{_SELECT} WHERE type = ? AND key = ?"
    values: tuple[str | int | bytes, ...] = (place.type, place.key)
    if place.version:
        statement += " AND version = ?"
        values = (*values, place.version)
    row = connection.execute(
        statement + " ORDER BY version DESC LIMIT 1", values
    ).fetchone()
    return _version(database, row) if row else None


def numbered(
    database: Database, connection: sqlite3.Connection, serial: int
) -> Version | None:
    """Return the version that has a serial number, or None."""
    row = connection.execute(f"{_SELECT} WHERE serial = ?", (serial,)).fetchone()
    return _version(database, row) if row else None


def all_numbered(
    database: Database, connection: sqlite3.Connection, serials: Iterable[int]
) -> tuple[Version, ...]:
    """Return the versions that have these serial numbers, as many as fit a page."""
    found = (numbered(database, connection, each) for each in serials)
    return tuple(fitting(each for each in found if each is not None))


def fitting(found: Iterable[Version]) -> Iterator[Version]:
    """Give versions, at least one, until a page is large enough."""
    size = 0
    for each in found:
        yield each
        size += len(each.body)
        if size >= LARGEST_PAGE:
            return


def types(connection: sqlite3.Connection) -> list[str]:
    """Return the types of which anything was ever stored, in their order."""
    rows = connection.execute(
        "WITH RECURSIVE kind(name) AS (SELECT MIN(type) FROM resource UNION ALL "
        "SELECT (SELECT MIN(type) FROM resource WHERE type > name) FROM kind "
        "WHERE name IS NOT NULL) SELECT name FROM kind WHERE name IS NOT NULL"
    )
    return [name for (name,) in rows]


def every(database: Database, connection: sqlite3.Connection) -> Iterator[Version]:
    """Give every version of every resource, in the order of their places."""
    rows = connection.execute(f"{_SELECT} ORDER BY type, key, version")
    for row in rows:
        yield _version(database, row)


def sealed(connection: sqlite3.Connection, *, until: int) -> Iterator[Stored]:
    """Give every version that events up to a position made, in the order of places."""
    rows = connection.execute(
        "SELECT type, key, version, deleted, at, body, position FROM resource "
        "WHERE position <= ? ORDER BY type, key, version",
        (until,),
    )
    for kind, key, number, *rest, position in rows:
        yield Stored(Place(kind, key, number), position, (kind, key, number, *rest))


def opened(database: Database, stored: Stored) -> Version:
    """Decrypt a version.

    Raises:
        CiphertextError: its row was changed.

    """
    return _version(database, stored.row)


def current(
    database: Database, connection: sqlite3.Connection, kind: str
) -> Iterator[Version]:
    """Give the current version of every resource of a type, in the log's order."""
    among = "serial IN (SELECT serial FROM latest WHERE type = ?)"
    rows = connection.execute(f"{_SELECT} WHERE {among} ORDER BY serial", (kind,))
    for row in rows:
        yield _version(database, row)


def _row(
    database: Database,
    reference: Reference,
    *,
    at: datetime,
    position: int,
    body: bytes,
) -> tuple[str | int | bytes, ...]:
    place = Place(reference.type, database.key(reference.id), reference.version)
    content = reference.id.encode() + _BETWEEN + body
    return (
        *place,
        not body,
        microseconds(at),
        position,
        database.seal(content, place.name),
    )


def _version(
    database: Database, row: tuple[str, bytes, int, int, int, bytes]
) -> Version:
    kind, key, number, deleted, at, sealed = row
    content = database.open(sealed, Place(kind, key, number).name)
    identity, _, body = content.partition(_BETWEEN)
    return Version(
        reference=Reference(type=kind, id=identity.decode(), version=number),
        deleted=bool(deleted),
        at=moment(at),
        body=body,
    )
