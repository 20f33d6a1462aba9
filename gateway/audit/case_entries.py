"""From an event of a case to the entry of its story."""

from typing import Final

from domain.assessment import Assessment
from domain.events import (
    AssessmentEvent,
    AssessmentRecalled,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    ReviewEvent,
    TaskAccepted,
    TaskDeclined,
    TaskEscalated,
    TaskEvent,
    TaskReleased,
    TaskStarted,
)
from gateway.audit import machine_entries, nurse_entries, words
from gateway.audit.story import Entry, Facts, Teller
from gateway.store.records import Erased, Recorded

_GATEWAY: Final = "Gateway"


def entry_of(
    recorded: Recorded, event: AssessmentEvent, before: Assessment, after: Assessment
) -> Entry:
    """Return what an event says, given the case before and after it."""
    match event:
        case CaseOpened() | CaseInformed():
            return _asked(recorded, event, after)
        case FloorAssessed():
            return machine_entries.floored(recorded, event)
        case ImpressionProposed():
            return machine_entries.proposed(recorded, event, before)
        case ImpressionWithheld():
            return machine_entries.withheld(recorded, event)
        case TaskEscalated():
            return _escalated(recorded, event)
        case _:
            return _by_people(recorded, event, before, after)


def _by_people(
    recorded: Recorded,
    event: TaskEvent | ReviewEvent | AssessmentRecalled,
    before: Assessment,
    after: Assessment,
) -> Entry:
    """Return what a person did; a new kind of event needs a branch, says mypy."""
    if isinstance(event, TaskAccepted | TaskStarted | TaskReleased | TaskDeclined):
        return nurse_entries.stepped(recorded, event, before, after)
    if isinstance(event, AssessmentRecalled):
        return nurse_entries.recalled(recorded, event)
    return nurse_entries.reviewed(recorded, event, before)


def _escalated(recorded: Recorded, event: TaskEscalated) -> Entry:
    """Tell that nobody took the Task in its time, and how urgent it became."""
    rows = (
        ("Task", f"number {event.task} of the case, for the {event.step}. time"),
        ("A nurse should have taken it by", words.instant(event.due)),
        ("Its priority is now that of", words.level(event.acuity)),
    )
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.GATEWAY,
        who=_GATEWAY,
        title="No nurse had taken the Task in its time: it is overdue",
        blocks=(Facts(rows=rows),),
    )


def tombstone(erased: Erased) -> Entry:
    """Return what is left of an event whose key was destroyed."""
    return Entry(
        position=erased.position,
        at=None,
        teller=Teller.ERASED,
        who="erased",
        title=f"Erased: an event '{erased.topic}' stands here; nobody can read it",
    )


def _asked(
    recorded: Recorded, event: CaseOpened | CaseInformed, after: Assessment
) -> Entry:
    rows = [
        ("Because of", words.references(event.triggers)),
        ("Encounter", words.reference(after.encounter)),
        ("Revision of the data", str(after.revision)),
    ]
    title = "New data arrived for the case"
    if isinstance(event, CaseOpened):
        title = "The case was opened"
        rows.insert(0, ("Patient", words.reference(event.patient)))
        rows.append(("Case before it", event.previous or "none"))
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.GATEWAY,
        who=_GATEWAY,
        title=title,
        blocks=(Facts(rows=tuple(rows)),),
    )
