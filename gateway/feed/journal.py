"""What a gateway has acknowledged, so that an interrupted push goes on."""

import hashlib
import os
from pathlib import Path


class JournalError(Exception):
    """The journal cannot be read or written; the message says why."""


class Journal:
    """A file of hashes, one a line: no name, no path, nothing of a patient.

    `again` forgets, for this push, what was acknowledged before.

    Raises:
        JournalError: the file cannot be read.

    """

    def __init__(self, path: Path, url: str, *, again: bool = False) -> None:
        self._path = path
        self._url = url
        try:
            text = path.read_text(errors="replace") if path.exists() else ""
        except OSError as error:
            raise JournalError(f"{path} cannot be read: {error.strerror}.") from None
        self._known = frozenset() if again else frozenset(text.split())
        # A line that a crash cut off must not swallow the next one.
        self._torn = bool(text) and not text.endswith("\n")

    def knows(self, digest: str) -> bool:
        """Say whether this gateway acknowledged a file of that digest."""
        return self._line(digest) in self._known

    def note(self, digest: str) -> None:
        """Remember, durably, that this gateway acknowledged a file.

        Raises:
            JournalError: the journal cannot be written.

        """
        line = self._line(digest)
        try:
            with self._path.open("a") as file:
                file.write(f"\n{line}\n" if self._torn else f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise JournalError(
                f"{self._path} cannot be written: {error.strerror}."
            ) from None
        self._torn = False
        self._known |= {line}

    def _line(self, digest: str) -> str:
        return hashlib.sha256(f"{self._url}\n{digest}".encode()).hexdigest()
