"""Prove from the file alone that nothing in the log was changed, moved or removed."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec

from gateway.store.chain import ChainCheck
from gateway.store.errors import LogDamagedError, LogMissingError, StoreError
from gateway.store.founding import read_head, read_identity
from gateway.store.keyfile import default_key_file
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
from gateway.store.seal import FORMAT_VERSION, Head, LogIdentity, SignedHead, is_signed

_LISTED_PROBLEMS: Final = 100
_PROGRESS_ROWS: Final = 500

P = ParamSpec("P")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was written; position 0 is the log as a whole."""

    position: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What verification found; the log is as it was written if nothing is wrong.

    `position` and `chain_hex` are the verified head, to be noted by an auditor.
    `authenticated` tells whether the key-encryption key was there, so that every
    ciphertext was checked and not only the seal over it.
    """

    position: int
    chain_hex: str
    events: int
    erased: int
    authenticated: bool
    problems: tuple[Problem, ...]


def verify(
    folder: Path,
    *,
    kek_file: Path | None = None,
    expected: Head | None = None,
    public_key: bytes | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check every row of a stopped or a running log, as of now.

    `expected` is a head noted earlier: only it shows that the whole file was
    replaced by an older one. `public_key` (32 bytes) is the log's key as the
    auditor knows it, so that the file need not be believed. `progress` is told
    how many rows of how many are done.

    Raises:
        LogMissingError: if the folder holds no log.
        KeyFileError: if a key file is there, or was named, and does not fit.

    """
    default = default_key_file(folder)
    key_file = kek_file or (default if default.exists() else None)
    audit = _Audit(expected=expected, progress=progress or _silent)
    try:
        with snapshot(folder) as connection:
            audit.run(connection, key_file, public_key)
    except LogDamagedError as error:
        audit.report(audit.chain.head.position, str(error))
    return audit.verdict()


class _Audit:
    """One pass over one log."""

    def __init__(self, *, expected: Head | None, progress: Progress) -> None:
        self.chain = ChainCheck(Head(0, b""))
        self._expected = expected
        self._progress = progress
        self._reader: RowReader | None = None
        self._events = 0
        self._erased = 0
        self._problems: list[Problem] = []
        self._unlisted = 0

    def run(
        self,
        connection: sqlite3.Connection,
        key_file: Path | None,
        public_key: bytes | None,
    ) -> None:
        identity = read_identity(connection)
        if identity is None:
            raise LogMissingError("The log was never begun. Start the gateway once.")
        self.chain = ChainCheck(Head(0, identity.genesis()))
        self._check_identity(identity, public_key)
        if key_file is not None:
            self._check_keys(connection, identity, key_file)
        self._check_rows(connection)
        self._check_head(read_head(connection), identity)

    def report(self, position: int, sentence: str) -> None:
        if len(self._problems) < _LISTED_PROBLEMS:
            self._problems.append(Problem(position, sentence))
        else:
            self._unlisted += 1

    def verdict(self) -> Verdict:
        problems = tuple(self._problems)
        if self._unlisted:
            more = f"{self._unlisted} further problems are not listed."
            problems = (*problems, Problem(0, more))
        return Verdict(
            position=self.chain.head.position,
            chain_hex=self.chain.head.chain.hex(),
            events=self._events,
            erased=self._erased,
            authenticated=self._reader is not None,
            problems=problems,
        )

    def _check_identity(self, identity: LogIdentity, public_key: bytes | None) -> None:
        if identity.format_version != FORMAT_VERSION:
            self.report(0, "The log states a format that this program does not know.")
        if public_key not in (None, identity.public_key):
            self.report(0, "The log states another public key than the one given.")

    def _check_keys(
        self, connection: sqlite3.Connection, identity: LogIdentity, key_file: Path
    ) -> None:
        try:
            self._reader = unlock(connection, identity, key_file).reader()
        except LogDamagedError as error:
            self.report(0, str(error))
            return
        for key in map(KeyRow._make, connection.execute(SELECT_KEYS)):
            if key.wrapped is not None:
                self._checked(0, self._reader.keyring.unwrapped, key, key.wrapped)

    def _check_rows(self, connection: sqlite3.Connection) -> None:
        total = _last_position(connection)
        self._compare(self.chain.head)
        for row in _rows(connection):
            for sentence in self.chain.follow(row):
                self.report(self.chain.head.position, sentence)
            self._open(row)
            self._events += 1
            self._compare(self.chain.head)
            if self._events % _PROGRESS_ROWS == 0:
                self._progress(self._events, total)
        self._progress(total, total)

    def _open(self, row: Row) -> None:
        position = self.chain.head.position
        if row.key is None:
            self.report(position, "The data key of the row is missing.")
        elif row.wrapped is None:
            self._erased += 1
        elif self._reader is not None and row.is_well_formed:
            self._checked(position, self._reader.entry, row)

    def _checked(
        self, at: int, check: Callable[P, object], *args: P.args, **named: P.kwargs
    ) -> None:
        try:
            check(*args, **named)
        except StoreError as error:
            self.report(at, str(error))

    def _compare(self, head: Head) -> None:
        expected = self._expected
        if expected and head.position == expected.position and head != expected:
            self.report(
                head.position,
                "The chain differs from the head that was noted: the log, or all "
                "of it up to here, was replaced.",
            )

    def _check_head(self, signed: SignedHead, identity: LogIdentity) -> None:
        end = self.chain.head
        if not is_signed(signed, identity):
            self.report(end.position, "The head's signature does not hold.")
        if signed.head != end:
            self.report(
                end.position,
                f"The log ends at position {end.position}, but the head was signed "
                f"for position {signed.head.position}: rows at the end were removed, "
                "added or changed.",
            )
        if self._expected and self._expected.position > end.position:
            self.report(
                end.position,
                f"The log ends before position {self._expected.position}, which was "
                "noted: it was replaced by an older one.",
            )


def _rows(connection: sqlite3.Connection) -> Iterator[Row]:
    yield from map(
        Row._make, connection.execute(SELECT_ROWS_AFTER, (BEFORE_ALL, NO_LIMIT))
    )


def _last_position(connection: sqlite3.Connection) -> int:
    statement = "SELECT COALESCE(MAX(position), 0) FROM stored_events"
    total: int = connection.execute(statement).fetchone()[0]
    return total


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
