"""What the verification of a log found."""

from dataclasses import dataclass
from typing import Final

_LISTED: Final = 100


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was written; position 0 is the log as a whole."""

    position: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What verification found; the log is as it was written if nothing is wrong.

    `proven` says what that is worth; `note` is the newest checkpoint as the log holds
    it, to be kept by an auditor. `authenticated` tells whether the key-encryption key
    was there, so that every ciphertext was checked and not only the seal over it.
    """

    position: int
    note: str
    events: int
    erased: int
    authenticated: bool
    problems: tuple[Problem, ...]
    proven: tuple[str, ...] = ()


class Problems:
    """What was found on the way; of very many the first are listed."""

    def __init__(self) -> None:
        self._listed: list[Problem] = []
        self._unlisted = 0

    def add(self, position: int, sentence: str) -> None:
        """Note a problem; position 0 is the log as a whole."""
        if len(self._listed) < _LISTED:
            self._listed.append(Problem(position, sentence))
        else:
            self._unlisted += 1

    def listed(self) -> tuple[Problem, ...]:
        """Return the first, and how many there are beside."""
        if not self._unlisted:
            return tuple(self._listed)
        more = f"{self._unlisted} further problems are not listed."
        return (*self._listed, Problem(0, more))
