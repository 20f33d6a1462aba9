"""What waits for the workers: cases without a floor, cases without a model's answer."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One revision of one case that is to be assessed."""

    case_id: str
    revision: int


def without_floor(connection: sqlite3.Connection, limit: int = 1000) -> list[Waiting]:
    """Return cases whose newest data no rule has judged yet."""
    rows = connection.execute(
        "SELECT case_id, revision FROM work "
        "WHERE reviewed = 0 AND floored < revision LIMIT ?",
        (limit,),
    )
    return [Waiting(case_id=row[0], revision=row[1]) for row in rows]


def without_answer(connection: sqlite3.Connection, limit: int = 100) -> list[Waiting]:
    """Return cases that the floor has judged and the model has not, urgent first."""
    rows = connection.execute(
        "SELECT case_id, revision FROM work WHERE reviewed = 0 "
        "AND floored = revision AND answered < revision ORDER BY acuity LIMIT ?",
        (limit,),
    )
    return [Waiting(case_id=row[0], revision=row[1]) for row in rows]


def open_cases(connection: sqlite3.Connection) -> int:
    """Return how many cases wait for a nurse."""
    rows = connection.execute("SELECT COUNT(*) FROM work WHERE reviewed = 0")
    count: int = rows.fetchone()[0]
    return count


def microseconds(due: datetime | None) -> int:
    """Return an instant as the table has it; 0 where there is none."""
    return 0 if due is None else (due - _EPOCH) // _TICK


def due_by(connection: sqlite3.Connection, at: datetime, limit: int = 100) -> list[str]:
    """Return cases whose Task nobody has taken in its time, the longest wait first."""
    rows = connection.execute(
        "SELECT case_id FROM work WHERE reviewed = 0 AND due > 0 AND due <= ? "
        "ORDER BY due LIMIT ?",
        (microseconds(at), limit),
    )
    return [row[0] for row in rows]


def next_due(connection: sqlite3.Connection, after: datetime) -> datetime | None:
    """Return when the next Task becomes overdue; None where none will."""
    rows = connection.execute(
        "SELECT MIN(due) FROM work WHERE reviewed = 0 AND due > ?",
        (microseconds(after),),
    )
    due: int | None = rows.fetchone()[0]
    return None if due is None else _EPOCH + due * _TICK


def overdue_tasks(connection: sqlite3.Connection) -> int:
    """Return how many Tasks nobody has taken although their time is over."""
    rows = connection.execute("SELECT COUNT(*) FROM work WHERE overdue = 1")
    count: int = rows.fetchone()[0]
    return count
