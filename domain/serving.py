"""Whether a model may answer: its self-test, its switch, and its alarm budget."""

from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.naming import require_said
from domain.served import (
    CanaryAnswer,
    ModelRefused,
    ModelResumed,
    ModelServed,
    ModelSuspended,
    RaisesExceeded,
    RaisesSubsided,
    Served,
    ServingEvent,
)
from domain.switching import (
    AdmitModel,
    CountRaises,
    NoteIndex,
    ResumeModel,
    ServingCommand,
    SuspendModel,
)


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Which model passed last, what it said then, and what stands against it."""

    served: Served | None = None
    canaries: tuple[CanaryAnswer, ...] = ()
    refused: ModelRefused | None = None
    suspended: ModelSuspended | None = None
    exceeded: RaisesExceeded | None = None


UNSERVED: Final = Serving()


def decide(command: ServingCommand, state: Serving) -> list[ServingEvent]:
    """Grant or refuse a step; what is so already is no event.

    Raises:
        UnnamedSwitchError: nobody is named, or no reason is given.

    """
    match command:
        case AdmitModel():
            return _admit(command, state)
        case NoteIndex():
            return _reindex(command, state)
        case SuspendModel():
            return _suspend(command, state)
        case ResumeModel():
            return _resume(command, state)
        case CountRaises():
            return _count(command, state)
        case _:
            assert_never(command)


def evolve(state: Serving, event: ServingEvent) -> Serving:
    """Remember what happened to the model."""
    match event:
        case ModelServed() | ModelRefused():
            return _tested(state, event)
        case ModelSuspended() | ModelResumed():
            off = event if isinstance(event, ModelSuspended) else None
            return replace(state, suspended=off)
        case RaisesExceeded() | RaisesSubsided():
            too_many = event if isinstance(event, RaisesExceeded) else None
            return replace(state, exceeded=too_many)
        case _:
            assert_never(event)


def _tested(state: Serving, event: ModelServed | ModelRefused) -> Serving:
    if isinstance(event, ModelRefused):
        return replace(state, refused=event)
    return replace(state, served=event.served, canaries=event.canaries, refused=None)


def _admit(command: AdmitModel, state: Serving) -> list[ServingEvent]:
    faults = (*command.faults, *_disobedience(command), *_changes(command, state))
    if faults:
        return _refuse(command, faults, state)
    if command.served == state.served and state.refused is None:
        return []
    known = state.served is not None and command.served.answerer == (
        state.served.answerer
    )
    canaries = _together(state.canaries if known else (), command.canaries)
    return [ModelServed(served=command.served, canaries=canaries, at=command.at)]


def _reindex(command: NoteIndex, state: Serving) -> list[ServingEvent]:
    """Note another index, unless the model failed since: then nothing serves."""
    if state.served is None or state.refused or state.served.index == command.index:
        return []
    served = replace(state.served, index=command.index)
    return [ModelServed(served=served, canaries=state.canaries, at=command.at)]


def _refuse(
    command: AdmitModel, faults: tuple[str, ...], state: Serving
) -> list[ServingEvent]:
    known = state.refused
    if known and (known.served, known.faults) == (command.served, faults):
        return []
    return [
        ModelRefused(
            served=command.served,
            faults=faults,
            canaries=command.canaries,
            at=command.at,
        )
    ]


def _together(
    known: tuple[CanaryAnswer, ...], said: tuple[CanaryAnswer, ...]
) -> tuple[CanaryAnswer, ...]:
    """Return the first recorded answer to each fixed case: a drift has no small steps.

    An answer that was within what is tolerated must not become what is compared with.
    """
    return tuple({each.canary: each for each in (*said, *known)}.values())


def _disobedience(command: AdmitModel) -> list[str]:
    asked = len(command.canaries)
    kept = sum(1 for each in command.canaries if each.acuity)
    if kept >= command.obedience * asked:
        return []
    what = "of its answers to the fixed cases kept the answer format"
    return [f"only {kept} of {asked} {what}"]


def _changes(command: AdmitModel, state: Serving) -> list[str]:
    """Compare with what the same model has said to the same prompts before."""
    if state.served is None or command.served.answerer != state.served.answerer:
        return []
    before = {each.canary: each for each in state.canaries}
    known = [each for each in command.canaries if each.canary in before]
    changed = [each for each in known if _differs(each, before[each.canary], command)]
    if len(changed) <= command.tolerance * len(known):
        return []
    what = "of its answers to the fixed cases changed, and nothing it is known by did"
    return [f"{len(changed)} of {len(known)} {what}"]


def _differs(now: CanaryAnswer, before: CanaryAnswer, command: AdmitModel) -> bool:
    if command.exact:
        return now.sha256 != before.sha256
    return now.acuity != before.acuity


def _suspend(command: SuspendModel, state: Serving) -> list[ServingEvent]:
    if not command.figures:
        require_said(command.by, command.reason)
    if state.suspended is not None:
        return []
    return [
        ModelSuspended(
            by=command.by,
            reason=command.reason,
            figures=command.figures,
            at=command.at,
        )
    ]


def _resume(command: ResumeModel, state: Serving) -> list[ServingEvent]:
    require_said(command.by, command.reason)
    if state.suspended is None:
        return []
    return [ModelResumed(by=command.by, reason=command.reason, at=command.at)]


def _count(command: CountRaises, state: Serving) -> list[ServingEvent]:
    raises = command.raises
    if raises.too_many == (state.exceeded is not None):
        return []
    kind = RaisesExceeded if raises.too_many else RaisesSubsided
    return [kind(raises=raises, at=command.at)]
