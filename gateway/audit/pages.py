"""The rows of a log in its order, for whoever looks into everything that it holds."""

from collections.abc import Iterator
from typing import Final

from gateway.store.ledger import Ledger
from gateway.store.schema import Row

_PAGE: Final = 1000


def pages(
    ledger: Ledger, *, after: int = 0, until: int | None = None
) -> Iterator[list[Row]]:
    """Give the rows beyond a position, up to another, without the log's own."""
    position, recorder = after, ledger.log.recorder
    while rows := recorder.rows_after(position, _PAGE):
        position = rows[-1].position
        yield [row for row in rows if row.key is not None and _is_in(row, until)]
        if until is not None and position >= until:
            return


def _is_in(row: Row, until: int | None) -> bool:
    return until is None or row.position <= until
