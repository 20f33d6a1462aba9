"""Prove from the log alone that nothing in it was changed, moved or removed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec

from gateway.store.database import Statements
from gateway.store.erasures import ErasureCheck
from gateway.store.errors import (
    LogDamagedError,
    LogFormatError,
    LogMissingError,
    StoreError,
)
from gateway.store.evidence import HANDOVER, OPEN_STATE, EvidenceError, Log
from gateway.store.examination import noted_size
from gateway.store.founding import read_head, read_identity
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.opening import unlock
from gateway.store.reading import RowReader, snapshot
from gateway.store.schema import (
    BEFORE_ALL,
    NO_LIMIT,
    SELECT_KEYS,
    SELECT_ROWS_AFTER,
    KeyRow,
    Row,
)
from gateway.store.seal import STRIDE, LogIdentity, kept_nodes
from gateway.store.verdict import Problems, Verdict

_PROGRESS_ROWS: Final = 500

P = ParamSpec("P")
Progress = Callable[[int, int], None]


def verify(
    folder: Path,
    *,
    kek_file: KeySource | None = None,
    public_key: bytes = b"",
    since: str | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check every row of a stopped or a running log, as of now.

    `public_key` (32 bytes) is a signing key of the log as the auditor knows it, and
    `since` a checkpoint that he noted: only that shows that the log was not rewritten
    by whoever holds the signing key, and that its end was not cut off. `progress` is
    told how many rows of how many are done.

    Raises:
        LogMissingError: if the folder holds no log.
        LogFormatError: if the note of where it is cannot be read.
        LogUnavailableError: if it cannot be read now.
        KeyFileError: if a key file is there, or was named, and does not fit.
        EvidenceError: if `since` is not a checkpoint.

    """
    default = default_key_file(folder)
    key_file = kek_file or (default if default.exists() else None)
    audit = _Audit(older=noted_size(since), progress=progress or _silent)
    try:
        with snapshot(folder) as connection:
            audit.run(connection, key_file)
            audit.conclude(connection, public_key, since)
    except LogDamagedError as error:
        audit.report(audit.log.position, str(error))
    return audit.verdict()


class _Audit:
    """One pass over one log."""

    def __init__(self, *, older: int, progress: Progress) -> None:
        self.log = Log("", "", b"", older)
        self._older = older
        self._progress = progress
        self._reader: RowReader | None = None
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._note = ""
        self._events = 0
        self._erasures = ErasureCheck()
        self._whole = True  # all rows so far are as they were sealed
        self._problems = Problems()
        self.report = self._problems.add
        self._proven: tuple[str, ...] = ()

    def run(self, connection: Statements, key_file: KeySource | None) -> None:
        try:
            identity = read_identity(connection)
        except LogFormatError as error:
            raise LogDamagedError(str(error)) from None
        if identity is None:
            raise LogMissingError("The log was never begun. Start the gateway once.")
        self.log = Log(
            identity.log_id, identity.tenant, identity.public_key, self._older
        )
        if key_file is not None:
            self._check_keys(connection, identity, key_file)
        self._check_rows(connection)

    def conclude(
        self, connection: Statements, public_key: bytes, since: str | None
    ) -> None:
        """Compare the rows with the head, and the head with what was known before."""
        head, at = read_head(connection), self.log.position
        self._note = head.note
        if head.size != at:
            self.report(
                at,
                f"The log ends at position {at}, and its head is of {head.size}: rows "
                "at the end were removed or added.",
            )
        elif self._whole and head.edge != b"".join(self.log.tree.edge):
            self.report(at, "The log's head is not that of its rows.")
        self._checked(at, self._prove, public_key, since)

    def verdict(self) -> Verdict:
        problems = self._problems.listed()
        return Verdict(
            position=self.log.position,
            note=self._note,
            events=self._events,
            erased=self._erasures.events,
            authenticated=self._reader is not None,
            problems=problems,
            proven=() if problems else self._proven,
        )

    def _check_keys(
        self, connection: Statements, identity: LogIdentity, key_file: KeySource
    ) -> None:
        try:
            self._reader = unlock(connection, identity, key_file).reader()
        except LogDamagedError as error:
            self.report(0, str(error))
            return
        for key in map(KeyRow._make, connection.execute(SELECT_KEYS)):
            if key.wrapped is not None:
                self._checked(0, self._reader.keyring.unwrapped, key, key.wrapped)

    def _check_rows(self, connection: Statements) -> None:
        kept = connection.execute("SELECT level, number, hash FROM seal_nodes")
        self._nodes = {(level, number): each for level, number, each in kept}
        total = _last_position(connection)
        rows = connection.execute(SELECT_ROWS_AFTER, (BEFORE_ALL, NO_LIMIT))
        for row in map(Row._make, rows):
            self._check_row(row)
            self._open(row)
            self._events += 1
            if self._events % _PROGRESS_ROWS == 0:
                self._progress(self._events, total)
        self._progress(total, total)
        self._erasures.conclude(self.report, opened=self._reader is not None)
        if self._whole and self._nodes:
            self.report(0, "Inner nodes of the seal are kept that no row completes.")

    def _check_row(self, row: Row) -> None:
        if not row.is_well_formed:
            self.log.position += 1
            fault = "The row holds a value of another type than was written."
        else:
            fault = self._sealed(row)
        if fault:
            self._whole = False
            self.report(self.log.position, fault)

    def _sealed(self, row: Row) -> str:
        try:
            made = self.log.take(row.sealed, row.leaf)
        except ValueError as error:
            return str(error)
        for node in kept_nodes(row.position, made) if self._whole else ():
            if self._nodes.pop((node.level, node.number), b"") != node.hash:
                of = 1 << (STRIDE * node.level)
                return f"One of the last {of} rows was changed, or their kept node."
        return ""

    def _open(self, row: Row) -> None:
        position = self.log.position
        if row.is_well_formed and row.state.startswith(OPEN_STATE):
            if row.topic != HANDOVER:
                self.report(position, "The row is not encrypted.")
        elif row.key is None:
            self.report(position, "The data key of the row is missing.")
        elif row.wrapped is None:
            self._erasures.note(row)
        elif self._reader is not None and row.is_well_formed:
            self._checked(position, self._erasures.read, self._reader, row)

    def _prove(self, public_key: bytes, since: str | None) -> None:
        end, tree = self.log.checkpoint(self._note), self.log.tree
        if self._whole and (end.size, end.root) != (tree.size, tree.root()):
            raise EvidenceError("The signed checkpoint is not of these rows.")
        self.log.roots[end.size] = end.root
        self._proven = tuple(self.log.proven(end, public_key, since))

    def _checked(
        self, at: int, check: Callable[P, object], *args: P.args, **named: P.kwargs
    ) -> None:
        try:
            check(*args, **named)
        except (StoreError, EvidenceError) as error:
            self.report(at, str(error))


def _last_position(connection: Statements) -> int:
    statement = "SELECT COALESCE(MAX(position), 0) FROM stored_events"
    total: int = connection.execute(statement).fetchone()[0]
    return total


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
