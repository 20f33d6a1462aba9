"""Which assertions were used already: each proves its client once (RFC 7523, 3).

Kept on disk until they expire, so that a restart lets none in twice.
"""

import hashlib
import sqlite3
from datetime import datetime
from pathlib import Path
from threading import Lock

FILE = "assertions.sqlite"
_MOST = 10_000  # unexpired ones of a client: more than 30 a second for five minutes
_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS used(digest BLOB PRIMARY KEY, client TEXT NOT NULL,
    expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS used_until ON used(expires);
CREATE INDEX IF NOT EXISTS used_by ON used(client);
"""


class ReplayedError(Exception):
    """An assertion was used before."""


class TooManyAssertionsError(Exception):
    """A client has more unexpired assertions than are remembered (HTTP 429)."""


class Assertions:
    """Remembers the assertions of every client; threads take turns."""

    def __init__(self, file: Path, secret: bytes) -> None:
        self._secret = secret
        self._turn = Lock()
        self._connection = sqlite3.connect(
            file, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._connection.executescript(_SCHEMA)

    def use(self, client: str, jti: str, *, expires: datetime, now: datetime) -> None:
        """Remember an assertion until it expires; durable once this returns.

        Raises:
            ReplayedError: it was used before.
            TooManyAssertionsError: the client has too many; nothing is remembered.

        """
        digest = hashlib.blake2b(
            f"{client}\0{jti}".encode(), digest_size=32, key=self._secret
        ).digest()
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._remember(client, digest, expires.timestamp(), now.timestamp())
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _remember(self, client: str, digest: bytes, expires: float, now: float) -> None:
        run = self._connection.execute
        run("DELETE FROM used WHERE expires <= ?", (now,))
        if run("SELECT 1 FROM used WHERE digest = ?", (digest,)).fetchone():
            raise ReplayedError("it was used before: make a new one for every request.")
        held = run("SELECT COUNT(*) FROM used WHERE client = ?", (client,)).fetchone()
        if held[0] >= _MOST:
            raise TooManyAssertionsError(
                "Too many tokens were asked for within minutes: use those you have."
            )
        run("INSERT INTO used VALUES (?, ?, ?)", (digest, client, expires))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
