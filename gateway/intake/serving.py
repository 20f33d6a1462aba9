"""Which model may answer: read from the log, and as units of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain import serving
from domain.served import ServingEvent
from domain.serving import Serving
from domain.switching import ServingCommand
from gateway.intake.retelling import since
from gateway.intake.streams import SERVING
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context, Erased, Recorded
from gateway.store.session import Session
from gateway.store.subjects import NOBODY


@dataclass(frozen=True, kw_only=True)
class ServingUnit:
    """Lets the model's registry decide; doing it again changes nothing."""

    command: ServingCommand
    context: Context

    def __call__(self, session: Session) -> Serving:
        """Append what it decides; return it as it is then.

        Raises:
            RuleError: nobody says who switches the model, or why.

        """
        state, _ = session.load(SERVING, serving.evolve, serving.UNSERVED)
        events = serving.decide(self.command, state)
        session.append(SERVING, events, subject=NOBODY, context=self.context)
        after, _ = session.load(SERVING, serving.evolve, serving.UNSERVED)
        return after

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({SERVING}, set())


def told(stream: Callable[[str], Sequence[Recorded | Erased]]) -> Serving:
    """Return the registry as a log has it; `stream` gives the events of a stream."""
    return since(serving.UNSERVED, stream(SERVING), serving.evolve, ServingEvent)[0]
