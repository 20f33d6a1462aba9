"""From a case to the resources that nurses read (FHIR R4).

ClinicalImpression and RiskAssessment carry the case's id and are versioned together;
Tasks are numbered within the case; each version has a Provenance of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from domain.assessment import Assessment, Status
from domain.events import (
    AssessmentAccepted,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentOverridden,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    TaskDeclined,
)
from fhir_profiles.task import TaskStatus
from gateway.translate import renderings
from gateway.translate.view import View

Resource = dict[str, Any]


def render(
    event: AssessmentEvent, before: Assessment, after: Assessment, *, at: datetime
) -> list[Resource]:
    """Return the new versions of the resources that an event changed.

    Of a case whose floor was erased there are none, nor of an answer to one.
    """
    if after.floor is None or _is_bare(event, after):
        return []
    match event:
        case FloorAssessed() | ImpressionProposed() | ImpressionWithheld():
            return list(_assessed(View(after, at)))
        case TaskDeclined():
            return list(_declined(before, View(after, at)))
        case AssessmentAccepted() | AssessmentOverridden() | AssessmentCorrected():
            return list(_reviewed(View(after, at)))
        case _:
            return [renderings.nurse_task(View(after, at), _shown(after.task.status))]


def _is_bare(event: AssessmentEvent, after: Assessment) -> bool:
    """Say whether an event answers to a floor that nobody can read any more."""
    return (
        isinstance(event, ImpressionProposed | ImpressionWithheld)
        and event.revision != after.floored
    )


def _assessed(view: View) -> Iterator[Resource]:
    state = view.state
    yield from renderings.device_versions(view)
    yield renderings.risk(view, "preliminary")
    yield renderings.impression(view, "in-progress")
    yield from renderings.authorship(view)
    yield renderings.nurse_task(view, _shown(state.task.status))


def _declined(before: Assessment, view: View) -> Iterator[Resource]:
    closed = replace(
        view.state, task=replace(before.task, version=before.task.version + 1)
    )
    yield renderings.nurse_task(View(closed, view.at), "rejected")
    yield renderings.nurse_task(view, "requested")


def _reviewed(view: View) -> Iterator[Resource]:
    """Confirm the words that stand, or set the nurse's in the machine's place."""
    accepted = view.state.replaced is None
    yield renderings.risk(view, "final" if accepted else "entered-in-error")
    yield renderings.impression(view, "completed" if accepted else "entered-in-error")
    if not accepted:
        yield renderings.nurses_impression(view)
    yield renderings.verification(view)
    yield renderings.nurse_task(view, "completed")


def _shown(status: Status) -> TaskStatus:
    match status:
        case Status.ABSENT:
            raise ValueError("A case has a Task once the floor has assessed it.")
        case Status.REQUESTED:
            return "requested"
        case Status.ACCEPTED:
            return "accepted"
        case Status.IN_PROGRESS:
            return "in-progress"
        case Status.COMPLETED:
            return "completed"
        case _:
            assert_never(status)
