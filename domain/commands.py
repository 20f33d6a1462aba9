"""Every request that a state machine may grant or refuse, in the imperative."""

from dataclasses import dataclass
from datetime import datetime

from domain.answers import Draft, ModelRun, Review, Reviewer
from domain.quarantined import Fault
from domain.ruled import UNKNOWN, SiteRules, Standing
from domain.served import Raises
from domain.values import Case, Floor, Reference


@dataclass(frozen=True, kw_only=True)
class AcceptRecord:
    """Keep a received resource; `if_match` is the version its sender believes in.

    With `if_absent` the sender believes that there is none.
    """

    reference: Reference
    received: bytes
    links: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[str, ...] = ()
    patient: str = ""
    violations: tuple[str, ...] = ()
    if_match: int | None = None
    if_absent: bool = False


@dataclass(frozen=True, kw_only=True)
class WithdrawRecord:
    """Delete a resource; its history stays."""

    reference: Reference
    if_match: int | None = None


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """Ask for triage of a patient, or of one encounter."""

    case_id: str
    patient: Reference
    encounter: Reference | None
    previous: str | None
    triggers: tuple[Reference, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InformCase:
    """Tell an open case that new data have arrived."""

    encounter: Reference | None
    triggers: tuple[Reference, ...]


@dataclass(frozen=True, kw_only=True)
class RecordFloor:
    """Hand in the floor's assessment of one revision of the case."""

    revision: int
    case: Case
    floor: Floor
    standing: Standing = UNKNOWN


@dataclass(frozen=True, kw_only=True)
class ProposeImpression:
    """Hand in the model's checked draft for one revision of the case."""

    revision: int
    run: ModelRun
    draft: Draft
    raises: Raises | None = None  # where the model raises more often than it should


@dataclass(frozen=True, kw_only=True)
class WithholdImpression:
    """Say that there is no draft to show for one revision of the case, and why."""

    revision: int
    reasons: tuple[str, ...]
    run: ModelRun | None = None


@dataclass(frozen=True, kw_only=True)
class TaskCommand:
    """What every change of a Task states: which Task, which version, by whom."""

    task: int
    version: int
    by: Reviewer
    received: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AcceptTask(TaskCommand):
    """Take the Task."""


@dataclass(frozen=True, kw_only=True)
class StartTask(TaskCommand):
    """Begin the review."""


@dataclass(frozen=True, kw_only=True)
class ReleaseTask(TaskCommand):
    """Hand the Task back to the queue."""


@dataclass(frozen=True, kw_only=True)
class DeclineTask(TaskCommand):
    """Say 'not me'."""


@dataclass(frozen=True, kw_only=True)
class CompleteTask(TaskCommand):
    """Decide on the assessment."""

    review: Review


@dataclass(frozen=True, kw_only=True)
class RecallAssessment:
    """Ask a nurse to look again, because of something that the assessment used.

    `version` is the newest FHIR version of the assessment that used it.
    """

    by: Reviewer
    matched: tuple[tuple[str, str], ...]
    reason: str
    version: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """Keep a request that breaks rules, without using anything of it."""

    quarantine_id: str
    client: str
    method: str
    url: str
    conditions: tuple[tuple[str, str], ...]
    received: bytes
    faults: tuple[Fault, ...]
    at: datetime
    named: bool = False  # the caller chose the key under which it is repeated


@dataclass(frozen=True, kw_only=True)
class ReleaseQuarantine:
    """Say what became of a request that was set aside and run again."""

    quarantine_id: str
    received: bytes
    answers: tuple[tuple[str, str], ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DismissQuarantine:
    """Say that a request that was set aside is not needed."""

    quarantine_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ConfigureRules:
    """Note the rules that the site adds, where they are not those of before."""

    site: SiteRules
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SignRules:
    """Answer, as a clinician, for the catalogue of rules of one hash."""

    by: str
    role: str
    registration: str
    catalogue: str  # hash, as it stands on the page that was reviewed
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EscalateTask:
    """Say that no nurse has taken the Task in its time; `step` counts from 1."""

    task: int
    step: int
    at: datetime


QuarantineCommand = SetAside | ReleaseQuarantine | DismissQuarantine
NurseCommand = AcceptTask | StartTask | ReleaseTask | DeclineTask | CompleteTask
MachineCommand = RecordFloor | ProposeImpression | WithholdImpression
AssessmentCommand = (
    OpenCase
    | InformCase
    | MachineCommand
    | NurseCommand
    | RecallAssessment
    | EscalateTask
)
RecordCommand = AcceptRecord | WithdrawRecord
RulesCommand = ConfigureRules | SignRules
