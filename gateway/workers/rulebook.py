"""The site's rules and their signature, as the log has them at this moment."""

from typing import get_args

from domain import rulebook
from domain.rulebook import Rulebook
from domain.ruled import RulesEvent
from gateway.intake.streams import RULES
from gateway.store.ledger import Ledger
from gateway.store.records import Erased


class CurrentRules:
    """Reads what is new of them; another gateway may have signed meanwhile."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[Rulebook, int] = (rulebook.UNSIGNED, 0)

    def now(self) -> Rulebook:
        """Return them; any thread may ask."""
        state, version = self._known
        for recorded in self._ledger.stream(RULES, after=version):
            version = recorded.version
            if not isinstance(recorded, Erased) and isinstance(
                recorded.event, get_args(RulesEvent)
            ):
                state = rulebook.evolve(state, recorded.event)
        self._known = (state, version)
        return state
