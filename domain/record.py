"""One FHIR resource as its sender wrote it: accepted, corrected, withdrawn."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, assert_never

from domain.commands import AcceptRecord, RecordCommand, WithdrawRecord
from domain.errors import AlreadyThereError, StaleVersionError
from domain.events import (
    RecordAccepted,
    RecordCorrected,
    RecordEvent,
    RecordWithdrawn,
)

_HEAVY: Final = 8 * 1024  # bytes


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a resource; version 0 means that it never existed.

    The content itself is not remembered, only its digest: a state must stay small
    however large a resource is.
    """

    version: int = 0
    withdrawn: bool = False
    digest: bytes = b""
    links: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[str, ...] = ()
    patient: str = ""

    @property
    def exists(self) -> bool:
        """Say whether a reader would find the resource."""
        return self.version > 0 and not self.withdrawn


UNKNOWN = Record()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a resource says now, for a change that starts from it."""

    received: bytes = b""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def heavy(self) -> bool:
        """Say whether it is to be read again rather than remembered for long."""
        return len(self.received) > _HEAVY


NOTHING = Content()


def decide(command: RecordCommand, state: Record) -> list[RecordEvent]:
    """Grant or refuse a change; content that is already there changes nothing.

    Raises:
        StaleVersionError: `If-Match` names a version that is not the current one.
        AlreadyThereError: `If-None-Match: *`, and there is one.

    """
    require_version(command.if_match, state)
    match command:
        case AcceptRecord():
            _require_absent(command, state)
            return _accept(command, state)
        case WithdrawRecord():
            return _withdraw(command, state)
        case _:
            assert_never(command)


def evolve(state: Record, event: RecordEvent) -> Record:
    """Remember what happened."""
    match event:
        case RecordAccepted() | RecordCorrected():
            return Record(
                version=event.reference.version,
                digest=sha256(event.received).digest(),
                links=event.links,
                identifiers=event.identifiers,
                patient=event.patient,
            )
        case RecordWithdrawn():
            return replace(state, version=event.reference.version, withdrawn=True)
        case _:
            assert_never(event)


def standing(state: Record, version: int) -> Record:
    """Return what stands, given how many versions there were, readable or not.

    Where the newest cannot be read any more its patient was erased: the resource is
    gone, whatever an older version said, and the numbers of its versions go on.
    """
    if state.version == version:
        return state
    return Record(version=version, withdrawn=True)


def remember(_content: Content, event: RecordEvent) -> Content:
    """Remember what the resource says; nothing once it is deleted.

    The newest event alone decides, so that no older one has to be read. Folded beside
    `evolve` only where a change needs it, since content may be large.
    """
    match event:
        case RecordAccepted() | RecordCorrected():
            return Content(received=event.received, links=event.links)
        case RecordWithdrawn():
            return NOTHING
        case _:
            assert_never(event)


def _require_absent(command: AcceptRecord, state: Record) -> None:
    if command.if_absent and state.exists:
        raise AlreadyThereError(
            "If-None-Match: * allows a create only, and this resource exists: read "
            "it, and update it with If-Match."
        )


def require_version(wanted: int | None, state: Record) -> None:
    """Let a change through whose sender knows what is there, or names no version.

    Raises:
        StaleVersionError: the current version is another one, or there is none.

    """
    if wanted is None or (state.exists and wanted == state.version):
        return
    raise StaleVersionError(
        f"If-Match names version {wanted}; the current version is {state.version}. "
        "Read the resource again and repeat the change on what it says now."
    )


def _accept(command: AcceptRecord, state: Record) -> list[RecordEvent]:
    digest = sha256(command.received).digest()
    if state.exists and (digest, command.links) == (state.digest, state.links):
        return []
    kind = RecordCorrected if state.version else RecordAccepted
    return [
        kind(
            reference=replace(command.reference, version=state.version + 1),
            received=command.received,
            links=command.links,
            identifiers=command.identifiers,
            patient=command.patient,
            violations=command.violations,
        )
    ]


def _withdraw(command: WithdrawRecord, state: Record) -> list[RecordEvent]:
    if not state.exists:
        return []
    return [
        RecordWithdrawn(reference=replace(command.reference, version=state.version + 1))
    ]
