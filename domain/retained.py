"""What is decided about keeping a patient's data, in the past tense.

None of these events says who the patient is in a way that outlives an erasure: a hold
is kept under the patient's own key, and an erasure names a keyed digest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class PatientHeld:
    """The patient's data must be kept, whoever asks for their erasure."""

    topic: ClassVar[str] = "patient.held.v1"
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HoldLifted:
    """The patient's data need no longer be kept."""

    topic: ClassVar[str] = "patient.hold-lifted.v1"
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RetentionStated:
    """The site's settings say how long data are kept; None where they say nothing."""

    topic: ClassVar[str] = "retention.stated.v1"
    least_days: int | None  # no erasure sooner after the last activity
    most_days: int | None  # an erasure is due so long after the last activity
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PatientErased:
    """The data keys of a patient were destroyed, in the same transaction.

    What was encrypted with them stays in the log, sealed and unreadable. Nothing here
    names the patient: whoever knows the name can compute the digest.
    """

    topic: ClassVar[str] = "patient.erased.v1"
    destroys_keys: ClassVar[bool] = True  # whoever reads this lets go of open keys
    erasure_id: str
    patient: bytes  # keyed digest of the patient's name in the log
    keys: tuple[bytes, ...]  # ids of the destroyed data keys
    positions: tuple[tuple[int, int], ...]  # first and last of each run of events
    cases: tuple[str, ...]  # triage cases that lost events
    jobs: tuple[str, ...]  # accepted requests whose answers told of the patient
    reason: str  # a code, no free text
    by: str
    at: datetime

    @property
    def events(self) -> int:
        """Return how many events nobody can read any more."""
        return sum(last - first + 1 for first, last in self.positions)


RetentionEvent = PatientHeld | HoldLifted | RetentionStated | PatientErased
