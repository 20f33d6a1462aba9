"""Many rows in one statement.

sqlite3 gives the interpreter lock away at each statement, and with `executemany` at
each row; a busy event loop gives it back up to a switch interval (5 ms) later.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final, Protocol, TypeGuard, runtime_checkable

from gateway.store.database import Statements


@runtime_checkable
class Columnar(Protocol):
    """What takes whole columns at once, so that a statement is planned only once."""

    def insert(self, into: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do what `insert` does."""
        ...

    def select(
        self, statement: str, wanted: Collection[str | bytes | int]
    ) -> list[tuple[Any, ...]]:
        """Do what `select` does."""
        ...


_VALUES: Final = 512
_ROWS: Final = 256
_REMEMBERED: Final = 64


def insert(
    statements: Statements,
    into: str,
    rows: Sequence[Sequence[Any]],
) -> None:
    """Insert rows of equal length; `into` is the statement up to VALUES."""
    if not rows:
        return
    if _is_columnar(statements):
        statements.insert(into, rows)
        return
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        statement = _inserting(into, len(some), len(some[0]))
        statements.execute(statement, tuple(chain.from_iterable(some)))


def select(
    statements: Statements, statement: str, wanted: Collection[str | bytes | int]
) -> list[tuple[Any, ...]]:
    """Return the rows of many values; `{}` stands for them in the statement."""
    if _is_columnar(statements):
        return statements.select(statement, wanted)
    rows: list[tuple[Any, ...]] = []
    values = iter(wanted)
    while some := tuple(islice(values, _VALUES)):
        placeholders = ", ".join("?" * len(some))
        rows += statements.execute(statement.format(placeholders), some).fetchall()
    return rows


@lru_cache(_REMEMBERED)
def _inserting(into: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"{into} VALUES {', '.join([row] * rows)}"


def _is_columnar(statements: Statements) -> TypeGuard[Columnar]:
    return _columnar(type(statements))


@lru_cache(_REMEMBERED)
def _columnar(kind: type) -> bool:
    """Ask once for each class: such a question takes as long as a small statement."""
    return issubclass(kind, Columnar)
