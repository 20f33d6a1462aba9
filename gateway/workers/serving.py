"""Which model may answer, as the log has it at this moment."""

from domain import serving
from domain.served import ServingEvent
from domain.serving import Serving
from gateway.intake.retelling import since
from gateway.intake.streams import SERVING
from gateway.store.ledger import Ledger


class CurrentServing:
    """Reads what is new of it; a person or another gateway may have switched it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[Serving, int] = (serving.UNSERVED, 0)

    def now(self) -> Serving:
        """Return it; any thread may ask."""
        state, version = self._known
        newer = self._ledger.stream(SERVING, after=version)
        if newer:
            state, version = since(state, newer, serving.evolve, ServingEvent)
            self._known = (state, version)
        return state
