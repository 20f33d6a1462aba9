"""Which release of a model counted, granted again from what the log says before it."""

from collections.abc import Iterator
from contextlib import suppress

from domain import registry
from domain.answers import UNTOLD
from domain.errors import RuleError
from domain.registered import (
    ModelActivated,
    ModelRegistered,
    ModelRolledBack,
    RegistryEvent,
)
from domain.registering import (
    ActivateModel,
    RegisterModel,
    RegistryCommand,
    RollBackModel,
)
from domain.registry import Registry
from gateway.audit.findings import Finding


class Releases:
    """Follows a log's registry of releases; what it would not grant has no effect."""

    def __init__(self) -> None:
        self.known = registry.EMPTY

    def check(self, position: int, event: RegistryEvent) -> Iterator[Finding]:
        """Give what differs when the event's step is asked for again."""
        granted: list[RegistryEvent] = []
        with suppress(RuleError):
            granted = registry.decide(_asked(event, self.known), self.known)
        if granted == [event]:
            self.known = registry.evolve(self.known, event)
        else:
            yield Finding(position, "the log before it does not grant this release")


def _asked(event: RegistryEvent, known: Registry) -> RegistryCommand:
    match event:
        case ModelRegistered(release=release):
            return RegisterModel(release=release, by=event.by, at=event.at)
        case ModelActivated():
            asking = {each.title: each.asking for each in known.releases}
            return ActivateModel(
                title=event.title,
                gate=event.gate,
                required=tuple(each.required for each in event.held),
                asking=asking.get(event.title, UNTOLD),
                by=event.by,
                reason=event.reason,
                at=event.at,
            )
        case ModelRolledBack():
            return RollBackModel(by=event.by, reason=event.reason, at=event.at)
