"""Which releases of models a site knows, and which of them counts.

A model counts only while it is the release that was activated last and not rolled back.
Everything else that answers is in shadow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from re import compile as pattern
from typing import Final, assert_never

from domain.answerer import Answerer, differences, unasked
from domain.answers import ModelRun
from domain.errors import (
    UnfitReleaseError,
    UnnamedSwitchError,
    UnregistrableReleaseError,
)
from domain.gate import passed
from domain.naming import LONGEST_NAME, is_said, require_said
from domain.registered import (
    ModelActivated,
    ModelRegistered,
    ModelRolledBack,
    RegistryEvent,
    Release,
)
from domain.registering import (
    ActivateModel,
    RegisterModel,
    RegistryCommand,
    RollBackModel,
)
from domain.served import Served

FORCED: Final = "the settings keep it there"
NONE_ACTIVE: Final = "no release of a model is active"
_HASH: Final = pattern(r"[0-9a-f]{64}").fullmatch


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What was registered, what counts, and what counted before it."""

    registered: tuple[ModelRegistered, ...] = ()
    line: tuple[ModelActivated, ...] = ()  # what a rollback goes back through
    history: tuple[ModelActivated | ModelRolledBack, ...] = ()

    @property
    def releases(self) -> tuple[Release, ...]:
        """Return every release that is known."""
        return tuple(each.release for each in self.registered)

    @property
    def active(self) -> Release | None:
        """Return the release that counts, None where no model does."""
        known = {each.sha256: each for each in self.releases}
        return known[self.line[-1].release] if self.line else None

    def of(self, answerer: Answerer) -> Release | None:
        """Return the release that answers: the active one first, then the newest."""
        active = self.active
        known = (*self.releases, *((active,) if active else ()))
        return next((e for e in reversed(known) if answerer.is_of(e)), None)

    def objection(self, answerer: Answerer) -> str:
        """Say why a model does not count; "" where it does."""
        active = self.active
        if active is None:
            return NONE_ACTIVE
        found = (*differences(answerer, active), *unasked(answerer.asking, active))
        return "; ".join(found)

    def shadow_why(self, served: Served) -> str:
        """Say why a model that passed its self-test is in shadow; "" where it counts.

        The settings come first.
        """
        return FORCED if served.shadow else self.objection(Answerer.of_served(served))

    def settled(self, run: ModelRun) -> ModelRun:
        """Return an answer with what the registry says of it: whether it counts, why.

        An answer that comes in shadow without another reason is there by the settings.
        """
        answerer = Answerer.of_run(run)
        forced = run.shadow and run.shadow_why in ("", FORCED)
        why = FORCED if forced else self.objection(answerer)
        release = self.of(answerer)
        return replace(
            run,
            shadow=bool(why),
            shadow_why=why,
            release=release.title if release else "",
        )


EMPTY: Final = Registry()


def decide(command: RegistryCommand, state: Registry) -> list[RegistryEvent]:
    """Grant or refuse a step; what is so already is no event.

    Raises:
        UnnamedSwitchError: nobody is named, or no reason is given.
        UnregistrableReleaseError: a name, a version or a hash is none, or the version
            is that of another release.
        UnfitReleaseError: no such release is known, it was measured with another
            prompt or answer format, or a figure of the gate does not hold.

    """
    match command:
        case RegisterModel():
            return _register(command, state)
        case ActivateModel():
            return _activate(command, state)
        case RollBackModel():
            return _roll_back(command, state)
        case _:
            assert_never(command)


def evolve(state: Registry, event: RegistryEvent) -> Registry:
    """Remember what was registered, activated or rolled back."""
    match event:
        case ModelRegistered():
            return replace(state, registered=(*state.registered, event))
        case ModelActivated():
            history = (*state.history, event)
            return replace(state, line=(*state.line, event), history=history)
        case ModelRolledBack():
            history = (*state.history, event)
            return replace(state, line=state.line[:-1], history=history)
        case _:
            assert_never(event)


def _register(command: RegisterModel, state: Registry) -> list[RegistryEvent]:
    if not is_said(command.by, LONGEST_NAME):
        raise UnnamedSwitchError(
            "Say who registers the model (--by, 100 characters at most, on one line)."
        )
    release = command.release
    for fault in _faults(release):
        raise UnregistrableReleaseError(fault)
    known = {each.title: each.sha256 for each in state.releases}
    if known.get(release.title) == release.sha256:
        return []
    if release.title in known:
        raise UnregistrableReleaseError(
            f"Another release is registered as {release.title}: give this one a "
            "version of its own."
        )
    return [ModelRegistered(release=release, by=command.by, at=command.at)]


def _faults(release: Release) -> Iterator[str]:
    for each in (release.name, release.version):
        if not is_said(each, LONGEST_NAME) or "@" in each:
            yield "A release has a name and a version, each on one line and without @."
    hashes = (release.sha256, release.base_sha256, release.asking.prompt_sha256)
    adapter = (release.adapter_sha256,) if release.adapter_sha256 else ()
    for each in (*hashes, release.asking.schema_sha256, *adapter):
        if not _HASH(each):
            yield "A release names base, adapter, prompt and schema by SHA-256 in hex."


def _activate(command: ActivateModel, state: Registry) -> list[RegistryEvent]:
    require_said(command.by, command.reason)
    release = _known(command.title, state)
    otherwise = "; ".join(unasked(command.asking, release))
    if otherwise:
        raise UnfitReleaseError(f"{release.title} cannot count: {otherwise}.")
    held = passed(command.required, release)
    active = state.active
    if active is not None and active.sha256 == release.sha256:
        return []
    return [
        ModelActivated(
            release=release.sha256,
            title=release.title,
            gate=command.gate,
            held=held,
            by=command.by,
            reason=command.reason,
            at=command.at,
        )
    ]


def _known(title: str, state: Registry) -> Release:
    for each in state.releases:
        if each.title == title:
            return each
    known = ", ".join(each.title for each in state.releases) or "none"
    raise UnfitReleaseError(
        f"No release of that name@version is registered; there are: {known}."
    )


def _roll_back(command: RollBackModel, state: Registry) -> list[RegistryEvent]:
    require_said(command.by, command.reason)
    left = _known(command.title, state) if command.title else state.active
    if left is None or state.active is None or left.sha256 != state.active.sha256:
        return []
    back = state.line[-2].release if len(state.line) > 1 else ""
    return [
        ModelRolledBack(
            release=left.sha256,
            back=back,
            by=command.by,
            reason=command.reason,
            at=command.at,
        )
    ]
