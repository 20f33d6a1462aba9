"""From one event to the rows that readers see."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.assessment import Assessment, evolve
from domain.events import (
    AssessmentEvent,
    CaseInformed,
    CaseOpened,
    EpisodeCaseOpened,
    EpisodeEncounterLearned,
    IdentityClaimed,
    IdentityReleased,
    RecordAccepted,
    RecordCorrected,
    RecordWithdrawn,
    RequestAnswered,
)
from domain.kinship import PatientsLinked, PatientsUnlinked
from domain.quarantined import (
    QuarantineDismissed,
    QuarantineReleased,
    RequestQuarantined,
)
from domain.values import Reference
from gateway.projections import quarantine, resources
from gateway.projections.database import Database
from gateway.projections.rows import Rows
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
)


UNREAD = frozenset({AccessRecorded.topic, AccessesUnrecorded.topic})
"""Topics of which these read models show nothing: the reads of the others."""


class Projection:
    """Applies events in the log's order; `history` gives a stream's events."""

    def __init__(
        self, database: Database, history: Callable[[str], Sequence[Recorded | Erased]]
    ) -> None:
        self._database = database
        self._history = history
        self._cases: OrderedDict[str, Assessment] = OrderedDict()
        self._devices: set[Reference] = set()
        self._rows = Rows()

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
        if reference.type == "Device" and self._is_shown(reference):
            return
        resources.store(
            self._database,
            self._rows,
            reference=reference,
            at=recorded.at,
            position=recorded.position,
            content=content,
        )

    def _is_shown(self, device: Reference) -> bool:
        """Say whether a Device of ours was shown before; from now on it was."""
        known = device in self._devices
        self._devices.add(device)
        return known or resources.exists(self._database, self._database.writer, device)

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
            ),
        )
