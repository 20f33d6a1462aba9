"""The resources that readers see: every version, and which one is current."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.values import Reference
from fhir_profiles.instants import microseconds, moment
from gateway.projections.database import Database
from gateway.projections.indexing import Resource, index


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one resource; `body` is empty where it is a deletion."""

    reference: Reference
    deleted: bool
    at: datetime
    body: bytes


def store(
    database: Database,
    *,
    reference: Reference,
    at: datetime,
    position: int,
    body: bytes,
    content: Resource,
) -> None:
    """Add a version that becomes the current one."""
    _add(database, reference, at=at, position=position, body=body, deleted=False)
    _reindex(database, reference, at, content)


def withdraw(
    database: Database, *, reference: Reference, at: datetime, position: int
) -> None:
    """Add a version that says the resource is gone."""
    _add(database, reference, at=at, position=position, body=b"", deleted=True)
    _clear(database.writer, reference)
    database.writer.execute(
        "DELETE FROM latest WHERE type = ? AND id = ?", (reference.type, reference.id)
    )


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


def _add(
    database: Database,
    reference: Reference,
    *,
    at: datetime,
    position: int,
    body: bytes,
    deleted: bool,
) -> None:
    sealed = database.seal(body, str(reference))
    database.writer.execute(
        "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reference.type,
            reference.id,
            reference.version,
            deleted,
            microseconds(at),
            position,
            sealed,
        ),
    )


def _reindex(
    database: Database, reference: Reference, at: datetime, content: Resource
) -> None:
    address = (reference.type, reference.id)
    if reference.version > 1:
        _clear(database.writer, reference)
    database.writer.execute(
        "INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)",
        (*address, reference.version, microseconds(at)),
    )
    terms, moments = index(content)
    database.writer.executemany(
        "INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?)",
        [
            (reference.type, term.param, database.digest(term.text), reference.id)
            for term in terms
        ],
    )
    database.writer.executemany(
        "INSERT OR IGNORE INTO moment VALUES (?, ?, ?, ?, ?)",
        [
            (reference.type, each.param, reference.id, each.low, each.high)
            for each in moments
        ],
    )


def _clear(connection: sqlite3.Connection, reference: Reference) -> None:
    address = (reference.type, reference.id)
    connection.execute("DELETE FROM term WHERE type = ? AND id = ?", address)
    connection.execute("DELETE FROM moment WHERE type = ? AND id = ?", address)


def _version(database: Database, row: tuple[str, str, int, int, int, bytes]) -> Version:
    kind, identity, version, deleted, at, sealed = row
    reference = Reference(type=kind, id=identity, version=version)
    return Version(
        reference=reference,
        deleted=bool(deleted),
        at=moment(at),
        body=database.open(sealed, str(reference)),
    )
