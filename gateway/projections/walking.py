"""Walks along an index, in the order of the results, until a page is full."""

# ruff: noqa: S608 (only this module's own text becomes SQL; values are bound)

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.projections import conditions
from gateway.projections.asking import SearchError
from gateway.projections.conditions import Clause, Condition, Source
from gateway.projections.order import Key, Mark, Order

_NOTHING: Final = Clause("1")
_MOST_VALUES: Final = 30_000  # that SQLite binds in one statement


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is searched: a type, what is asked of it, in which order."""

    kind: str
    conditions: tuple[Condition, ...]
    order: Order

    @property
    def parts(self) -> tuple[Condition, ...]:
        """Return every condition that has an index, the type's own last."""
        own = conditions.of_kind(self.kind)
        return (*(each for each in self.conditions if each.sources), own)

    def checks(self, part: Condition | None) -> list[Clause]:
        """Return what is to be checked of rows that come from a part."""
        return [
            each.check for each in self.conditions if not (each is part and each.exact)
        ]


@dataclass(frozen=True)
class Window:
    """Which matches: `count` beyond a mark, with serial numbers up to `head`."""

    head: int
    after: Mark | None
    count: int


@dataclass(frozen=True, kw_only=True)
class Matches:
    """A part of the matches in their order, with their marks.

    `total` is how many there are in all, None where nobody counted.
    """

    serials: tuple[int, ...]
    marks: tuple[Mark, ...]
    total: int | None = None


def newest(
    connection: sqlite3.Connection, sought: Sought, part: Condition, window: Window
) -> Matches:
    """Return the newest matches, by a part that is in the order of serial numbers.

    Raises:
        SearchError: it asks for too many values.

    """
    below = window.head if window.after is None else -window.after[-1] - 1
    ways = [_where(sought, each, part, below, _NOTHING) for each in part.sources]
    values = [value for where in ways for value in (*where.values, window.count)]
    if len(values) > _MOST_VALUES:
        raise SearchError("query", "Send fewer values in one search; send several.")
    each_newest = " UNION ALL ".join(
        f"SELECT * FROM (SELECT c.serial FROM {source.named('c')} WHERE {where.sql} "
        "ORDER BY c.serial DESC LIMIT ?)"
        for source, where in zip(part.sources, ways, strict=True)
    )
    rows = connection.execute(
        f"SELECT DISTINCT serial FROM ({each_newest}) ORDER BY serial DESC LIMIT ?",
        (*values, window.count),
    )
    return _matches(sought, rows.fetchall())


def by_change(
    connection: sqlite3.Connection, sought: Sought, window: Window
) -> Matches:
    """Return matches in the order of their change."""
    (key,) = sought.order.keys
    source = Source(
        "latest AS {c} INDEXED BY latest_at", Clause("{c}.type = ?", (sought.kind,))
    )
    beyond = _beyond("c.at", key, window.after)
    where = _where(sought, source, None, window.head, beyond)
    rows = connection.execute(
        f"SELECT c.serial, c.at FROM {source.named('c')} WHERE {where.sql} "
        f"ORDER BY c.at {key.way}, c.serial {key.way} LIMIT ?",
        (*where.values, window.count),
    )
    return _matches(sought, rows.fetchall())


def by_value(connection: sqlite3.Connection, sought: Sought, window: Window) -> Matches:
    """Return matches in the order of a value, then those that have none."""
    rows: list[tuple[int | None, ...]] = []
    begun = window.after is not None and window.after[0] == 1
    if not begun:
        rows += _with_value(connection, sought, window)
    if len(rows) < window.count:
        rest = Window(
            window.head, window.after if begun else None, window.count - len(rows)
        )
        rows += _without_value(connection, sought, rest)
    return _matches(sought, rows)


def gathered(sought: Sought, part: Condition, head: int) -> Clause:
    """Return a select of all matches, as the rows of a table `m`, in no order."""
    below = Clause("c.serial <= ?", (head,))
    sources = [(each.named("c"), each.where.of("c")) for each in part.sources]
    union = " UNION ALL ".join(
        f"SELECT c.serial FROM {tables} WHERE {where.sql} AND {below.sql}"
        for tables, where in sources
    )
    values = [value for _, where in sources for value in (*where.values, *below.values)]
    checks = [each.of("m") for each in sought.checks(part)]
    where = " AND ".join(("1", *(each.sql for each in checks)))
    return Clause(
        f"FROM (SELECT DISTINCT serial FROM ({union})) AS m WHERE {where}",
        (*values, *(value for each in checks for value in each.values)),
    )


def _with_value(
    connection: sqlite3.Connection, sought: Sought, window: Window
) -> list[tuple[int | None, ...]]:
    (key,) = sought.order.keys
    # Of several values the earliest counts, which each row can say of itself.
    first = (
        "{c}.param = ? AND NOT EXISTS (SELECT 1 FROM moment AS e WHERE "
        "e.serial = {c}.serial AND e.param = {c}.param AND "
        "(e.low, e.high) < ({c}.low, {c}.high))"
    )
    number = key.number or 0
    source = Source("moment AS {c} INDEXED BY moment_low", Clause(first, (number,)))
    beyond = _beyond("c.low", key, window.after)
    where = _where(sought, source, None, window.head, beyond)
    return connection.execute(
        f"SELECT c.serial, c.low FROM {source.named('c')} WHERE {where.sql} "
        f"ORDER BY c.low {key.way}, c.serial {key.way} LIMIT ?",
        (*where.values, window.count),
    ).fetchall()


def _without_value(
    connection: sqlite3.Connection, sought: Sought, window: Window
) -> list[tuple[int | None, ...]]:
    (key,) = sought.order.keys
    lacking = Clause(
        "NOT EXISTS (SELECT 1 FROM moment AS e WHERE e.serial = c.serial "
        "AND e.param = ?)",
        (key.number or 0,),
    )
    if window.after is not None:
        sql = f"{lacking.sql} AND c.serial {key.sooner} ?"
        lacking = Clause(sql, (*lacking.values, key.sign * window.after[-1]))
    (source,) = conditions.of_kind(sought.kind).sources
    where = _where(sought, source, None, window.head, lacking)
    rows = connection.execute(
        f"SELECT c.serial FROM {source.named('c')} WHERE {where.sql} "
        f"ORDER BY c.serial {key.way} LIMIT ?",
        (*where.values, window.count),
    )
    return [(serial, None) for (serial,) in rows]


def _beyond(column: str, key: Key, after: Mark | None) -> Clause:
    """Return what is beyond a mark of one key."""
    if after is None:
        return _NOTHING
    _, value, serial = (key.sign * each for each in after)
    limit = f"{column} {key.sooner}= ? AND ({column}, c.serial) {key.sooner} (?, ?)"
    return Clause(limit, (value, value, serial))


def _where(
    sought: Sought, source: Source, part: Condition | None, head: int, beyond: Clause
) -> Clause:
    """Return what a row of a source has to meet, its own condition and all others."""
    clauses = [source.where, Clause("{c}.serial <= ?", (head,)), beyond]
    clauses += sought.checks(part)
    sql = " AND ".join(each.of("c").sql for each in clauses)
    return Clause(sql, tuple(value for each in clauses for value in each.values))


def _matches(sought: Sought, rows: Iterable[tuple[int | None, ...]]) -> Matches:
    found = [(serial or 0, tuple(values)) for serial, *values in rows]
    return Matches(
        serials=tuple(serial for serial, _ in found),
        marks=tuple(sought.order.mark(serial, values) for serial, values in found),
    )
