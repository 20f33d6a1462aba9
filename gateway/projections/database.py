"""The read models' SQLite file. It can be dropped; the log rebuilds it.

Bodies are encrypted, addresses and search terms are keyed digests: an id may be a
record number, and the file shall give away as little as the log itself. Only types,
versions and instants (for date search and sorting) are clear, and no date of a person.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from domain.values import Reference
from gateway.projections.digests import Digests
from gateway.projections.faults import is_corrupt
from gateway.projections.parameters import fingerprint
from gateway.projections.tables import DROP, SCHEMA
from gateway.store.cipher import Cipher

FORM = 6
"""Raised when tables or renderings change: older read models are then made anew."""

FILE = "projections.sqlite"
AUDIT_FILE = "audit.sqlite"
"""A file of its own: what tells of accesses shall not slow what nurses see."""
# Digests fall anywhere in an index: with SQLite's 2 MiB of cache and a checkpoint every
# 4 MiB the same pages were read and written over and over.
# What an erasure deletes shall not stay in pages that are free.
_FOR_WRITING = (
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 8192",
    "PRAGMA secure_delete = ON",
)
_PATIENCE_MS = 2000
_CONDEMNED = 1
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE name = 'progress'"


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
        self._turn = Lock()  # of those who take a connection, and who replaces the file
        self.condemned = False

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
            self._writer.executescript(DROP)
        self._writer.executescript(SCHEMA)
        self._writer.execute("INSERT OR IGNORE INTO progress VALUES (1, 0, ?)", (form,))

    def _form(self) -> int | None:
        """Return the form of the tables that are there, None where there are none."""
        if not self._writer.execute(_IS_THERE).fetchone():
            return None
        found = self._writer.execute("SELECT form FROM progress").fetchone()
        return int(found[0]) if found else None

    @property
    def writer(self) -> sqlite3.Connection:
        """Return the connection of the one thread that projects."""
        return self._writer

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection whose reads all see the same state."""
        with self._turn:
            idle = self._idle
            connection = idle.pop() if idle else self._open()
        connection.execute("BEGIN")
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            if is_corrupt(error) and idle is self._idle:  # not of a file that is gone
                self.condemn()
            raise
        finally:
            connection.execute("ROLLBACK")
            self._take_back(connection, idle)

    def _take_back(
        self, connection: sqlite3.Connection, idle: list[sqlite3.Connection]
    ) -> None:
        with self._turn:
            if idle is self._idle:
                idle.append(connection)
            else:  # it reads a file that was replaced meanwhile
                connection.close()

    def condemn(self) -> None:
        """Mark a corrupt file, so that it is made anew, also by another process.

        A file in which not even that can be written is known at the next start.
        """
        self.condemned = True
        if self._file is None or self._readonly:
            return
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(self._file, timeout=_PATIENCE_MS / 1000)) as file,
        ):
            file.execute(f"PRAGMA user_version = {_CONDEMNED}")

    def is_condemned(self) -> bool:
        """Say whether somebody found the file corrupt, or it cannot even say so."""
        if self.condemned:
            return True
        try:
            found = self._writer.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            if not is_corrupt(error):
                raise
            return True
        return bool(found[0] == _CONDEMNED)

    def begin_anew(self) -> None:
        """Put an empty file in the place of this one; the log fills it again.

        Whoever still reads the old one reads it to the end. Where the disk refuses, the
        file stays condemned: the next one who looks begins again.
        """
        if self._file is None:
            return
        with self._turn:
            self.condemned = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle = []
            remove_file(self._file)
            self._writer = self._open()
            self._prepare()
            self.condemned = False

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
