"""The site's rules and their signature: read from the log, and as units of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain import rulebook
from domain.commands import RulesCommand
from domain.rulebook import Rulebook
from domain.ruled import RulesEvent
from gateway.intake.retelling import since
from gateway.intake.streams import RULES
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context, Erased, Recorded
from gateway.store.session import Session
from gateway.store.subjects import NOBODY


@dataclass(frozen=True, kw_only=True)
class RulesUnit:
    """Lets the rulebook decide; doing it again changes nothing."""

    command: RulesCommand
    context: Context

    def __call__(self, session: Session) -> Rulebook:
        """Append what it decides; return it as it is then.

        Raises:
            RuleError: what the site adds is not stricter, or cannot be signed.

        """
        state, _ = session.load(RULES, rulebook.evolve, rulebook.UNSIGNED)
        events = rulebook.decide(self.command, state)
        session.append(RULES, events, subject=NOBODY, context=self.context)
        after, _ = session.load(RULES, rulebook.evolve, rulebook.UNSIGNED)
        return after

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({RULES}, set())


def told(stream: Callable[[str], Sequence[Recorded | Erased]]) -> Rulebook:
    """Return the rulebook as a log has it; `stream` gives the events of a stream."""
    return since(rulebook.UNSIGNED, stream(RULES), rulebook.evolve, RulesEvent)[0]
