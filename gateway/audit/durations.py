"""How long each step of a case took: from one event of the log to the next."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.assessment import Assessment
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    AssessmentRecalled,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    TaskAccepted,
    TaskDeclined,
    TaskReleased,
    TaskStarted,
)
from gateway.audit import words
from gateway.audit.story import Table
from gateway.store.records import Recorded

_COLUMNS: Final = ("Step", "Took", "Until")
_MINUTE: Final = timedelta(minutes=1)
Row = tuple[str, str, str]


@dataclass
class Stopwatch:
    """Follows the events of one case, in order."""

    rows: list[Row] = field(default_factory=list)
    _told: datetime | None = None  # when the data came that are to be assessed
    _floored: datetime | None = None
    _waiting: datetime | None = None  # since when a nurse can take the Task
    _asked: str = "First seen in the worklist"  # what happened then
    _taken: datetime | None = None  # by the nurse who holds it
    _begun: datetime | None = None
    _decided: bool = False

    def note(self, recorded: Recorded, event: AssessmentEvent) -> None:
        """Learn of the next event."""
        at = recorded.at
        match event:
            case CaseOpened() | CaseInformed():
                self._told = at
            case FloorAssessed():
                self._row(f"Data to rules, revision {event.revision}", self._told, at)
                self._floored, self._waiting = at, self._waiting or at
            case ImpressionProposed() | ImpressionWithheld():
                self._answered(event, at)
            case _:
                self._nurse(event, at)

    def _answered(
        self, event: ImpressionProposed | ImpressionWithheld, at: datetime
    ) -> None:
        revision = f"revision {event.revision}"
        self._row(f"Rules to the model's part, {revision}", self._floored, at)
        if event.run is not None:
            took = timedelta(milliseconds=event.run.milliseconds)
            of = (f"of this the model itself, {revision}", words.span(took))
            self.rows.append((*of, words.instant(at)))

    def _nurse(self, event: AssessmentEvent, at: datetime) -> None:
        match event:
            case TaskAccepted():
                self._row(f"{self._asked} to taken", self._waiting, at)
                self._taken = at
            case TaskStarted():
                self._row("Taken to begun", self._taken, at)
                self._begun = at
            case AssessmentAccepted() | AssessmentOverridden() | AssessmentCorrected():
                self._row("Begun to decided", self._begun, at)
                self._decided = True
            case _:
                self._left(event, at)

    def _left(self, event: AssessmentEvent, at: datetime) -> None:
        """Learn that a nurse has to come again; who never came is awaited as before."""
        match event:
            case TaskReleased() if self._taken:
                self._wait("Handed back", at)
            case TaskDeclined() if self._taken:
                self._wait("Declined", at)
            case AssessmentRecalled() if self._decided:
                self._wait("Recalled", at)
            case _:
                pass

    def _wait(self, asked: str, at: datetime) -> None:
        self._asked, self._waiting = asked, at
        self._taken, self._decided = None, False

    def _row(self, step: str, start: datetime | None, end: datetime) -> None:
        if start is not None:
            self.rows.append((step, words.span(end - start), words.instant(end)))

    def table(self, state: Assessment, decided: datetime | None) -> Table:
        """Return every step, and the whole."""
        return Table(
            title="How long each step took",
            columns=_COLUMNS,
            rows=(*self.rows, *self._whole(state, decided)),
        )

    def _whole(self, state: Assessment, decided: datetime | None) -> Iterator[Row]:
        if state.opened is None or decided is None:
            return
        took = decided - state.opened
        yield "Opened to decided", words.span(took), words.instant(decided)
        if state.acuity is not None:
            limit = state.standing.limit(state.acuity)
            yield _limit(took, state.opened, limit, int(state.acuity))


def _limit(took: timedelta, opened: datetime, limit: timedelta, level: int) -> Row:
    """Say whether a nurse decided within the longest wait of the proposed level."""
    kept = "kept" if took <= limit else "not kept"
    return (
        f"Longest wait that level {level} allows",
        f"{limit // _MINUTE} minutes: {kept}",
        words.instant(opened + limit),
    )
