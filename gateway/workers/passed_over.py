"""Cases for which a worker can do nothing, so that it goes on with the others."""

import math
import sqlite3
import time
from typing import Final

import structlog

from gateway.projections.faults import is_unreadable
from gateway.store.errors import StoreError

_PASSING: Final = (StoreError, sqlite3.Error, OSError, MemoryError)
_REST_S: Final = 60.0
_LOG = structlog.get_logger()


def is_of_a_case(error: Exception) -> bool:
    """Say whether a case's data are at fault, or the program at this case.

    Not so what passes: the disk, the database, the log. What is damaged stays so: it is
    a reason to look at the patient, not to wait. An error that nobody foresaw counts
    against the case, as it does not against an event (`gateway.projections.faults`):
    a case is tried again, and a worker that stopped would keep every patient waiting.
    """
    return is_unreadable(error) or not isinstance(error, _PASSING)


class PassedOver:
    """Names each such case once in the program's log, at the revision that failed.

    Its events cannot be read, or cannot be followed: nothing can be recorded of it
    until somebody has looked. It is tried again all the same.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._tried: dict[str, tuple[int, float]] = {}  # at which revision, and when

    def __len__(self) -> int:
        return len(self._tried)

    def has(self, case_id: str, revision: int = 0) -> bool:
        """Say whether a case was passed over at this revision."""
        tried = self._tried.get(case_id)
        return tried is not None and tried[0] == revision

    def rests(self, case_id: str, revision: int = 0) -> bool:
        """Say whether that was of late: it need not be tried again so soon."""
        known, tried = self._tried.get(case_id, (revision, -math.inf))
        return known == revision and time.monotonic() - tried < _REST_S

    def done(self, case_id: str) -> None:
        """Forget a case: it is not at fault any more, or nothing is left to do."""
        self._tried.pop(case_id, None)

    def of_others(
        self, error: Exception, case_id: str, revision: int = 0
    ) -> list[Exception]:
        """Pass over a case that is at fault itself; give back any other fault."""
        if not is_of_a_case(error):
            return [error]
        if not self.has(case_id, revision):
            name = type(error).__name__
            _LOG.error(
                "case.passed_over", case=case_id, worker=self._worker, error=name
            )
        self._tried[case_id] = (revision, time.monotonic())
        return []
