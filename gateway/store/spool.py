"""Requests that were accepted and are carried out later, sealed on the disk.

What `keep` has returned for is there after any crash, until `finish` has put its
answer in its place, or `remove` has. Every part is encrypted and bound to its request.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from gateway.store.cipher import Cipher
from gateway.store.errors import LogUnavailableError

FILE: Final = "jobs.sqlite"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS job(id TEXT PRIMARY KEY, at INTEGER NOT NULL,
    begun INTEGER NOT NULL, done INTEGER NOT NULL, head BLOB NOT NULL,
    content BLOB NOT NULL) WITHOUT ROWID;
"""


class Spooled(NamedTuple):
    """What is known of a request without its content."""

    id: str
    at: int
    """Microseconds since 1970: of its acceptance, or of its answer once it is done."""
    begun: int
    """How often somebody began to carry it out."""
    done: bool
    head: bytes


class Spool:
    """A file of its own; for every thread, one at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._cipher = Cipher(secret)
        self._lock = Lock()
        self._connection = sqlite3.connect(
            folder / FILE, isolation_level=None, check_same_thread=False, timeout=30
        )
        with self._disk() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            connection.executescript(SCHEMA)

    def keep(self, identity: str, *, at: int, head: bytes, content: bytes) -> None:
        """Keep a request; once this returns, it outlives a crash.

        Raises:
            LogUnavailableError: the disk refused it.

        """
        values = (identity, at, *self._sealed(identity, "asked", head, content))
        with self._disk() as connection:
            connection.execute("INSERT INTO job VALUES (?, ?, 0, 0, ?, ?)", values)

    def begin(self, identity: str) -> bytes:
        """Note that the request is begun once more, and return its content."""
        with self._disk() as connection:
            connection.execute(
                "UPDATE job SET begun = begun + 1 WHERE id = ?", (identity,)
            )
        return self.content(identity, done=False)

    def finish(self, identity: str, *, at: int, head: bytes, content: bytes) -> None:
        """Put the answer in the place of the request."""
        sealed = self._sealed(identity, "answered", head, content)
        with self._disk() as connection:
            connection.execute(
                "UPDATE job SET at = ?, done = 1, head = ?, content = ? WHERE id = ?",
                (at, *sealed, identity),
            )

    def remove(self, identity: str) -> None:
        """Forget a request, or its answer."""
        with self._disk() as connection:
            connection.execute("DELETE FROM job WHERE id = ?", (identity,))

    def content(self, identity: str, *, done: bool) -> bytes:
        """Return the content of a request, or of its answer.

        Raises:
            LookupError: it is not there, or not any more.

        """
        with self._disk() as connection:
            rows = connection.execute(
                "SELECT content FROM job WHERE id = ? AND done = ?", (identity, done)
            )
            row = rows.fetchone()
        if row is None:
            raise LookupError("No request of this id is kept in this state.")
        return self._opened(identity, "content", row[0], done=done)

    def every(self) -> list[Spooled]:
        """Return all that is kept, in the order in which it came."""
        with self._disk() as connection:
            rows = connection.execute(
                "SELECT id, at, begun, done, head FROM job ORDER BY at, id"
            ).fetchall()
        return [
            Spooled(
                id=identity,
                at=at,
                begun=begun,
                done=bool(done),
                head=self._opened(identity, "head", head, done=bool(done)),
            )
            for identity, at, begun, done, head in rows
        ]

    def shed(self) -> None:
        """Leave nothing that was removed in the write-ahead log."""
        with self._disk() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _disk(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise LogUnavailableError(
                    "The disk refused an accepted request's file: see that it has "
                    "room and is writable, then send the request again."
                ) from error

    def _sealed(
        self, identity: str, state: str, head: bytes, content: bytes
    ) -> tuple[bytes, bytes]:
        seal = self._cipher.encrypt
        return (
            seal(head, f"{identity}/{state}/head".encode()),
            seal(content, f"{identity}/{state}/content".encode()),
        )

    def _opened(self, identity: str, part: str, sealed: bytes, *, done: bool) -> bytes:
        state = "answered" if done else "asked"
        return self._cipher.decrypt(sealed, f"{identity}/{state}/{part}".encode())
