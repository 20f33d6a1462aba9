"""From one event to the rows that readers see."""

from collections.abc import Callable, Sequence
from typing import get_args

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.assessment import Assessment, evolve
from domain.assessment.escalation import is_overdue, next_due
from domain.claimed import (
    EpisodeCaseOpened,
    EpisodeEncounterLearned,
    IdentityClaimed,
    IdentityReleased,
    RequestAnswered,
)
from domain.events import (
    AssessmentEvent,
    CaseInformed,
    CaseOpened,
    RecordAccepted,
    RecordCorrected,
    RecordWithdrawn,
)
from domain.kinship import PatientsLinked, PatientsUnlinked
from domain.quarantined import (
    QuarantineDismissed,
    QuarantineReleased,
    RequestQuarantined,
)
from domain.registered import RegistryEvent
from domain.restored import LogRestored
from domain.retained import HoldLifted, PatientErased, PatientHeld, RetentionStated
from domain.ruled import RulesConfigured, RulesSigned
from domain.served import ServingEvent
from domain.shelved import KnowledgeLoaded, KnowledgeSigned
from domain.values import Reference
from gateway.projections import quarantine, resources
from gateway.projections.database import Database
from gateway.projections.purge import Purged, purge
from gateway.projections.rows import Rows
from gateway.projections.worklist import microseconds
from gateway.store.records import Erased, Recorded
from gateway.translate.content import served
from gateway.translate.followed import Followed
from gateway.translate.output import render

_REMEMBERED = 2000
_SILENT = (
    AccessRecorded,
    AccessesUnrecorded,
    IdentityClaimed,
    IdentityReleased,
    PatientsLinked,
    PatientsUnlinked,
    RequestAnswered,
    EpisodeCaseOpened,
    EpisodeEncounterLearned,
    PatientHeld,
    HoldLifted,
    PatientErased,  # it is purged, and shows nothing itself
    RetentionStated,
    LogRestored,
    RulesConfigured,
    RulesSigned,
    *get_args(ServingEvent),
    *get_args(RegistryEvent),
    KnowledgeLoaded,
    KnowledgeSigned,
)


UNREAD = frozenset({AccessRecorded.topic, AccessesUnrecorded.topic})
"""Topics of which these read models show nothing: the reads of the others."""


class Projection:
    """Applies events in the log's order; `history` gives a stream's events."""

    def __init__(
        self,
        database: Database,
        history: Callable[[str], Sequence[Recorded | Erased]],
        rows: Rows | None = None,
    ) -> None:
        self._database = database
        self._history = history
        self._cases = Followed(history, remembered=_REMEMBERED)
        self._devices: set[Reference] = set()
        self._rows = rows or Rows()

    def apply(self, recorded: Recorded) -> None:
        """Add what the event says to the rows that `write` will write."""
        event = recorded.event
        match event:
            case RecordAccepted() | RecordCorrected():
                self._record(recorded, event)
            case RecordWithdrawn():
                resources.withdraw(
                    self._database,
                    self._rows,
                    reference=event.reference,
                    at=recorded.at,
                    position=recorded.position,
                )
            case RequestQuarantined() | QuarantineReleased() | QuarantineDismissed():
                quarantine.note(self._rows, event, recorded.position)
            case _ if isinstance(event, _SILENT):
                return
            case _:
                self._assessment(recorded, event)  # type: ignore[arg-type]

    def purge(self, erasure: PatientErased, position: int) -> Purged:
        """Delete what an erasure took, whatever else cannot be read."""
        self.forget()
        return purge(self._database, erasure, self._history, until=position)

    def write(self) -> None:
        """Write what the events since the last time have added."""
        self._rows.write(self._database.writer)

    def forget(self) -> None:
        """Believe the log again, after a batch was rolled back."""
        self._cases.clear()
        self._devices.clear()
        self._rows.clear()

    def _record(
        self, recorded: Recorded, event: RecordAccepted | RecordCorrected
    ) -> None:
        resources.store(
            self._database,
            self._rows,
            reference=event.reference,
            at=recorded.at,
            position=recorded.position,
            content=served(event, at=recorded.at),
        )

    def _assessment(self, recorded: Recorded, event: AssessmentEvent) -> None:
        before = self._cases.before(recorded)
        after = evolve(before, event)
        self._cases.note(recorded, after)
        self._work(after)
        if isinstance(event, CaseOpened | CaseInformed):
            return
        for content in render(event, before, after, at=recorded.at):
            self._show(recorded, content)

    def _show(self, recorded: Recorded, content: dict[str, object]) -> None:
        meta = content["meta"]
        version = int(meta["versionId"]) if isinstance(meta, dict) else 1
        reference = Reference(
            type=str(content["resourceType"]), id=str(content["id"]), version=version
        )
        is_ours = reference.type == "Device"  # shown once, where it is first mentioned
        if is_ours and reference in self._devices:
            return
        if is_ours:
            self._devices.add(reference)
        resources.store(
            self._database,
            self._rows,
            reference=reference,
            at=recorded.at,
            position=recorded.position,
            content=content,
            once=is_ours,
        )

    def _work(self, state: Assessment) -> None:
        self._rows.set_work(
            str(state.case_id),
            (
                state.case_id,
                state.revision,
                state.floored,
                state.answered,
                state.reviewed,
                state.acuity or 0,
                microseconds(next_due(state)),
                is_overdue(state),
            ),
        )
