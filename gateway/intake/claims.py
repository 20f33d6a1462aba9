"""The identifiers that a resource bears, claimed and released in the log."""

from domain import identity
from domain.commands import AcceptRecord
from domain.record import Record
from domain.values import Reference
from gateway.intake.change import Change
from gateway.intake.conditions import (
    UnsupportedConditionError,
    condition_of,
    identifier_of,
)
from gateway.intake.streams import identity_stream
from gateway.intake.subjects import of_record
from gateway.store.records import Context
from gateway.store.session import Session


def known_by(change: Change) -> tuple[str, ...]:
    """Return what a resource is known by: its identifiers, and its condition."""
    return tuple(sorted({*change.identifiers, *asked_for(change)}))


def asked_for(change: Change) -> tuple[str, ...]:
    """Return the identifier by which a create or update was asked for, if any.

    A condition that cannot be read was refused when it was resolved.
    """
    try:
        if change.if_none_exist is not None:
            return (identifier_of(change.if_none_exist),)
        if change.condition is not None:
            return tuple(filter(None, [condition_of(change.condition).identifier]))
    except UnsupportedConditionError:
        return ()
    return ()


def claim(
    session: Session, command: AcceptRecord, before: Record, context: Context
) -> None:
    """Let a resource bear the identifiers of its new version, and no others."""
    reference = command.reference
    subject = of_record(reference, command.patient)
    for gone in before.identifiers:
        if gone not in command.identifiers:
            release(session, reference, gone, before.patient, context)
    for identifier in command.identifiers:
        stream = identity_stream(reference.type, identifier)
        bearers, _ = session.load(stream, identity.evolve, identity.NOBODY)
        events = identity.claim(reference, bearers)
        session.append(stream, events, subject=subject, context=context)


def release(
    session: Session,
    reference: Reference,
    identifier: str,
    patient: str,
    context: Context,
) -> None:
    """Let a resource give an identifier up that it bore as this patient's."""
    stream = identity_stream(reference.type, identifier)
    bearers, _ = session.load(stream, identity.evolve, identity.NOBODY)
    events = identity.release(reference, bearers)
    subject = of_record(reference, patient)
    session.append(stream, events, subject=subject, context=context)
