"""What was stored when: the versions of one resource, of a type, or of all.

The order is that of the log, newest first, so that a page which is asked for later
goes on where the one before ended, whatever was written in between.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from domain.values import Reference
from fhir_profiles.instants import Span
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.resources import Version

_Condition = tuple[str, tuple[int | bytes, ...]]
_ANY: _Condition = ("", ())
# Where the version after it was purged, as with an erased patient, nobody can say until
# when it stood.
_STOOD = (
    " AND at <= ? AND IFNULL((SELECT later.version = resource.version + 1 "
    "AND later.at > ? FROM resource AS later WHERE later.type = resource.type "
    "AND later.key = resource.key AND later.version > resource.version "
    "ORDER BY later.version LIMIT 1), 1)"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which versions: of these types, and of one `id` where one is named."""

    types: tuple[str, ...]
    id: str | None = None
    since: int | None = None
    """Stored at this instant or later (microseconds since 1970)."""
    stood: Span | None = None
    """Current at some point of this time (R4, http.html#history: `_at`)."""

    @property
    def whole(self) -> bool:
        """Say whether every version of one resource is wanted."""
        return self.id is not None and self.since is None and self.stood is None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A page of versions, and the last one's serial number where others follow."""

    page: tuple[Version, ...]
    following: int | None


def tell(
    database: Database,
    connection: sqlite3.Connection,
    wanted: Wanted,
    *,
    count: int,
    after: int | None = None,
) -> Told:
    """Return a page of versions, newest first; `after` is where the last one ended."""
    found: list[int] = []
    for kind in wanted.types:
        found += _of_type(database, connection, kind, wanted, count=count, after=after)
    found.sort(reverse=True)
    page = resources.all_numbered(database, connection, found[:count])
    more = len(found) > len(page) > 0
    return Told(page=page, following=found[len(page) - 1] if more else None)


def size(database: Database, connection: sqlite3.Connection, of: Reference) -> int:
    """Return how many versions there are of one resource."""
    rows = connection.execute(
        "SELECT COUNT(*) FROM resource WHERE type = ? AND key = ?",
        (of.type, database.key(of.id)),
    )
    number: int = rows.fetchone()[0]
    return number


def _of_type(
    database: Database,
    connection: sqlite3.Connection,
    kind: str,
    wanted: Wanted,
    *,
    count: int,
    after: int | None,
) -> list[int]:
    """Return one version more than a page holds, so that the next one is foreseen."""
    conditions = [_one(database, wanted.id), *_times(wanted)]
    if after is not None:
        conditions.append((" AND serial < ?", (after,)))
    where = "".join(sql for sql, _ in conditions)
    values = [value for _, each in conditions for value in each]
    # Of one resource this is the same order, and SQLite then goes by its address.
    order = "version" if wanted.id else "serial"
    rows = connection.execute(
        f"SELECT serial FROM resource WHERE type = ?{where} "  # noqa: S608 (this module's own text; values are bound)
        f"ORDER BY {order} DESC LIMIT ?",
        (kind, *values, count + 1),
    )
    return [serial for (serial,) in rows]


def _one(database: Database, identity: str | None) -> _Condition:
    return (" AND key = ?", (database.key(identity),)) if identity else _ANY


def _times(wanted: Wanted) -> Iterator[_Condition]:
    if wanted.since is not None:
        yield " AND at >= ?", (wanted.since,)
    if wanted.stood is not None:
        yield _STOOD, (wanted.stood.high, wanted.stood.low)
