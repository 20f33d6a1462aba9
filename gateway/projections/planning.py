"""From which index the matches of a search are found.

SQLite keeps no statistics of these tables, so the size of each condition's part of an
index is asked for, up to a limit. From a small part all matches are gathered and
sorted. Where every part is large there are many matches, and an index is walked in the
order of the results until a page is full. Either way the cost of a page does not grow
with what is stored, except where conditions that are common each are rarely met
together; reading is ended after so many steps of SQLite's machine.
"""

# ruff: noqa: S608 (only this module's own text becomes SQL; values are bound)

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.projections import walking
from gateway.projections.asking import TooCostlySearchError
from gateway.projections.conditions import Condition
from gateway.projections.order import Key
from gateway.projections.walking import Matches, Sought, Window

FEW: Final = 2_000
"""Rows of an index from which all matches are gathered."""

MANY: Final = 10_000
"""Rows of an index that are counted to tell large parts from very large ones."""

MOST_SORTED: Final = 100_000
"""Matches that are sorted by several keys, for which there is no index."""

_STEPS: Final = 100_000  # of SQLite's machine between two looks
_MOST_LOOKS: Final = 600
_MOST_SECONDS: Final = 3.0
"""Of a processor, since steps differ; however busy the machine is."""


@contextmanager
def bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """End what reads too much.

    Raises:
        TooCostlySearchError: it did.

    """
    looks = iter(range(_MOST_LOOKS))
    end = time.thread_time() + _MOST_SECONDS

    def over() -> bool:
        return next(looks, None) is None or time.thread_time() > end

    connection.set_progress_handler(over, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise TooCostlySearchError(
            "query",
            "This search would read too much: each of its conditions is met by very "
            "many resources. Add one that few meet, such as a patient, an identifier "
            "or a short time.",
        ) from None
    finally:
        connection.set_progress_handler(None, 0)


def matches(connection: sqlite3.Connection, sought: Sought, window: Window) -> Matches:
    """Return the matches in a window."""
    part, rows = smallest(connection, sought, FEW)
    keys = sought.order.keys
    if rows < FEW or len(keys) > 1:
        return _gathered(connection, sought, part, window)
    if not keys:
        able = [each for each in sought.parts if all(s.ordered for s in each.sources)]
        least = min(able, key=lambda each: size(connection, each, MANY))
        return walking.newest(connection, sought, least, window)
    if keys[0].number is None:
        return walking.by_change(connection, sought, window)
    return walking.by_value(connection, sought, window)


def total(connection: sqlite3.Connection, sought: Sought, *, head: int) -> int:
    """Count the matches, however many there are."""
    part, _ = smallest(connection, sought, MANY)
    rows = walking.gathered(sought, part, head)
    found = connection.execute(f"SELECT COUNT(*) {rows.sql}", rows.values)
    number: int = found.fetchone()[0]
    return number


def smallest(
    connection: sqlite3.Connection, sought: Sought, limit: int
) -> tuple[Condition, int]:
    """Return the condition with the smallest part of an index, and its size."""
    best, least = sought.parts[-1], limit
    for each in sought.parts:
        found = size(connection, each, least)
        if found < least:
            best, least = each, found
    return best, least


def size(connection: sqlite3.Connection, part: Condition, limit: int) -> int:
    """Return how many rows of an index a condition starts from, up to a limit."""
    found = 0
    for source in part.sources:
        where = source.where.of("c")
        rows = connection.execute(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {source.named('c')} "
            f"WHERE {where.sql} LIMIT ?)",
            (*where.values, limit - found),
        )
        found += rows.fetchone()[0]
        if found >= limit:
            break
    return found


def _gathered(
    connection: sqlite3.Connection, sought: Sought, part: Condition, window: Window
) -> Matches:
    """Return matches from a part of which all are read and sorted."""
    order = sought.order
    keys = "".join(f", {_value_of(each)}" for each in order.keys)
    select = walking.gathered(sought, part, window.head)
    rows = connection.execute(
        f"SELECT m.serial{keys} {select.sql} LIMIT ?", (*select.values, MOST_SORTED + 1)
    ).fetchall()
    if len(rows) > MOST_SORTED:
        raise TooCostlySearchError(
            "_sort",
            f"More than {MOST_SORTED} resources match: sort them by one key, or add a "
            "condition that few meet.",
        )
    found = sorted((order.mark(serial, tuple(rest)), serial) for serial, *rest in rows)
    after = window.after
    left = [each for each in found if after is None or each[0] > after][: window.count]
    return Matches(
        serials=tuple(serial for _, serial in left),
        marks=tuple(mark for mark, _ in left),
        total=len(found),
    )


def _value_of(key: Key) -> str:
    if key.number is None:
        return "(SELECT at FROM latest AS k WHERE k.serial = m.serial)"
    return (
        "(SELECT MIN(low) FROM moment AS k WHERE k.serial = m.serial "
        f"AND k.param = {int(key.number)})"
    )
