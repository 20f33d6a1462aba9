"""One request that was set aside: waiting, then released or dismissed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from domain.commands import (
    DismissQuarantine,
    QuarantineCommand,
    ReleaseQuarantine,
    SetAside,
)
from domain.errors import IllegalTransitionError, IncompleteReviewError, NotFoundError
from domain.quarantined import (
    QuarantineDismissed,
    QuarantineEvent,
    QuarantineReleased,
    RequestQuarantined,
)


class Status(StrEnum):
    """How far it is with what was set aside."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    RELEASED = "released"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """What is known of one quarantine id; the content itself is not remembered."""

    status: Status = Status.UNKNOWN
    runs: int = 0  # how often it was released


NONE = Quarantine()


def decide(command: QuarantineCommand, state: Quarantine) -> list[QuarantineEvent]:
    """Grant or refuse a step.

    Raises:
        NotFoundError: nothing was set aside under this id.
        IllegalTransitionError: it was released, or dismissed, before.
        IncompleteReviewError: a dismissal gives no reason.

    """
    match command:
        case SetAside():
            return _set_aside(command, state)
        case ReleaseQuarantine():
            require_unused(state)
            return [
                QuarantineReleased(
                    quarantine_id=command.quarantine_id,
                    received=command.received,
                    answers=command.answers,
                    at=command.at,
                )
            ]
        case DismissQuarantine():
            return _dismiss(command, state)
        case _:
            assert_never(command)


def evolve(state: Quarantine, event: QuarantineEvent) -> Quarantine:
    """Remember what happened."""
    match event:
        case RequestQuarantined():
            return Quarantine(status=Status.WAITING, runs=state.runs)
        case QuarantineReleased():
            return Quarantine(status=Status.RELEASED, runs=state.runs + 1)
        case QuarantineDismissed():
            return Quarantine(status=Status.DISMISSED, runs=state.runs)
        case _:
            assert_never(event)


def require_unused(state: Quarantine) -> None:
    """Let run again what waits, or what was dismissed by mistake.

    Raises:
        NotFoundError: nothing was set aside under this id.
        IllegalTransitionError: it was released before.

    """
    _require_known(state)
    if state.status is Status.RELEASED:
        raise IllegalTransitionError(
            "This was released before. Read $quarantine/{id} for what became of it."
        )


def _set_aside(command: SetAside, state: Quarantine) -> list[QuarantineEvent]:
    """Set a request aside, unless the same one waits already.

    A request whose key the caller chose is set aside once for all.
    """
    known = state.status is not Status.UNKNOWN
    if state.status is Status.WAITING or (known and command.named):
        return []
    return [
        RequestQuarantined(
            quarantine_id=command.quarantine_id,
            client=command.client,
            method=command.method,
            url=command.url,
            conditions=command.conditions,
            received=command.received,
            faults=command.faults,
            at=command.at,
        )
    ]


def _dismiss(command: DismissQuarantine, state: Quarantine) -> list[QuarantineEvent]:
    _require_known(state)
    if state.status is not Status.WAITING:
        raise IllegalTransitionError(
            f"This does not wait any more: it was {state.status.value}."
        )
    if not command.reason.strip():
        raise IncompleteReviewError(
            "Say why it is not needed: send Parameters with the parameter 'reason'."
        )
    return [
        QuarantineDismissed(
            quarantine_id=command.quarantine_id, reason=command.reason, at=command.at
        )
    ]


def _require_known(state: Quarantine) -> None:
    if state.status is Status.UNKNOWN:
        raise NotFoundError("Nothing was set aside under this id.")
