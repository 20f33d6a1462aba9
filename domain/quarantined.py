"""What happens to a request that the site's rules set aside, in the past tense.

Nothing of such a request is used: no resource, no case. Its bytes are kept until
somebody corrects it and runs it again, or says that it is not needed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with received content; it holds no received value."""

    severity: str
    code: str  # the FHIR IssueType
    id: str  # in the catalogue of issues
    expression: str
    diagnostics: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, kw_only=True)
class RequestQuarantined:
    """A request broke rules whose violations the site sets aside."""

    topic: ClassVar[str] = "intake.quarantined.v1"
    quarantine_id: str
    client: str
    method: str
    url: str  # without the base; empty for a transaction
    conditions: tuple[tuple[str, str], ...]  # header -> value, as they were sent
    received: bytes
    faults: tuple[Fault, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class QuarantineReleased:
    """What was set aside was run again, and is used from now on."""

    topic: ClassVar[str] = "intake.released.v1"
    quarantine_id: str
    received: bytes  # the corrected content; empty where it was run as it had come
    answers: tuple[tuple[str, str], ...]  # (HTTP status, versioned reference) a change
    at: datetime


@dataclass(frozen=True, kw_only=True)
class QuarantineDismissed:
    """Somebody said that what was set aside is not needed, and why."""

    topic: ClassVar[str] = "intake.dismissed.v1"
    quarantine_id: str
    reason: str
    at: datetime


QuarantineEvent = RequestQuarantined | QuarantineReleased | QuarantineDismissed
