"""Releases of models: read from the log, and as units of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain import registry
from domain.registered import RegistryEvent
from domain.registering import RegistryCommand
from domain.registry import Registry
from gateway.intake.retelling import since
from gateway.intake.streams import REGISTRY
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context, Erased, Recorded
from gateway.store.session import Session
from gateway.store.subjects import NOBODY


@dataclass(frozen=True, kw_only=True)
class RegistryUnit:
    """Lets the registry of releases decide; doing it again changes nothing.

    A rollback that does not name what it leaves is the exception.
    """

    command: RegistryCommand
    context: Context

    def __call__(self, session: Session) -> Registry:
        """Append what it decides; return the registry as it is then.

        Raises:
            RuleError: a release cannot be registered or may not count, or nobody says
                who decides it, or why.

        """
        state = known(session)
        events = registry.decide(self.command, state)
        session.append(REGISTRY, events, subject=NOBODY, context=self.context)
        return known(session)

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({REGISTRY}, set())


def known(session: Session) -> Registry:
    """Return the registry as a unit of work sees it."""
    return session.load(REGISTRY, registry.evolve, registry.EMPTY)[0]


def told(stream: Callable[[str], Sequence[Recorded | Erased]]) -> Registry:
    """Return the registry as a log has it; `stream` gives the events of a stream."""
    return since(registry.EMPTY, stream(REGISTRY), registry.evolve, RegistryEvent)[0]
