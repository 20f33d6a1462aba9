"""The site's rules and their signature, as the log has them at this moment."""

from domain import rulebook
from domain.rulebook import Rulebook
from domain.ruled import RulesEvent
from gateway.intake.retelling import since
from gateway.intake.streams import RULES
from gateway.store.ledger import Ledger


class CurrentRules:
    """Reads what is new of them; another gateway may have signed meanwhile."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[Rulebook, int] = (rulebook.UNSIGNED, 0)

    def now(self) -> Rulebook:
        """Return them; any thread may ask."""
        state, version = self._known
        newer = self._ledger.stream(RULES, after=version)
        if newer:
            state, version = since(state, newer, rulebook.evolve, RulesEvent)
            self._known = (state, version)
        return state
