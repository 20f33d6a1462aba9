"""A group's rows on their way to the disk, also where memory runs out on it."""

from collections.abc import Sequence

from gateway.store.batch import Batch
from gateway.store.database import Statements
from gateway.store.errors import LogUnavailableError
from gateway.store.recorder import SealedRecorder
from gateway.store.schema import SELECT_ROWS_OF_STREAM, NewRow, Row


def inserted(recorder: SealedRecorder, batch: Batch) -> Sequence[int]:
    """Insert what a group adds; return its positions, once the disk has them.

    Raises:
        LogUnavailableError: if nothing was kept; memory ran out, the disk failed.
        LogUncertainError: if nobody can tell whether it was.

    """
    try:
        return recorder.insert_events(
            batch.rows, keys=batch.key_rows, destroyed=batch.destroyed
        )
    except MemoryError as error:  # SQLite's, too; and the commit may have succeeded
        if last := _place(recorder, batch.rows[-1]):
            return range(last - len(batch.rows) + 1, last + 1)
        raise LogUnavailableError(
            "Memory ran out. Nothing was kept: send the request again in a moment."
        ) from error


def _place(recorder: SealedRecorder, row: NewRow) -> int:
    """Return where the log has exactly this row, 0 where it has not."""
    found: list[int] = []

    def look(statements: Statements) -> bool:
        stream = (row.originator_id, row.originator_version - 1)
        rows = map(Row._make, statements.execute(SELECT_ROWS_OF_STREAM, stream))
        found[:] = [each.position for each in rows if each.state == row.state]
        return bool(found)

    return found[0] if recorder.database.settled(look) else 0
