"""What waits for the workers: cases without a floor, cases without a model's answer."""

import sqlite3
from dataclasses import dataclass


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
