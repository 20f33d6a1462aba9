"""Which assertions were used already: each proves its client once (RFC 7523, 3).

Kept on disk until they expire, so that a restart lets none in twice; by gateways that
share a log in PostgreSQL, in its schema.
"""

import hashlib
import sqlite3
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

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


class Uses(Protocol):
    """Remembers what was used; threads may ask at once."""

    def note(
        self, client: str, digest: bytes, *, expires: float, now: float, most: int
    ) -> Literal["noted", "used", "too many"]:
        """Note a use until it expires (seconds since 1970); durable on return."""
        ...

    def close(self) -> None:
        """Give back what that takes."""
        ...


class LocalUses:
    """Uses in a file of this gateway; threads take turns."""

    def __init__(self, file: Path) -> None:
        self._turn = Lock()
        self._connection = sqlite3.connect(
            file, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._connection.executescript(_SCHEMA)

    def note(
        self, client: str, digest: bytes, *, expires: float, now: float, most: int
    ) -> Literal["noted", "used", "too many"]:
        """Note a use until it expires (seconds since 1970); durable on return."""
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                noted = self._noted((digest, client, expires), now, most)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        return noted

    def _noted(
        self, row: tuple[bytes, str, float], now: float, most: int
    ) -> Literal["noted", "used", "too many"]:
        run = self._connection.execute
        run("DELETE FROM used WHERE expires <= ?", (now,))
        if run("SELECT 1 FROM used WHERE digest = ?", row[:1]).fetchone():
            return "used"
        held = run("SELECT COUNT(*) FROM used WHERE client = ?", row[1:2]).fetchone()
        if held[0] >= most:
            return "too many"
        run("INSERT INTO used VALUES (?, ?, ?)", row)
        return "noted"

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Assertions:
    """Remembers the assertions of every client, by keyed digests."""

    def __init__(self, uses: Uses, secret: bytes) -> None:
        self._uses = uses
        self._secret = secret

    def use(self, client: str, jti: str, *, expires: datetime, now: datetime) -> None:
        """Remember an assertion until it expires; durable once this returns.

        Raises:
            ReplayedError: it was used before.
            TooManyAssertionsError: the client has too many; nothing is remembered.

        """
        digest = hashlib.blake2b(
            f"{client}\0{jti}".encode(), digest_size=32, key=self._secret
        ).digest()
        noted = self._uses.note(
            client,
            digest,
            expires=expires.timestamp(),
            now=now.timestamp(),
            most=_MOST,
        )
        if noted == "used":
            raise ReplayedError("it was used before: make a new one for every request.")
        if noted == "too many":
            raise TooManyAssertionsError(
                "Too many tokens were asked for within minutes: use those you have."
            )

    def close(self) -> None:
        """Give back what remembers them."""
        self._uses.close()
