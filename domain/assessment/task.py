"""The Task of a case: its number, version, status, and who holds it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from domain.answers import Reviewer
from domain.events import (
    TaskAccepted,
    TaskDeclined,
    TaskEscalated,
    TaskEvent,
    TaskReleased,
    TaskStarted,
)


class Status(StrEnum):
    """The Task's status as FHIR names it; ABSENT until the floor has answered."""

    ABSENT = "absent"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True)
class TaskState:
    """The one Task of the case that is not closed: its number and FHIR version."""

    number: int = 0
    version: int = 0
    status: Status = Status.ABSENT
    holder: Reviewer | None = None
    overdue: TaskEscalated | None = None  # the last time that nobody had taken it


def rewritten(task: TaskState) -> TaskState:
    """Return the Task with the content of a new assessment; who holds it stays."""
    if task.number == 0:
        return TaskState(number=1, version=1, status=Status.REQUESTED)
    return replace(task, version=task.version + 1)


def moved(task: TaskState, event: TaskEvent | TaskEscalated) -> TaskState:
    """Return the Task after a nurse's step, or after she has not come in time."""
    match event:
        case TaskAccepted():
            return after_step(task, Status.ACCEPTED, event.by)
        case TaskStarted():
            return after_step(task, Status.IN_PROGRESS, event.by)
        case TaskReleased():
            return after_step(task, Status.REQUESTED, None)
        case TaskDeclined():
            return TaskState(
                number=task.number + 1,
                version=1,
                status=Status.REQUESTED,
                overdue=task.overdue,  # the patient waits, whoever declines
            )
        case TaskEscalated():
            return replace(task, version=task.version + 1, overdue=event)
        case _:
            assert_never(event)


def after_step(task: TaskState, status: Status, holder: Reviewer | None) -> TaskState:
    """Return the next version of the Task, with another status."""
    return replace(task, version=task.version + 1, status=status, holder=holder)
