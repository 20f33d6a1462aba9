"""When a Task that nobody takes becomes overdue, and how urgent it is then.

Each level waits for as long as the site says, at most as `Acuity.time_limit`. When that
is over the Task has the priority of the next more urgent level and waits for that one's
time, until it is at the most urgent. Nothing here makes anything less urgent.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.assessment.state import Assessment
from domain.assessment.task import Status
from domain.commands import EscalateTask
from domain.events import AssessmentEvent, TaskEscalated
from domain.values import Acuity

LEAST: Final = timedelta(minutes=1)
"""How long even the most urgent Task waits before it is overdue: to be seen at all."""


def priority(state: Assessment) -> Acuity | None:
    """Return the level whose priority the Task has; None before the rules' answer."""
    overdue, urgency = state.task.overdue, state.urgency
    if overdue is None or urgency is None:
        return urgency
    return min(urgency, overdue.acuity)


def next_due(state: Assessment) -> datetime | None:
    """Return when a Task that nobody takes is overdue next; None where that is never.

    It is never where somebody has taken it, and where it is overdue and the most
    urgent already.
    """
    now, since, overdue = priority(state), state.since, state.task.overdue
    if state.task.status is not Status.REQUESTED or now is None or since is None:
        return None
    wait = max(state.standing.limit(now), LEAST)
    if overdue is None:
        return since + wait
    return None if now is Acuity.RESUSCITATION else overdue.due + wait


def is_overdue(state: Assessment) -> bool:
    """Say whether the Task's time is over, and nobody has taken it since."""
    task = state.task
    return task.overdue is not None and task.status is Status.REQUESTED


def raised(state: Assessment) -> Acuity:
    """Return the level whose priority the Task gets when it is overdue once more."""
    return Acuity(max((priority(state) or 1) - 1, Acuity.RESUSCITATION))


def decide_escalation(
    command: EscalateTask, state: Assessment
) -> list[AssessmentEvent]:
    """Make the Task overdue, unless it is too early, too late, or done already."""
    due, overdue = next_due(state), state.task.overdue
    step = overdue.step + 1 if overdue else 1
    asked = (command.task, command.step)
    if due is None or command.at < due or asked != (state.task.number, step):
        return []
    return [
        TaskEscalated(
            task=command.task,
            step=step,
            acuity=raised(state),
            due=due,
            at=command.at,
        )
    ]
