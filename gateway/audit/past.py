"""The read models of a moment that is past, compared with what is still shown of it.

Readers see the present. Of the past they still see every version of every resource,
its history, and of whatever did not change since then also how it is found.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from fhir_profiles.instants import Span, microseconds
from fhir_profiles.lexical import parse
from gateway.audit.findings import Finding
from gateway.audit.models import Models, unlike
from gateway.audit.moment import Moment
from gateway.projections import history, resources
from gateway.projections.database import Database
from gateway.projections.history import Wanted
from gateway.projections.resources import Place, Version
from gateway.projections.rows import EACH

_PAGE: Final = 500
_OPEN: Final = ("requested", "accepted", "in-progress")
_CURRENT: Final = (
    "SELECT type, key, version FROM (SELECT type, key, version, deleted, "
    "MAX(version) OVER (PARTITION BY type, key) AS newest FROM resource "
    "WHERE position <= ?) WHERE version = newest AND NOT deleted ORDER BY type, key"
)
_STILL: Final = (
    "SELECT serial FROM (SELECT serial, version, deleted, "
    "MAX(version) OVER (PARTITION BY type, key) AS newest FROM resource) "
    "WHERE version = newest AND NOT deleted AND serial < ?"
)
_FOUND: Final = ("latest", "term", "moment")


class _Reader(NamedTuple):
    """Read models, and the connection by which they are read."""

    database: Database
    connection: sqlite3.Connection


def differences(
    models: Models, shown: Database, connection: sqlite3.Connection, moment: Moment
) -> Iterator[Finding]:
    """Compare the fresh read models, projected up to a moment, with what is shown."""
    position = models.until
    with models.fresh.reader() as fresh:
        yield from models.versions(fresh, connection)
        yield from _current(fresh, connection, position)
        if moment.instant is not None and moment.position == position:
            at = moment.instant
            expected = _Reader(models.fresh, fresh)
            yield from _told(expected, _Reader(shown, connection), at, position)
        for table in _FOUND:
            yield from _unchanged(table, fresh, connection, position)
        yield from _set_aside(fresh, connection, position)
        yield from _worklist(fresh, shown, connection, position)


def _current(
    fresh: sqlite3.Connection, shown: sqlite3.Connection, position: int
) -> Iterator[Finding]:
    """Compare which version was the current one: what a read would have answered."""
    latest = fresh.execute("SELECT type, key, version FROM latest ORDER BY type, key")
    if list(latest) != list(shown.execute(_CURRENT, (position,))):
        yield Finding(position, "other versions were current then")


def _told(
    expected: _Reader, found: _Reader, at: datetime, position: int
) -> Iterator[Finding]:
    """Compare what a history answers to `_at`, in the words of the gateway itself."""
    for kind in resources.types(found.connection):
        if _stood(expected, kind, at) != _stood(found, kind, at):
            sentence = f"the history of {kind} tells another state of that moment"
            yield Finding(position, sentence)


def _stood(reader: _Reader, kind: str, at: datetime) -> list[Version]:
    instant = microseconds(at)
    wanted = Wanted(types=(kind,), stood=Span(instant, instant))
    found: list[Version] = []
    after: int | None = None
    while True:
        page = history.tell(*reader, wanted, count=_PAGE, after=after)
        found += page.page
        if page.following is None:
            return found
        after = page.following


def _unchanged(
    table: str, fresh: sqlite3.Connection, shown: sqlite3.Connection, position: int
) -> Iterator[Finding]:
    """Compare how resources are found that are still as they were then."""
    bound = ((position + 1) * EACH,)
    kept = {serial for (serial,) in shown.execute(_STILL, bound)}
    rows = f"SELECT * FROM {table} WHERE serial < ? ORDER BY 1, 2, 3, 4"  # noqa: S608 (one of three names above)
    if table == "term":
        rows = rows.removesuffix(", 4")
    expected = (row for row in fresh.execute(rows, bound) if row[0] in kept)
    if any(left != right for left, right in _pairs(expected, shown, rows, bound)):
        yield unlike(table, position)


def _pairs(
    expected: Iterator[Any], shown: sqlite3.Connection, rows: str, bound: tuple[int]
) -> Iterator[tuple[Any, Any]]:
    found = iter(shown.execute(rows, bound))
    for left in expected:
        yield left, next(found, None)
    for right in found:
        yield None, right


def _set_aside(
    fresh: sqlite3.Connection, shown: sqlite3.Connection, position: int
) -> Iterator[Finding]:
    """Compare quarantine and poisoned events, as far as nothing happened to them."""
    for table in ("quarantine", "poisoned"):
        rows = f"SELECT * FROM {table} WHERE position <= ?"  # noqa: S608 (a name of these two)
        known = set(fresh.execute(rows, (position,)))
        if not set(shown.execute(rows, (position,))) <= known:
            yield unlike(table, position)


def _worklist(
    fresh: sqlite3.Connection, shown: Database, seen: sqlite3.Connection, position: int
) -> Iterator[Finding]:
    """Compare the cases that waited then with the Tasks that were open then."""
    rows = fresh.execute("SELECT case_id FROM work WHERE reviewed = 0 AND floored > 0")
    waiting = {case_id for (case_id,) in rows}
    if not waiting <= set(_open_cases(shown, seen, position)):
        yield Finding(position, "a case waited then, and no Task was open")


def _open_cases(
    shown: Database, seen: sqlite3.Connection, position: int
) -> Iterator[str]:
    for kind, key, version in seen.execute(_CURRENT, (position,)):
        if kind != "Task":
            continue
        stored = resources.find(shown, seen, Place(kind, key, version))
        task = parse(stored.body) if stored else {}
        if task.get("status") in _OPEN:
            yield task["groupIdentifier"]["value"]
