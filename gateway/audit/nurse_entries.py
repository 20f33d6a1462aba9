"""What nurses did to a case, as entries of its story."""

from collections.abc import Iterator
from typing import Final

from domain.answers import Decision, Reviewer
from domain.assessment import Assessment
from domain.events import (
    AssessmentRecalled,
    ReviewEvent,
    TaskAccepted,
    TaskDeclined,
    TaskEvent,
    TaskReleased,
    TaskStarted,
)
from gateway.audit import words
from gateway.audit.story import Block, Entry, Facts, Fold, Listing, Table, Teller
from gateway.store.records import Recorded
from gateway.translate import wording

_STEPS: Final = {
    TaskAccepted: "took the Task",
    TaskStarted: "began the review",
    TaskReleased: "handed the Task back",
    TaskDeclined: "said 'not me'; a new Task asks for somebody else",
}
_DECISIONS: Final = {
    Decision.ACCEPTED: "confirmed the assessment",
    Decision.OVERRIDDEN: "gave another level",
    Decision.CORRECTED: "replaced the assessment",
}


def person(by: Reviewer) -> str:
    """Return how a nurse is called, and by what the log knows her."""
    known = by.reference or f"client {by.name}"
    return f"{by.display} ({known})" if by.display else known


def stepped(
    recorded: Recorded, event: TaskEvent, before: Assessment, after: Assessment
) -> Entry:
    """Tell of a step that a nurse took with the Task."""
    declined = isinstance(event, TaskDeclined)
    task = before.task if declined else after.task
    status = "rejected" if declined else task.status
    facts = [
        ("Task", f"Task/{before.case_id}-{task.number}"),
        (
            "Status",
            f"{before.task.status} to {status}",
        ),
    ]
    if declined:
        facts.append(("New Task", f"Task/{before.case_id}-{after.task.number}"))
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.NURSE,
        who=person(event.by),
        title=f"{person(event.by)} {_STEPS[type(event)]}",
        blocks=(Facts(rows=tuple(facts)), *_sent(event.received)),
    )


def recalled(recorded: Recorded, event: AssessmentRecalled) -> Entry:
    """Tell that something the assessment had used was recalled, and by whom."""
    matched = tuple(f"{kind}: {value}" for kind, value in event.matched)
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.GATEWAY,
        who=person(event.by),
        title=f"{person(event.by)} recalled what the assessment had used",
        blocks=(
            Listing(title="Recalled", items=matched),
            Facts(
                rows=(
                    ("Reason", event.reason or "none given"),
                    ("Used last by version", str(event.version)),
                )
            ),
        ),
    )


def reviewed(recorded: Recorded, event: ReviewEvent, before: Assessment) -> Entry:
    """Tell who decided, what she saw, and what she changed."""
    review = event.review
    facts = [
        ("Decision", review.decision.value),
        ("Task", f"Task/{before.case_id}-{before.task.number}"),
        ("Her reason", review.reason or "none given"),
        ("Her notes", review.notes or "none"),
    ]
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.NURSE,
        who=person(event.by),
        title=(
            f"{person(event.by)} {_DECISIONS[review.decision]}: level "
            f"{words.level(review.acuity)}"
        ),
        blocks=(
            Table(
                title="What changed",
                columns=("", "Before", "After"),
                rows=tuple(_changes(event, before)),
            ),
            Facts(rows=tuple(facts)),
            *_sent(event.received),
        ),
    )


def _changes(event: ReviewEvent, before: Assessment) -> Iterator[tuple[str, str, str]]:
    review = event.review
    level = words.level(before.stands)
    yield "Level", level, _changed(level, words.level(review.acuity))
    said = "\n".join((wording.summary(before), *wording.remarks(before)))
    yield "Content", said, review.correction or "unchanged"
    standing = "decided by a nurse, recalled" if before.reviewed else "not decided"
    yield "Standing", standing, "decided by a nurse"


def _changed(before: str, after: str) -> str:
    return f"{after} (unchanged)" if before == after else after


def _sent(received: bytes) -> tuple[Block, ...]:
    if not received:
        return ()
    text = received.decode(errors="replace")
    return (Fold(title="Task, as it was sent", text=text),)
