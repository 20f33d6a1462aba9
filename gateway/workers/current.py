"""A matter that a site decides, as the log has it at this moment."""

from typing import Any, Generic, TypeVar

from gateway.intake.matter import Matter
from gateway.store.ledger import Ledger

S = TypeVar("S")


class Current(Generic[S]):
    """Reads what is new of it; a person or another gateway may have decided since."""

    def __init__(self, ledger: Ledger, matter: Matter[S, Any]) -> None:
        self._ledger = ledger
        self._matter = matter
        self._known: tuple[S, int] = (matter.initial, 0)

    def now(self) -> S:
        """Return its state; any thread may ask."""
        state, version = self._known
        newer = self._ledger.stream(self._matter.stream, after=version)
        if newer:
            state, version = self._matter.after(state, newer)
            self._known = (state, version)
        return state
