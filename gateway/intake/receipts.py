"""What is kept of the answer to a request, so that its repetition changes nothing."""

from collections.abc import Iterable

from domain.receipt import Receipt
from domain.values import Reference
from gateway.intake.assignment import state_of
from gateway.intake.change import Answer
from gateway.intake.subjects import of_answers
from gateway.store.session import Session


def unmoved(session: Session, answer: str) -> bool:
    """Say whether a resource is as it was answered; nothing may be something now."""
    if not answer:
        return False
    reference = Reference.parse(answer)
    return state_of(session, reference).version == reference.version


def subject_of_answers(session: Session, answers: Iterable[Answer]) -> str:
    """Return whose data key protects the answers: all whom they are about."""
    referred = (each.reference for each in answers if each.reference is not None)
    current = (each.unversioned() for each in referred)
    return of_answers((each, state_of(session, each).patient) for each in current)


def repeated(known: Receipt) -> tuple[Answer, ...]:
    """Return the answers that a receipt keeps."""
    return tuple(
        Answer(
            status=int(status),
            reference=Reference.parse(text) if text else None,
            at=known.at,
        )
        for status, text in known.answers
    )
