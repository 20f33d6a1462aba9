"""The read models' SQLite file. It can be dropped; the log rebuilds it.

Bodies are encrypted, addresses and search terms are keyed digests: an id may be a
record number, and the file shall give away as little as the log itself. Only types,
versions and instants (for date search and sorting) are clear, and no date of a person.

A version has a serial number that grows along the log. Whatever is filed of a resource
is filed under the serial number of its current version, so that rows are appended.
`term` and `moment` begin with it, to check one resource and to forget an old version;
the index `term_filed` finds resources by a digest, in the order of serial numbers.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.values import Reference
from gateway.projections.digests import Digests
from gateway.projections.parameters import fingerprint
from gateway.store.cipher import Cipher

FORM = 5
"""Raised when tables or renderings change: older read models are then made anew."""

FILE = "projections.sqlite"
AUDIT_FILE = "audit.sqlite"
"""A file of its own: what tells of accesses shall not slow what nurses see."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS progress(id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL, form INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource(serial INTEGER PRIMARY KEY, type TEXT NOT NULL,
    key BLOB NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
    at INTEGER NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS resource_place ON resource(type, key, version);
CREATE INDEX IF NOT EXISTS resource_told ON resource(type, serial, at);
CREATE TABLE IF NOT EXISTS latest(serial INTEGER PRIMARY KEY, type TEXT NOT NULL,
    key BLOB NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
    address BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS latest_address ON latest(address);
CREATE INDEX IF NOT EXISTS latest_kind ON latest(type);
CREATE INDEX IF NOT EXISTS latest_at ON latest(type, at);
CREATE TABLE IF NOT EXISTS term(serial INTEGER NOT NULL, param INTEGER NOT NULL,
    digest BLOB NOT NULL, PRIMARY KEY (serial, param, digest)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_filed ON term(param, digest);
CREATE TABLE IF NOT EXISTS moment(serial INTEGER NOT NULL, param INTEGER NOT NULL,
    low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (serial, param, low, high)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS moment_low ON moment(param, low, serial, high);
CREATE INDEX IF NOT EXISTS moment_high ON moment(param, high, low);
CREATE TABLE IF NOT EXISTS work(case_id TEXT PRIMARY KEY, revision INTEGER NOT NULL,
    floored INTEGER NOT NULL, answered INTEGER NOT NULL, reviewed INTEGER NOT NULL,
    acuity INTEGER NOT NULL, due INTEGER NOT NULL, overdue INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS work_due ON work(due) WHERE reviewed = 0 AND due > 0;
CREATE INDEX IF NOT EXISTS work_open ON work(reviewed);
CREATE INDEX IF NOT EXISTS work_unfloored ON work(case_id)
    WHERE reviewed = 0 AND floored < revision;
CREATE INDEX IF NOT EXISTS work_unanswered ON work(acuity, case_id)
    WHERE reviewed = 0 AND floored = revision AND answered < revision;
CREATE TABLE IF NOT EXISTS quarantine(id TEXT PRIMARY KEY, position INTEGER NOT NULL,
    status TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS quarantine_at ON quarantine(position);
CREATE TABLE IF NOT EXISTS poisoned(position INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, error TEXT NOT NULL);
"""
# Digests fall anywhere in an index: with SQLite's 2 MiB of cache and a checkpoint every
# 4 MiB the same pages were read and written over and over.
# What an erasure deletes shall not stay in pages that are free.
_FOR_WRITING = (
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 8192",
    "PRAGMA secure_delete = ON",
)
_PATIENCE_MS = 2000
_DROP = "".join(
    f"DROP TABLE IF EXISTS {table};"
    for table in (
        "progress",
        "resource",
        "latest",
        "term",
        "moment",
        "work",
        "quarantine",
        "poisoned",
    )
)


class Database:
    """One writer's connection, and a fresh one for each reading thread.

    Without a file there are no readers: rows are made, to be written elsewhere.
    """

    def __init__(
        self, file: Path | None, secret: bytes, *, readonly: bool = False
    ) -> None:
        self._file = file
        self._cipher = Cipher(secret)
        self._secret = secret
        self.digests = Digests(secret)
        self._readonly = readonly
        self._writer = self._open()
        if not readonly:
            self._prepare()
        self._idle: list[sqlite3.Connection] = []

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            return sqlite3.connect(":memory:", isolation_level=None)
        mode = "ro" if self._readonly else "rwc"
        connection = sqlite3.connect(
            f"{self._file.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=30,
        )
        if not self._readonly:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _prepare(self) -> None:
        """Make the tables; let the log fill them again where their form is older."""
        for pragma in _FOR_WRITING:
            self._writer.execute(pragma)
        self.shed()
        form = FORM << 32 | fingerprint()
        if self._form() not in (None, form):
            self._writer.executescript(_DROP)
        self._writer.executescript(_SCHEMA)
        self._writer.execute("INSERT OR IGNORE INTO progress VALUES (1, 0, ?)", (form,))

    def _form(self) -> int | None:
        """Return the form of the tables that are there, None where there are none."""
        try:
            found = self._writer.execute("SELECT form FROM progress").fetchone()
        except sqlite3.OperationalError:
            return None
        return int(found[0]) if found else None

    @property
    def writer(self) -> sqlite3.Connection:
        """Return the connection of the one thread that projects."""
        return self._writer

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection whose reads all see the same state."""
        connection = self._lent()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            self._idle.append(connection)

    def _lent(self) -> sqlite3.Connection:
        # Asked, not looked up first: another thread may take the last one between.
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def position(self, connection: sqlite3.Connection | None = None) -> int:
        """Return the position of the last event that the read models show."""
        rows = (connection or self._writer).execute("SELECT position FROM progress")
        position: int = rows.fetchone()[0]
        return position

    def shed(self) -> None:
        """Leave nothing that was deleted in the write-ahead log.

        A reader that is under way may prevent it; the next start does it again.
        """
        self._writer.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.execute("PRAGMA busy_timeout = 30000")

    def seal(self, body: bytes, address: str) -> bytes:
        """Encrypt a body, bound to where it is stored."""
        return self._cipher.encrypt(body, address.encode())

    def open(self, sealed: bytes, address: str) -> bytes:
        """Decrypt a body that was sealed for this place."""
        return self._cipher.decrypt(sealed, address.encode())

    def key(self, identity: str) -> bytes:
        """Return the keyed digest that stands for a resource's id (16 bytes)."""
        return self.digests.keyed("id", identity)

    def address(self, reference: Reference) -> bytes:
        """Return the digest under which references to a resource are filed."""
        return self.digests.word(str(reference.unversioned()))

    def close(self) -> None:
        """Close every connection."""
        for connection in (*self._idle, self._writer):
            connection.close()
        self._idle.clear()


def remove(folder: Path) -> None:
    """Delete the read models of a stopped gateway."""
    for file in (FILE, AUDIT_FILE):
        remove_file(folder / file)


def draft_of(file: Path) -> Path:
    """Return where read models are made anew, until they take the place of a file."""
    return file.with_name(f"{file.name}.part")


def remove_file(file: Path) -> None:
    """Delete one file of read models, and what belongs to it."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
