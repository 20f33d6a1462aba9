"""The stored log's tree, and whether its end is what was signed."""

from collections.abc import Iterator
from typing import Final

from gateway.store.database import Rows, Statements
from gateway.store.errors import LogDamagedError
from gateway.store.evidence import leaf
from gateway.store.founding import read_head
from gateway.store.proofs import StoredTree
from gateway.store.schema import (
    NO_LIMIT,
    SELECT_LEAVES,
    SELECT_NODES,
    SELECT_ROWS_AFTER,
    Row,
)
from gateway.store.seal import Head, Signer

_WIDTH: Final = 256  # rows that a start reads again


def stored_tree(connection: Statements) -> StoredTree:
    """Return the tree over a log's leaves as they are stored."""

    def kept(level: int, first: int) -> dict[int, bytes]:
        beyond = first + _WIDTH
        if not level:
            return _hashes(connection.execute(SELECT_LEAVES, (first, beyond)))
        return _hashes(connection.execute(SELECT_NODES, (first, beyond, level)))

    return StoredTree(kept)


def _hashes(rows: Rows) -> dict[int, bytes]:
    kept: dict[int, bytes] = dict(rows)
    if not all(isinstance(each, bytes) for each in kept.values()):
        raise LogDamagedError(
            "A leaf or a kept node of the seal is not what was written. Run "
            "`triage-gateway audit verify` to see where the log was changed."
        )
    return kept


def require_signed_end(connection: Statements, signer: Signer) -> None:
    """Refuse to build on a log whose end was changed: it would hide the change.

    The root is made from the kept nodes and the last leaves, and up to 256 of the last
    rows are hashed again, however long the log is.

    Raises:
        LogDamagedError: if the end is not what was signed.

    """
    head = read_head(connection)
    if any(_faults(connection, head, signer)):
        raise LogDamagedError(
            "The end of the log is not what was signed. Run `triage-gateway audit "
            "verify` to see where it was changed, and restore it from a backup."
        )


def _faults(connection: Statements, head: Head, signer: Signer) -> Iterator[bool]:
    yield not head.is_signed(signer.origin, signer.public_key)
    last = head.size
    for columns in connection.execute(
        SELECT_ROWS_AFTER, (max(0, head.size - _WIDTH), NO_LIMIT)
    ):
        row = Row._make(columns)
        yield not row.is_well_formed or row.leaf != leaf(row.sealed)
        last = row.position
    yield last != head.size
    yield _root(connection, head.size) != head.tree().root()


def _root(connection: Statements, size: int) -> bytes:
    try:
        return stored_tree(connection).root(size)
    except LogDamagedError:  # a row is missing, or holds no bytes
        return b""
