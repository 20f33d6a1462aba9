"""Whether a patient's data may be erased, must be kept, or are due to go."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from domain.errors import (
    IllegalTransitionError,
    IncompleteReviewError,
    PatientHeldError,
    TooSoonError,
)
from domain.keeping import ErasePatient, HoldPatient, LiftHold, StateRetention
from domain.retained import (
    HoldLifted,
    PatientErased,
    PatientHeld,
    RetentionEvent,
    RetentionStated,
)

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_BY: Final = re.compile(r"\S(?:.{0,62}\S)?")

RetentionCommand = HoldPatient | LiftHold | StateRetention | ErasePatient


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What is known of keeping one patient's data, and of the site's rules."""

    held: bool = False
    least_days: int | None = None
    most_days: int | None = None
    stated: bool = False

    def is_due(self, last_activity: datetime, at: datetime) -> bool:
        """Say whether the site's longest time of keeping is over."""
        if self.most_days is None:
            return False
        return at - last_activity > timedelta(days=self.most_days)


NONE: Final = Retention()


def decide(command: RetentionCommand, state: Retention) -> list[RetentionEvent]:
    """Grant or refuse a step.

    Raises:
        IncompleteReviewError: nobody says who decided, or why.
        IllegalTransitionError: there is no hold to lift.
        PatientHeldError: a legal hold forbids the erasure.
        TooSoonError: the site's shortest time of keeping is not over.

    """
    match command:
        case HoldPatient():
            _require_told(command.by, command.reason)
            held = PatientHeld(by=command.by, reason=command.reason, at=command.at)
            return [] if state.held else [held]
        case LiftHold():
            return _lift(command, state)
        case StateRetention():
            return _state(command, state)
        case ErasePatient():
            return _erase(command, state)
        case _:
            assert_never(command)


def evolve(state: Retention, event: RetentionEvent) -> Retention:
    """Remember what was decided."""
    match event:
        case PatientHeld():
            return replace(state, held=True)
        case HoldLifted():
            return replace(state, held=False)
        case RetentionStated():
            return replace(
                state,
                least_days=event.least_days,
                most_days=event.most_days,
                stated=True,
            )
        case PatientErased():
            return state
        case _:
            assert_never(event)


def require_erasable(
    state: Retention, *, last_activity: datetime | None, at: datetime
) -> None:
    """Let a patient be erased.

    Raises:
        PatientHeldError: a legal hold forbids it.
        TooSoonError: the site's shortest time of keeping is not over.

    """
    if state.held:
        raise PatientHeldError(
            "A legal hold is set for this patient, so nothing is erased. Lift it "
            "first: triage-gateway hold --lift."
        )
    if state.least_days is None or last_activity is None:
        return
    free = last_activity + timedelta(days=state.least_days)
    if at < free:
        raise TooSoonError(
            f"The site keeps data for {state.least_days} days after the last activity, "
            f"so this patient can be erased from {free:%Y-%m-%d} on."
        )


def _lift(command: LiftHold, state: Retention) -> list[RetentionEvent]:
    _require_told(command.by, command.reason)
    if not state.held:
        raise IllegalTransitionError("No legal hold is set for this patient.")
    return [HoldLifted(by=command.by, reason=command.reason, at=command.at)]


def _state(command: StateRetention, state: Retention) -> list[RetentionEvent]:
    now = (command.least_days, command.most_days)
    known = (state.least_days, state.most_days)
    if now == known and (state.stated or now == (None, None)):
        return []
    return [
        RetentionStated(
            least_days=command.least_days, most_days=command.most_days, at=command.at
        )
    ]


def _erase(command: ErasePatient, state: Retention) -> list[RetentionEvent]:
    require_erasable(state, last_activity=command.last_activity, at=command.at)
    _require_told(command.by, command.reason)
    if not _CODE.fullmatch(command.reason):
        raise IncompleteReviewError(
            "The reason of an erasure is a code such as 'request': small letters, "
            "digits and hyphens, 32 at most, so that it names nobody."
        )
    return [
        PatientErased(
            erasure_id=command.erasure_id,
            patient=command.patient,
            keys=command.keys,
            positions=command.positions,
            cases=command.cases,
            jobs=command.jobs,
            reason=command.reason,
            by=command.by,
            at=command.at,
        )
    ]


def _require_told(by: str, reason: str) -> None:
    if not _BY.fullmatch(by) or not reason.strip():
        raise IncompleteReviewError(
            "Say who decided this (--by, 64 characters at most) and why (--reason)."
        )
