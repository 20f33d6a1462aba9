"""The read models' SQLite file. It can be dropped; the log rebuilds it.

Bodies are encrypted, addresses and search terms are keyed digests: an id may be a
record number, and the file shall give away as little as the log itself. Only types,
versions and instants (for date search and sorting) are clear.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.cipher import Cipher

FORM = 1
"""Raised when tables or renderings change: older read models are then made anew."""

FILE = "projections.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS progress(id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL, form INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource(type TEXT NOT NULL, key BLOB NOT NULL,
    version INTEGER NOT NULL, deleted INTEGER NOT NULL, at INTEGER NOT NULL,
    position INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (type, key, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latest(type TEXT NOT NULL, key BLOB NOT NULL,
    version INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (type, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS term(type TEXT NOT NULL, param TEXT NOT NULL,
    digest BLOB NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (type, param, digest, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_of ON term(type, key);
CREATE TABLE IF NOT EXISTS moment(type TEXT NOT NULL, param TEXT NOT NULL,
    key BLOB NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (type, key, param, low, high)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS moment_at ON moment(type, param, low);
CREATE TABLE IF NOT EXISTS work(case_id TEXT PRIMARY KEY, revision INTEGER NOT NULL,
    floored INTEGER NOT NULL, answered INTEGER NOT NULL, reviewed INTEGER NOT NULL,
    acuity INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS work_open ON work(reviewed);
CREATE TABLE IF NOT EXISTS poisoned(position INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, error TEXT NOT NULL);
"""
_DROP = "".join(
    f"DROP TABLE IF EXISTS {table};"
    for table in (
        "progress",
        "resource",
        "latest",
        "term",
        "moment",
        "work",
        "poisoned",
    )
)


class Database:
    """One writer's connection, and a fresh one for each reading thread."""

    def __init__(self, file: Path, secret: bytes, *, readonly: bool = False) -> None:
        self._file = file
        self._cipher = Cipher(secret)
        self._secret = secret
        self._readonly = readonly
        self._writer = self._open()
        if not readonly:
            self._prepare()
        self._idle: list[sqlite3.Connection] = []

    def _open(self) -> sqlite3.Connection:
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
        self._writer.executescript(_SCHEMA)
        found = self._writer.execute("SELECT form FROM progress").fetchone()
        if found is not None and found[0] != FORM:
            self._writer.executescript(_DROP + _SCHEMA)
        self._writer.execute("INSERT OR IGNORE INTO progress VALUES (1, 0, ?)", (FORM,))

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

    def seal(self, body: bytes, address: str) -> bytes:
        """Encrypt a body, bound to where it is stored."""
        return self._cipher.encrypt(body, address.encode())

    def open(self, sealed: bytes, address: str) -> bytes:
        """Decrypt a body that was sealed for this place."""
        return self._cipher.decrypt(sealed, address.encode())

    def digest(self, term: str) -> bytes:
        """Return the keyed digest under which a search term is filed (16 bytes)."""
        return hashlib.blake2b(term.encode(), digest_size=16, key=self._secret).digest()

    def key(self, identity: str) -> bytes:
        """Return the keyed digest that stands for a resource's id (16 bytes)."""
        return self.digest(f"id {identity}")

    def close(self) -> None:
        """Close every connection."""
        for connection in (*self._idle, self._writer):
            connection.close()
        self._idle.clear()


def remove(folder: Path) -> None:
    """Delete the read models of a stopped gateway."""
    for suffix in ("", "-wal", "-shm"):
        (folder / f"{FILE}{suffix}").unlink(missing_ok=True)
