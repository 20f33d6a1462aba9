"""Whether a request would be carried out now: decided as in earnest, then undone."""

from dataclasses import dataclass

from gateway.intake.change import Answer
from gateway.intake.unit import Unit
from gateway.store.foresight import Derive, Reads
from gateway.store.session import Session


class RehearsedError(Exception):
    """The request would be carried out; raised so that nothing of it is kept."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        super().__init__("This was a rehearsal: nothing of it was kept.")
        self.answers = answers


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """One request, decided in the log's writer like any other, and never appended.

    The writer keeps nothing of a unit that raises, whatever the unit had appended.
    """

    unit: Unit

    def __call__(self, session: Session) -> None:
        """Decide.

        Raises:
            RehearsedError: it would be carried out.
            ChangeError: a change would be refused.
            RuleError: the request as a whole would be refused.

        """
        raise RehearsedError(self.unit(session))

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        return self.unit.reads(derive)
