"""What waits in quarantine: ids and where they stand; the log has the content."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from domain.quarantine import Quarantine, Status, evolve
from domain.quarantined import (
    QuarantineDismissed,
    QuarantineEvent,
    QuarantineReleased,
    RequestQuarantined,
)
from gateway.projections.rows import Rows
from gateway.store.records import Erased, Recorded


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Ids of one page, newest first; `following` is where the next page begins."""

    ids: tuple[str, ...]
    total: int
    following: int | None


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the log tells of one quarantine id."""

    state: Quarantine
    request: RequestQuarantined
    released: QuarantineReleased | None = None
    dismissed: QuarantineDismissed | None = None


def note(rows: Rows, event: QuarantineEvent, position: int) -> None:
    """Add what an event says to the rows; the id keeps the place of its newest."""
    match event:
        case RequestQuarantined():
            status = Status.WAITING
        case QuarantineReleased():
            status = Status.RELEASED
        case QuarantineDismissed():
            status = Status.DISMISSED
    rows.set_quarantine(
        event.quarantine_id, (event.quarantine_id, position, status.value)
    )


def page(
    connection: sqlite3.Connection,
    *,
    status: Status | None,
    count: int,
    before: int | None = None,
) -> Listed:
    """Return a page of ids, of one status or of all (None), newest first."""
    wanted = None if status is None else status.value
    totals = connection.execute(
        "SELECT COUNT(*) FROM quarantine WHERE ?1 IS NULL OR status = ?1", (wanted,)
    )
    rows = connection.execute(
        "SELECT id, position FROM quarantine WHERE (?1 IS NULL OR status = ?1) "
        "AND (?2 IS NULL OR position < ?2) ORDER BY position DESC LIMIT ?3",
        (wanted, before, count + 1),
    ).fetchall()
    shown = rows[:count]
    return Listed(
        ids=tuple(row[0] for row in shown),
        total=totals.fetchone()[0],
        following=shown[-1][1] if shown and len(rows) > count else None,
    )


def waiting(connection: sqlite3.Connection) -> int:
    """Return how many requests wait for somebody to correct or dismiss them."""
    rows = connection.execute(
        "SELECT COUNT(*) FROM quarantine WHERE status = ?", (Status.WAITING.value,)
    )
    count: int = rows.fetchone()[0]
    return count


def story(events: Sequence[Recorded | Erased]) -> Story | None:
    """Fold the stream of one id; None where it holds nothing, or was erased."""
    told: Story | None = None
    for each in events:
        if not isinstance(each, Erased):
            told = _after(told, each.event)  # type: ignore[arg-type]
    return told


def _after(told: Story | None, event: QuarantineEvent) -> Story | None:
    before = Quarantine() if told is None else told.state
    state = evolve(before, event)
    match event:
        case RequestQuarantined():
            return Story(state=state, request=event)
        case QuarantineReleased() if told is not None:
            return Story(state=state, request=told.request, released=event)
        case QuarantineDismissed() if told is not None:
            return Story(state=state, request=told.request, dismissed=event)
        case _:
            return told
