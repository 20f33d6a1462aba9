"""The resources of a type that refer to another one, newest first."""

import sqlite3

from domain.values import Reference
from gateway.projections.database import Database
from gateway.projections.parameters import numbers
from gateway.projections.resources import Place

_REFERRING = (
    "SELECT latest.key, latest.version FROM term INDEXED BY term_filed "
    "JOIN latest ON latest.serial = term.serial "
    "WHERE term.param = ? AND term.digest = ?"
)
_NOT_BEFORE = (
    " AND NOT EXISTS (SELECT 1 FROM moment WHERE moment.serial = term.serial "
    "AND moment.param = ? AND moment.high < ?)"
)
_CODED = (
    " AND EXISTS (SELECT 1 FROM term AS coded WHERE coded.serial = term.serial "
    "AND coded.param = ? AND coded.digest = ?)"
)
_NEWEST = " ORDER BY term.serial DESC LIMIT ?"


def referring(
    database: Database,
    connection: sqlite3.Connection,
    kind: str,
    name: str,
    to: Reference,
    *,
    limit: int,
) -> list[Place]:
    """Return where resources are that refer to another by a search parameter."""
    values = (*numbers(kind, name), database.address(to), limit)
    rows = connection.execute(_REFERRING + _NEWEST, values)
    return [Place(kind, *row) for row in rows]


def named(
    database: Database,
    connection: sqlite3.Connection,
    kind: str,
    name: str,
    word: str,
    *,
    limit: int,
) -> list[Place]:
    """Return where resources are that have a word, such as a URL, in a parameter."""
    values = (*numbers(kind, name), database.digests.word(word), limit)
    rows = connection.execute(_REFERRING + _NEWEST, values)
    return [Place(kind, *row) for row in rows]


def recent(
    database: Database,
    connection: sqlite3.Connection,
    kind: str,
    patient: Reference,
    *,
    since: int,
    limit: int,
    code: str = "",
) -> list[Place]:
    """Return where a patient's resources are that date from since then, or no time.

    `since` is in microseconds since 1970; a code is without its system.
    """
    conditions = _REFERRING + _NOT_BEFORE + (_CODED if code else "") + _NEWEST
    coded = (*numbers(kind, "code"), database.digests.word(code)) if code else ()
    values = (*numbers(kind, "patient"), database.address(patient))
    dated = (*numbers(kind, "date"), since)
    rows = connection.execute(conditions, (*values, *dated, *coded, limit))
    return [Place(kind, *row) for row in rows]
