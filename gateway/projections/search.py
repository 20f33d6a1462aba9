"""Search over the read models (FHIR R4, search.html): what a worklist needs."""

import sqlite3
from dataclasses import dataclass

from gateway.projections import resources
from gateway.projections.conditions import Condition, SearchError, condition
from gateway.projections.database import Database
from gateway.projections.parameters import Parameter, of_type
from gateway.projections.resources import Version

DEFAULT_COUNT = 50
LARGEST_COUNT = 1000
_LARGEST_OFFSET = 10**9
_MOST_PARTS = 500  # parameters, their values and sort keys; SQLite has limits
_MOST_PARAMETERS = 30
_MOST_KEYS = 3
_CONTROLS = ("_count", "_offset", "_sort", "_format", "_pretty", "_total", "_summary")


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search that was understood: SQL conditions, order and page."""

    type: str
    conditions: tuple[Condition, ...]
    order: str
    order_values: tuple[str, ...]
    count: int
    offset: int
    only_count: bool
    ignored: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of matches, and how many there are in all."""

    total: int
    page: tuple[Version, ...]


def understand(
    database: Database, kind: str, given: list[tuple[str, str]], *, lenient: bool
) -> Search:
    """Read a query string.

    Raises:
        SearchError: an unknown parameter, modifier or value, unless `lenient`.

    """
    _require_short(given)
    known = {parameter.name: parameter for parameter in of_type(kind)}
    conditions: list[Condition] = []
    ignored: list[str] = []
    controls: dict[str, str] = {}
    for name, value in given:
        if not value:
            continue  # an empty parameter says nothing (search.html#errors)
        if name in _CONTROLS:
            controls[name] = value
            continue
        try:
            conditions.append(condition(database, known, name, value))
        except SearchError as error:
            if not lenient:
                raise
            ignored.append(error.parameter)
    order, order_values = _order(kind, known, controls.get("_sort", "-_lastUpdated"))
    return Search(
        type=kind,
        conditions=tuple(conditions),
        order=order,
        order_values=order_values,
        count=_number(controls, "_count", DEFAULT_COUNT, LARGEST_COUNT),
        offset=_number(controls, "_offset", 0, _LARGEST_OFFSET),
        only_count=controls.get("_summary") == "count" or controls.get("_count") == "0",
        ignored=tuple(ignored),
    )


def run(database: Database, connection: sqlite3.Connection, search: Search) -> Found:
    """Return the page of resources that match every condition."""
    where = "".join(f" AND {sql}" for sql, _ in search.conditions)
    values = [value for _, each in search.conditions for value in each]
    source = f"FROM latest WHERE latest.type = ?{where}"
    total: int = connection.execute(
        f"SELECT COUNT(*) {source}", (search.type, *values)
    ).fetchone()[0]
    if search.only_count:
        return Found(total=total, page=())
    rows = connection.execute(
        f"SELECT latest.key, latest.version {source} ORDER BY {search.order} "
        "LIMIT ? OFFSET ?",
        (search.type, *values, *search.order_values, search.count, search.offset),
    ).fetchall()
    places = [resources.Place(search.type, *row) for row in rows]
    page = [resources.find(database, connection, place) for place in places]
    return Found(total=total, page=tuple(each for each in page if each is not None))


def _require_short(given: list[tuple[str, str]]) -> None:
    if sum(1 + value.count(",") for _, value in given) > _MOST_PARTS:
        raise SearchError(
            "query", f"Send at most {_MOST_PARTS} values in one search; send several."
        )
    keys = sum(1 + value.count(",") for name, value in given if name == "_sort")
    if len(given) > _MOST_PARAMETERS or keys > _MOST_KEYS:
        raise SearchError(
            "query",
            f"Send at most {_MOST_PARAMETERS} parameters and {_MOST_KEYS} sort keys.",
        )


def _order(
    kind: str, known: dict[str, Parameter], sort: str
) -> tuple[str, tuple[str, ...]]:
    columns: list[str] = []
    values: list[str] = []
    for each in sort.split(","):
        name = each.removeprefix("-")
        direction = "DESC" if each.startswith("-") else "ASC"
        if name == "_lastUpdated":
            columns.append(f"latest.at {direction}")
        elif name in known and known[name].kind in ("date", "rank"):
            columns.append(
                "(SELECT MIN(low) FROM moment WHERE moment.type = latest.type AND "
                f"moment.key = latest.key AND moment.param = ?) {direction}"
            )
            values.append(name)
        else:
            sortable = [n for n, p in known.items() if p.kind in ("date", "rank")]
            raise SearchError(
                "_sort",
                f"{kind} is sorted by {', '.join(('_lastUpdated', *sortable))}; "
                "a '-' in front reverses.",
            )
    return ", ".join((*columns, "latest.key ASC")), tuple(values)


def _number(controls: dict[str, str], name: str, default: int, largest: int) -> int:
    text = controls.get(name, str(default))
    if not text.isdecimal() or len(text) > len(str(_LARGEST_OFFSET)):
        raise SearchError(name, "Send a whole number that is not negative.")
    return min(int(text), largest)
