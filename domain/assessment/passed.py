"""What is left of an event that nobody can read any more: that it was counted.

Numbers of versions, Tasks and revisions that it had brought about are not given again,
with other content. What it said is not known, and shows nowhere.
"""

from dataclasses import replace
from typing import Final

from domain.assessment.state import Assessment
from domain.assessment.task import Status, TaskState, rewritten
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentOverridden,
    AssessmentRecalled,
    CaseInformed,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    TaskDeclined,
)

_ASSESSED: Final = frozenset(
    kind.topic for kind in (FloorAssessed, ImpressionProposed, ImpressionWithheld)
)
_REVIEWED: Final = frozenset(
    kind.topic
    for kind in (AssessmentAccepted, AssessmentOverridden, AssessmentCorrected)
)


def passed(state: Assessment, topic: str) -> Assessment:
    """Count an event by its topic; there is no case where its beginning is erased."""
    if not state.exists:
        return state
    if topic == CaseInformed.topic:
        return replace(state, revision=state.revision + 1)
    completed = state.task.status is Status.COMPLETED
    if topic == TaskDeclined.topic or (topic == AssessmentRecalled.topic and completed):
        return replace(state, task=_following(state.task))
    if topic in _REVIEWED:  # a nurse has to look again, at a Task of its own
        return replace(
            state,
            impression=state.impression + 1,
            words=state.words + (topic != AssessmentAccepted.topic or state.words > 0),
            task=replace(_following(state.task), version=0),  # none was shown yet
        )
    made = int(topic in _ASSESSED)
    return replace(
        state, impression=state.impression + made, task=rewritten(state.task)
    )


def _following(task: TaskState) -> TaskState:
    """Return the Task after this one, at the version that a decline or a recall shows.

    Where a review is erased none of it was shown yet: its recall shows the first.
    """
    return TaskState(
        number=task.number + 1,
        version=1,
        status=Status.REQUESTED,
        overdue=task.overdue,
    )
