"""Many rows in one statement.

sqlite3 gives the interpreter lock away at each statement, and with `executemany` at
each row; a busy event loop gives it back up to a switch interval (5 ms) later.
"""

import sqlite3
from collections.abc import Collection, Sequence
from itertools import chain, islice
from typing import Any, Final

_VALUES: Final = 512
_ROWS: Final = 256


def insert(
    statements: sqlite3.Connection | sqlite3.Cursor,
    into: str,
    rows: Sequence[Sequence[Any]],
) -> None:
    """Insert rows of equal length; `into` is the statement up to VALUES."""
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        row = f"({', '.join('?' * len(some[0]))})"
        statement = f"{into} VALUES {', '.join([row] * len(some))}"
        statements.execute(statement, tuple(chain.from_iterable(some)))


def select(
    statements: sqlite3.Cursor, statement: str, wanted: Collection[str | bytes]
) -> list[tuple[Any, ...]]:
    """Return the rows of many values; `{}` stands for them in the statement."""
    rows: list[tuple[Any, ...]] = []
    values = iter(wanted)
    while some := tuple(islice(values, _VALUES)):
        placeholders = ", ".join("?" * len(some))
        rows += statements.execute(statement.format(placeholders), some).fetchall()
    return rows
