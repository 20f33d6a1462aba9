"""From one event to the rows that readers see."""

from collections import OrderedDict
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
from gateway.projections.purge import purge
from gateway.projections.rows import Rows
from gateway.projections.worklist import microseconds
from gateway.store.records import Erased, Recorded
from gateway.translate.content import served
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
        self._cases: OrderedDict[str, Assessment] = OrderedDict()
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
            case PatientErased():
                self._erase(event, recorded.position)
            case _ if isinstance(event, _SILENT):
                return
            case _:
                self._assessment(recorded, event)  # type: ignore[arg-type]

    def write(self) -> None:
        """Write what the events since the last time have added."""
        self._rows.write(self._database.writer)

    def forget(self) -> None:
        """Believe the log again, after a batch was rolled back."""
        self._cases.clear()
        self._devices.clear()
        self._rows.clear()

    def _erase(self, event: PatientErased, position: int) -> None:
        """Take out what nobody can read any more, as if it had never been shown."""
        self.write()
        self.forget()
        for each in purge(self._database, event, self._history, until=position):
            self.apply(each)
        self.write()

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
        before = self._case(recorded)
        after = evolve(before, event)
        self._remember(recorded.stream, after)
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

    def _case(self, recorded: Recorded) -> Assessment:
        """Return the case as it was before the event."""
        known = self._cases.get(recorded.stream)
        if known is not None:
            return known
        state = Assessment()
        for earlier in self._history(recorded.stream):
            if earlier.version >= recorded.version or isinstance(earlier, Erased):
                continue
            state = evolve(state, earlier.event)  # type: ignore[arg-type]
        return state

    def _remember(self, stream: str, state: Assessment) -> None:
        self._cases[stream] = state
        self._cases.move_to_end(stream)
        if len(self._cases) > _REMEMBERED:
            self._cases.popitem(last=False)

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
