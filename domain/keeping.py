"""Requests about how long a patient's data are kept."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class HoldPatient:
    """Keep a patient's data, whoever asks for their erasure."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LiftHold:
    """Let a patient's data be erased again."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StateRetention:
    """Say for how many days after the last activity the site keeps data."""

    least_days: int | None
    most_days: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ErasePatient:
    """Destroy the data keys of a patient; `positions` are runs of events."""

    erasure_id: str
    patient: bytes
    keys: tuple[bytes, ...]
    positions: tuple[tuple[int, int], ...]
    cases: tuple[str, ...]
    jobs: tuple[str, ...]
    last_activity: datetime | None
    reason: str
    by: str
    at: datetime
