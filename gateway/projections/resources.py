"""The resources that readers see: every version, and which one is current."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.values import Reference
from fhir_profiles.instants import microseconds, moment
from fhir_profiles.lexical import serialise
from gateway.projections.database import Database
from gateway.projections.indexing import Resource, index
from gateway.projections.rows import Current, Rows


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one resource; `body` is empty where it is a deletion."""

    reference: Reference
    deleted: bool
    at: datetime
    body: bytes


def store(
    database: Database,
    rows: Rows,
    *,
    reference: Reference,
    at: datetime,
    position: int,
    content: Resource,
) -> None:
    """Add a version that becomes the current one."""
    version = _row(
        database, reference, at=at, position=position, body=serialise(content)
    )
    rows.add(reference, version, _current(database, reference, at, content))


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
    rows.add(reference, version, None)


def read(
    database: Database, connection: sqlite3.Connection, reference: Reference
) -> Version | None:
    """Return one version (the newest where none is named), or None."""
    statement = (
        "SELECT type, id, version, deleted, at, body FROM resource "
        "WHERE type = ? AND id = ?"
    )
    values: list[str | int] = [reference.type, reference.id]
    if reference.version:
        statement += " AND version = ?"
        values.append(reference.version)
    row = connection.execute(
        statement + " ORDER BY version DESC LIMIT 1", values
    ).fetchone()
    return _version(database, row) if row else None


def history(
    database: Database, connection: sqlite3.Connection, reference: Reference
) -> list[Version]:
    """Return every version of a resource, newest first."""
    rows = connection.execute(
        "SELECT type, id, version, deleted, at, body FROM resource "
        "WHERE type = ? AND id = ? ORDER BY version DESC",
        (reference.type, reference.id),
    )
    return [_version(database, row) for row in rows]


def exists(connection: sqlite3.Connection, reference: Reference) -> bool:
    """Say whether any version of a resource is known."""
    row = connection.execute(
        "SELECT 1 FROM resource WHERE type = ? AND id = ? LIMIT 1",
        (reference.type, reference.id),
    ).fetchone()
    return row is not None


def every(database: Database, connection: sqlite3.Connection) -> Iterator[Version]:
    """Give every version of every resource, in the order of their addresses."""
    rows = connection.execute(
        "SELECT type, id, version, deleted, at, body FROM resource "
        "ORDER BY type, id, version"
    )
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
    return (
        reference.type,
        reference.id,
        reference.version,
        not body,
        microseconds(at),
        position,
        database.seal(body, str(reference)),
    )


def _current(
    database: Database, reference: Reference, at: datetime, content: Resource
) -> Current:
    kind, identity = reference.type, reference.id
    terms, moments = index(content)
    return Current(
        latest=(kind, identity, reference.version, microseconds(at)),
        terms=[
            (kind, term.param, database.digest(term.text), identity) for term in terms
        ],
        moments=[(kind, each.param, identity, each.low, each.high) for each in moments],
    )


def _version(database: Database, row: tuple[str, str, int, int, int, bytes]) -> Version:
    kind, identity, version, deleted, at, sealed = row
    reference = Reference(type=kind, id=identity, version=version)
    return Version(
        reference=reference,
        deleted=bool(deleted),
        at=moment(at),
        body=database.open(sealed, str(reference)),
    )
