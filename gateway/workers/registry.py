"""Which release of a model counts, as the log has it at this moment."""

from domain import registry
from domain.registered import RegistryEvent
from domain.registry import Registry
from gateway.intake.retelling import since
from gateway.intake.streams import REGISTRY
from gateway.store.ledger import Ledger


class CurrentRegistry:
    """Reads what is new of it; a person or another gateway may have activated one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[Registry, int] = (registry.EMPTY, 0)

    def now(self) -> Registry:
        """Return it; any thread may ask."""
        state, version = self._known
        newer = self._ledger.stream(REGISTRY, after=version)
        if newer:
            state, version = since(state, newer, registry.evolve, RegistryEvent)
            self._known = (state, version)
        return state
