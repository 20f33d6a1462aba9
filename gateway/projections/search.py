"""Search over the read models (FHIR R4, search.html)."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from gateway.projections import planning, resources
from gateway.projections.asking import SearchError
from gateway.projections.conditions import Condition
from gateway.projections.controls import Controls, controls
from gateway.projections.criteria import Criteria, untold
from gateway.projections.database import Database
from gateway.projections.order import Mark
from gateway.projections.resources import Version
from gateway.projections.walking import Sought, Window

_MOST_PARTS = 500  # parameters, their values; SQLite has limits
_MOST_PARAMETERS = 30
_MOST_VALUES = 4_000  # digests and limits that SQLite compares with
_ESTIMATED = 50_000

Given = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where a page begins: `head` is the last serial number the first page saw."""

    head: int
    after: Mark


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search that was understood."""

    type: str
    sought: Sought
    controls: Controls
    understood: Given
    """The parameters that count, as they were sent."""
    ignored: tuple[str, ...]

    @property
    def only_count(self) -> bool:
        """Say whether the number of matches is all that is wanted."""
        return self.controls.only_count


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of matches, how many there are (None: not counted), where to go on."""

    total: int | None
    page: tuple[Version, ...]
    following: Page | None = None


def understand(
    database: Database,
    kind: str,
    given: list[tuple[str, str]],
    *,
    lenient: bool,
    narrowed: tuple[tuple[str, str], ...] = (),
    base: str = "",
    touching: Callable[[str], None] = untold,
) -> Search:
    """Read a query string; what narrows the caller's scopes always holds, too.

    `base` is the FHIR base URL; `touching` is told each other type that is read.

    Raises:
        SearchError: an unknown parameter, modifier or value, unless `lenient`.

    """
    _require_short(given)
    criteria = Criteria(digests=database.digests, base=base, touching=touching)
    conditions = [criteria.condition(kind, *pair) for pair in narrowed]
    wanted, rest = controls(kind, given, lenient=lenient)
    understood, ignored = list(wanted.understood), list(wanted.ignored)
    for name, value in filter(_says_something, rest):
        try:
            conditions.append(criteria.condition(kind, name, value))
        except SearchError as error:
            if not lenient:
                raise
            ignored.append(error.parameter)
        else:
            understood.append((name, value))
    _require_light(conditions)
    return Search(
        type=kind,
        sought=Sought(kind=kind, conditions=tuple(conditions), order=wanted.order),
        controls=wanted,
        understood=tuple(understood),
        ignored=tuple(ignored),
    )


def run(
    database: Database,
    connection: sqlite3.Connection,
    search: Search,
    page: Page | None = None,
) -> Found:
    """Return a page of the resources that match every condition.

    Raises:
        TooCostlySearchError: it would read too much.

    """
    head = _head(connection) if page is None else page.head
    with planning.bounded(connection):
        if search.only_count:
            total = planning.total(connection, search.sought, head=head)
            return Found(total=total, page=())
        count = search.controls.count
        window = Window(head, page.after if page else None, count + 1)
        found = planning.matches(connection, search.sought, window)
        counted = _total(connection, search, found.total, head)
    shown = resources.all_numbered(database, connection, found.serials[:count])
    more = len(found.serials) > len(shown) > 0
    return Found(
        total=counted,
        page=shown,
        following=Page(head=head, after=found.marks[len(shown) - 1]) if more else None,
    )


def _head(connection: sqlite3.Connection) -> int:
    rows = connection.execute("SELECT MAX(serial) FROM latest")
    return int(rows.fetchone()[0] or 0)


def _total(
    connection: sqlite3.Connection, search: Search, known: int | None, head: int
) -> int | None:
    """Return the number of matches where it is cheap, or was asked for."""
    asked = search.controls.total
    if asked == "none":
        return None
    if asked == "accurate" and known is None:
        return planning.total(connection, search.sought, head=head)
    if asked == "estimate" and known is None:
        return planning.smallest(connection, search.sought, _ESTIMATED)[1]
    return known


def _says_something(parameter: tuple[str, str]) -> bool:
    """Say whether a parameter has a value; without, it is ignored (search.html)."""
    return bool(parameter[1])


def _require_light(conditions: list[Condition]) -> None:
    if sum(len(each.check.values) for each in conditions) > _MOST_VALUES:
        raise SearchError(
            "query", "This asks for too much at once: send fewer values in one search."
        )


def _require_short(given: list[tuple[str, str]]) -> None:
    if sum(1 + value.count(",") for _, value in given) > _MOST_PARTS:
        raise SearchError(
            "query", f"Send at most {_MOST_PARTS} values in one search; send several."
        )
    if len(given) > _MOST_PARAMETERS:
        raise SearchError(
            "query", f"Send at most {_MOST_PARAMETERS} parameters in one search."
        )
