"""One FHIR resource as its sender wrote it: accepted, corrected, withdrawn."""

from dataclasses import dataclass, replace
from typing import assert_never

from domain.commands import AcceptRecord, RecordCommand, WithdrawRecord
from domain.errors import StaleVersionError
from domain.events import (
    RecordAccepted,
    RecordCorrected,
    RecordEvent,
    RecordWithdrawn,
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is known of a resource; version 0 means that it never existed."""

    version: int = 0
    withdrawn: bool = False
    received: bytes = b""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def exists(self) -> bool:
        """Say whether a reader would find the resource."""
        return self.version > 0 and not self.withdrawn


UNKNOWN = Record()


def decide(command: RecordCommand, state: Record) -> list[RecordEvent]:
    """Grant or refuse a change; content that is already there changes nothing.

    Raises:
        StaleVersionError: `If-Match` names a version that is not the current one.

    """
    _match(command.if_match, state)
    match command:
        case AcceptRecord():
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
                received=event.received,
                links=event.links,
            )
        case RecordWithdrawn():
            return replace(state, version=event.reference.version, withdrawn=True)
        case _:
            assert_never(event)


def _match(wanted: int | None, state: Record) -> None:
    if wanted is None or (state.exists and wanted == state.version):
        return
    raise StaleVersionError(
        f"If-Match names version {wanted}; the current version is {state.version}. "
        "Read the resource again and repeat the change on what it says now."
    )


def _accept(command: AcceptRecord, state: Record) -> list[RecordEvent]:
    same = (command.received, command.links) == (state.received, state.links)
    if state.exists and same:
        return []
    reference = replace(command.reference, version=state.version + 1)
    kind = RecordCorrected if state.version else RecordAccepted
    return [kind(reference=reference, received=command.received, links=command.links)]


def _withdraw(command: WithdrawRecord, state: Record) -> list[RecordEvent]:
    if not state.exists:
        return []
    return [
        RecordWithdrawn(reference=replace(command.reference, version=state.version + 1))
    ]
