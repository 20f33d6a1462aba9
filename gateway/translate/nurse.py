"""From a Task that a nurse sent back to the command it stands for."""

from typing import Any

from domain.answers import Decision, Review, Reviewer
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    NurseCommand,
    ReleaseTask,
    StartTask,
)
from fhir_profiles.task_review import TaskChange, UnreadableTaskError, task_change

Resource = dict[str, Any]
_STEPS: dict[str, type[AcceptTask | StartTask | ReleaseTask | DeclineTask]] = {
    "accepted": AcceptTask,
    "in-progress": StartTask,
    "requested": ReleaseTask,
    "rejected": DeclineTask,
}
_FIXED = (
    "intent",
    "code",
    "reasonCode",
    "focus",
    "for",
    "encounter",
    "priority",
    "requester",
    "groupIdentifier",
    "input",
    "restriction",
    "note",
)


def nurse_command(
    sent: Resource,
    current: Resource,
    *,
    task: int,
    version: int,
    by: Reviewer,
    received: bytes,
) -> NurseCommand:
    """Return what the nurse asks for.

    Raises:
        UnreadableTaskError: she changed what is not hers to change, named a status
            that is no step of a review, or left out what a completion needs.

    """
    _require_unchanged(sent, current)
    change = task_change(sent)
    _require_owner(change, current, by)
    step = _STEPS.get(change.status)
    if step is not None:
        return step(task=task, version=version, by=by, received=received)
    if change.status != "completed":
        raise UnreadableTaskError(
            "Task.status",
            "Send accepted, in-progress, completed, requested (to hand it on) or "
            "rejected (not me).",
        )
    review = _review(change)
    return CompleteTask(
        task=task, version=version, by=by, received=received, review=review
    )


def _review(change: TaskChange) -> Review:
    if change.decision is None:
        raise UnreadableTaskError(
            "Task.output",
            "Add an output 'decision': accepted, overridden or corrected.",
        )
    if change.acuity is None:
        raise UnreadableTaskError(
            "Task.output", "Add an output 'acuity': 1 (most urgent) to 5."
        )
    return Review(
        decision=Decision(change.decision),
        acuity=change.acuity,
        reason=change.reason or "",
        correction=change.correction or "",
        notes=change.notes or "",
    )


def _require_unchanged(sent: Resource, current: Resource) -> None:
    for name in _FIXED:
        if name in sent and sent[name] != current.get(name):
            raise UnreadableTaskError(
                f"Task.{name}",
                "This element is the gateway's: send it back as you read it, or leave "
                "it out. What you want to say goes into an output 'notes'.",
            )


def _require_owner(change: TaskChange, current: Resource, by: Reviewer) -> None:
    """Let nobody sign for somebody else: the owner is who is authenticated."""
    before = current.get("owner", {}).get("reference")
    if change.owner in (None, by.reference, before):
        return
    raise UnreadableTaskError(
        "Task.owner",
        "The owner is always the authenticated nurse: leave it out.",
    )
