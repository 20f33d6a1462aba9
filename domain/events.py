"""Every fact that the log can hold. A released event is never edited.

New detail becomes a new field with a default; new meaning a new class. The log stores
the wire name in `topic`, so classes and modules may move.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, get_args

from domain.access import AccessEvent
from domain.answers import Draft, ModelRun, Review, Reviewer
from domain.claimed import EpisodeEvent, IdentityEvent, RequestAnswered
from domain.kinship import KinshipEvent
from domain.quarantined import QuarantineEvent
from domain.registered import RegistryEvent
from domain.restored import LogRestored
from domain.retained import RetentionEvent
from domain.ruled import UNKNOWN, RulesEvent, Standing
from domain.served import Raises, ServingEvent
from domain.shelved import KnowledgeEvent
from domain.values import Acuity, Case, Floor, Reference


@dataclass(frozen=True, kw_only=True)
class RecordAccepted:
    """A resource was received for the first time; its bytes are kept as sent."""

    topic: ClassVar[str] = "record.accepted.v1"
    reference: Reference
    received: bytes
    links: tuple[tuple[str, str], ...] = ()  # references as sent -> as resolved
    identifiers: tuple[str, ...] = ()  # system|value, as they are claimed
    patient: str = ""  # whose data it is, "" where nobody's
    violations: tuple[str, ...] = ()  # ids of issues that the site lets pass, tagged


@dataclass(frozen=True, kw_only=True)
class RecordCorrected:
    """A newer version of a known resource was received."""

    topic: ClassVar[str] = "record.corrected.v1"
    reference: Reference
    received: bytes
    links: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[str, ...] = ()  # system|value, as they are claimed
    patient: str = ""  # whose data it is, "" where nobody's
    violations: tuple[str, ...] = ()  # ids of issues that the site lets pass, tagged


@dataclass(frozen=True, kw_only=True)
class RecordWithdrawn:
    """A resource was deleted by its sender; its history stays."""

    topic: ClassVar[str] = "record.withdrawn.v1"
    reference: Reference


@dataclass(frozen=True, kw_only=True)
class CaseOpened:
    """A complaint or a current vital sign asks for triage."""

    topic: ClassVar[str] = "case.opened.v1"
    case_id: str
    patient: Reference
    encounter: Reference | None
    previous: str | None
    triggers: tuple[Reference, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseInformed:
    """New data arrived before a nurse had reviewed; the assessment is out of date."""

    topic: ClassVar[str] = "case.informed.v1"
    encounter: Reference | None
    triggers: tuple[Reference, ...]


@dataclass(frozen=True, kw_only=True)
class FloorAssessed:
    """The deterministic rules gave an acuity for the case as it stood."""

    topic: ClassVar[str] = "assessment.floored.v1"
    revision: int
    case: Case
    floor: Floor
    standing: Standing = UNKNOWN  # of the rules: whose, signed by whom


@dataclass(frozen=True, kw_only=True)
class ImpressionProposed:
    """The model's draft passed every guard; `acuity` is the composed level."""

    topic: ClassVar[str] = "assessment.proposed.v1"
    revision: int
    run: ModelRun
    draft: Draft
    acuity: Acuity
    raises: Raises | None = None  # where the model raised more often than it should


@dataclass(frozen=True, kw_only=True)
class ImpressionWithheld:
    """No draft may be shown; the floor's assessment stands alone."""

    topic: ClassVar[str] = "assessment.withheld.v1"
    revision: int
    reasons: tuple[str, ...]
    run: ModelRun | None = None


@dataclass(frozen=True, kw_only=True)
class TaskAccepted:
    """A nurse took the Task."""

    topic: ClassVar[str] = "task.accepted.v1"
    by: Reviewer
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class TaskStarted:
    """The nurse who holds the Task began the review."""

    topic: ClassVar[str] = "task.started.v1"
    by: Reviewer
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class TaskReleased:
    """The nurse handed the Task back to the queue."""

    topic: ClassVar[str] = "task.released.v1"
    by: Reviewer
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class TaskDeclined:
    """The nurse said 'not me'; a new Task asks for somebody else."""

    topic: ClassVar[str] = "task.declined.v1"
    by: Reviewer
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AssessmentAccepted:
    """A nurse confirmed the assessment."""

    topic: ClassVar[str] = "assessment.accepted.v1"
    by: Reviewer
    review: Review
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AssessmentOverridden:
    """A nurse gave another acuity."""

    topic: ClassVar[str] = "assessment.overridden.v1"
    by: Reviewer
    review: Review
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AssessmentCorrected:
    """A nurse replaced the content of the assessment."""

    topic: ClassVar[str] = "assessment.corrected.v1"
    by: Reviewer
    review: Review
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AssessmentRecalled:
    """Something that the assessment used was recalled: a nurse has to look again."""

    topic: ClassVar[str] = "assessment.recalled.v1"
    by: Reviewer
    matched: tuple[tuple[str, str], ...]  # kind and value of all that was recalled
    reason: str
    version: int  # the newest FHIR version of the assessment that used it
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskEscalated:
    """No nurse took the Task in its time: it is overdue, and more urgent from here."""

    topic: ClassVar[str] = "task.escalated.v1"
    task: int
    step: int  # how often it has happened to this Task
    acuity: Acuity  # whose priority the Task has now
    due: datetime  # by when a nurse should have taken it
    at: datetime


RecordEvent = RecordAccepted | RecordCorrected | RecordWithdrawn
TaskEvent = TaskAccepted | TaskStarted | TaskReleased | TaskDeclined
ReviewEvent = AssessmentAccepted | AssessmentOverridden | AssessmentCorrected
MachineEvent = FloorAssessed | ImpressionProposed | ImpressionWithheld
AssessmentEvent = (
    CaseOpened
    | CaseInformed
    | MachineEvent
    | TaskEvent
    | ReviewEvent
    | AssessmentRecalled
    | TaskEscalated
)
Kept = RecordEvent | IdentityEvent | RequestAnswered | EpisodeEvent | AssessmentEvent
Event = (
    Kept
    | AccessEvent
    | KinshipEvent
    | QuarantineEvent
    | RetentionEvent
    | RulesEvent
    | ServingEvent
    | RegistryEvent
    | KnowledgeEvent
    | LogRestored
)

REGISTRY: dict[str, type[Event]] = {kind.topic: kind for kind in get_args(Event)}
"""Every event by its wire name: exactly those of the union."""
