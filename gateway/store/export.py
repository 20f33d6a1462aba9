"""Write a log, or a part of it, as evidence: NDJSON that `examination` checks offline.

The first line says whose log it is and holds its newest signed checkpoint. Then comes a
row a line with what is sealed of it, its ciphertext included. All rows together lead to
the checkpoint's root; in a part each row has a path to it. docs/evidence.md lists the
fields.
"""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateway.store.database import Statements
from gateway.store.disclosure import readable
from gateway.store.errors import LogDamagedError
from gateway.store.evidence import FORMAT, Checkpoint, EvidenceError, grown, included
from gateway.store.founding import read_head, require_begun
from gateway.store.handover import signing_keys
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.notes import verifier_key
from gateway.store.opening import unlock
from gateway.store.proofs import StoredTree
from gateway.store.reading import RowReader, snapshot
from gateway.store.schema import (
    NO_LIMIT,
    SELECT_HANDOVERS,
    SELECT_ROWS_AFTER,
    SELECT_ROWS_AT,
    Row,
)
from gateway.store.seal import LogIdentity
from gateway.store.sealed import stored_tree
from gateway.store.statements import select

_PAGE: Final = 250


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an export shall hold.

    `positions` are those of a part, None is the whole log; a range counts upwards and
    is never listed. `since` is an older checkpoint from which a part also proves that
    the log only grew; without positions that alone is proven. `decrypted` adds what the
    rows say, in clear; `keys` adds the data keys that open them, and every other row of
    the same patient.
    """

    positions: Collection[int] | None = None
    since: str | None = None
    decrypted: bool = False
    keys: bool = False


def export(
    folder: Path, asked: Asked | None = None, *, kek_file: KeySource | None = None
) -> Iterator[str]:
    """Give the lines of an export of a stopped or a running log.

    Raises:
        LogMissingError: if the folder holds no log.
        LogFormatError: if it is of another format, or where it is cannot be read.
        KeyFileError: if a key is needed, and its file is missing or another's.
        LogDamagedError: if a row is not what was written.
        LogUnavailableError: if the log cannot be read now.
        EvidenceError: if `since` is not a checkpoint of this log, or a part would lack
            a row that it was asked for, or have none.

    """
    asked = asked or Asked()
    with snapshot(folder) as connection:
        identity = require_begun(connection, folder)
        reader = None
        if asked.decrypted or asked.keys:
            key_file = kek_file or default_key_file(folder)
            reader = unlock(connection, identity, key_file).reader()
        exporting = _Export(connection, identity, asked, reader)
        for line in exporting.lines():
            yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def newest_checkpoint(folder: Path) -> str:
    """Return the newest signed checkpoint of a log, as its head holds it.

    Raises:
        LogMissingError: if the folder holds no log.
        LogFormatError: if the note of where it is cannot be read.
        LogDamagedError: if it has no head.
        LogUnavailableError: if it cannot be read now.

    """
    with snapshot(folder) as connection:
        return read_head(connection).note


class LogKey(NamedTuple):
    """A public key (32 bytes), the first position that it signs, its `name+id+key`."""

    first: int
    public: bytes
    verifier: str


def public_keys(folder: Path) -> list[LogKey]:
    """Return the keys that sign a log, the first one first; none is secret.

    Raises:
        LogMissingError: if the folder holds no log.
        LogFormatError: if it is of another format, or where it is cannot be read.
        LogDamagedError: if a key was not handed over by the one before.
        LogUnavailableError: if it cannot be read now.

    """
    with snapshot(folder) as connection:
        identity = require_begun(connection, folder)
        keys = signing_keys(connection, identity)
    name = identity.origin
    return [LogKey(max(at, 1), key, verifier_key(name, key)) for at, key in keys]


class _Export:
    """One export, from one state of the log."""

    def __init__(
        self,
        connection: Statements,
        identity: LogIdentity,
        asked: Asked,
        reader: RowReader | None,
    ) -> None:
        self._connection = connection
        self._identity = identity
        self._asked = asked
        self._reader = reader
        self._note = read_head(connection).note
        self._end = Checkpoint.parse(self._note)
        self._tree = stored_tree(connection)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give the header and the rows."""
        part = self._part()
        yield {
            "format": FORMAT,
            "log_id": self._identity.log_id,
            "tenant": self._identity.tenant,
            "public_key": _encoded(self._identity.public_key),
            "checkpoint": self._note,
            "grown": self._grown(),
            "rows": self._end.size if part is None else sum(map(len, part)),
        }
        for row in _rows(self._connection, merge(*part) if part else None):
            yield self._told(row, proven=part is not None)

    def _part(self) -> tuple[Collection[int], list[int]] | None:
        """Return the positions of a part, and of what else introduces its keys."""
        since, positions = self._asked.since, self._asked.positions
        if positions is None and since is None:
            return None
        wanted = positions if isinstance(positions, range) else set(positions or ())
        there = all(0 < each <= self._end.size for each in wanted)
        if not there or (positions is not None and not wanted):
            raise EvidenceError(
                f"The log ends at position {self._end.size} and has no such row: look "
                "at the positions, or at the id, that you gave."
            )
        handed = [at for (at,) in self._connection.execute(SELECT_HANDOVERS)]
        ordered = wanted if isinstance(wanted, range) else sorted(wanted)
        return ordered, sorted(at for at in handed if at not in wanted)

    def _grown(self) -> list[tuple[int, str, list[str]]]:
        if self._asked.since is None:
            return []
        old = Checkpoint.parse(self._asked.since)
        if old.origin != self._end.origin or not 0 < old.size <= self._end.size:
            raise EvidenceError(
                "The checkpoint is of another log, or of a later state."
            )
        proof = self._tree.consistency(old.size, self._end.size)
        roots = grown(old.size, self._end.size, proof, [old.root])
        if roots != (old.root, self._end.root):
            raise LogDamagedError(
                f"The log did not grow from the checkpoint of position {old.size}: one "
                "was forged, or a kept node is damaged (see `audit verify`)."
            )
        return [(old.size, _encoded(old.root), list(map(_encoded, proof)))]

    def _told(self, row: Row, *, proven: bool) -> dict[str, Any]:
        if not row.is_well_formed:
            raise LogDamagedError(
                f"The row at position {row.position} holds a value of another type "
                "than was written. Run `triage-gateway audit verify`."
            )
        told: dict[str, Any] = {
            "position": row.position,
            "originator": row.originator_id,
            "version": row.version,
            "topic": row.topic,
            "state": _encoded(row.state),
            "leaf": _encoded(row.leaf),
        }
        if proven:
            told["path"] = list(map(_encoded, _path(self._tree, row, self._end)))
        if self._reader is not None and row.key is not None:
            told |= self._opened(self._reader, row)
        return told

    def _opened(self, reader: RowReader, row: Row) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self._asked.keys and row.key and row.wrapped is not None:
            told["key"] = _encoded(reader.keyring.unwrapped(row.key, row.wrapped))
        if self._asked.decrypted:
            told["decrypted"] = readable(reader.entry(row))
        return told


def _path(tree: StoredTree, row: Row, end: Checkpoint) -> list[bytes]:
    path = tree.inclusion(row.position - 1, end.size)
    if included(row.leaf, row.position - 1, end.size, path) != end.root:
        raise LogDamagedError(
            f"The row at position {row.position} does not lead to the checkpoint. "
            "Run `triage-gateway audit verify` to see where the log was changed."
        )
    return path


def _rows(connection: Statements, positions: Iterable[int] | None) -> Iterator[Row]:
    if positions is None:
        rows = connection.execute(SELECT_ROWS_AFTER, (0, NO_LIMIT))
        yield from map(Row._make, rows)
        return
    left = iter(positions)
    while some := tuple(islice(left, _PAGE)):
        yield from map(Row._make, select(connection, SELECT_ROWS_AT, some))


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
