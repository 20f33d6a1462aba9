"""A matter that a site decides for itself: read from the log, and as units of work.

Its rules, its knowledge, which model serves and which release counts: each has one
stream, which names no patient, and one state.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, get_args

from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context, Erased, Recorded
from gateway.store.session import Session
from gateway.store.subjects import NOBODY

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, kw_only=True)
class Matter(Generic[S, C]):
    """Where it stands in the log, and how it is decided and remembered.

    `events` is the union of those that its state knows.
    """

    stream: str
    initial: S
    decide: Callable[[C, S], Sequence[Any]]
    evolve: Callable[[S, Any], S]
    events: object

    def known(self, session: Session) -> S:
        """Return its state as a unit of work sees it."""
        return session.load(self.stream, self.evolve, self.initial)[0]

    def told(self, stream: Callable[[str], Sequence[Recorded | Erased]]) -> S:
        """Return its state as a log has it; `stream` gives the events of a stream."""
        return self.after(self.initial, stream(self.stream))[0]

    def after(self, state: S, recorded: Iterable[Recorded | Erased]) -> tuple[S, int]:
        """Return a state after more of its stream, and the version of the last row.

        The version is 0 where there was no row.
        """
        kinds, version = get_args(self.events), 0
        for each in recorded:
            version = each.version
            if not isinstance(each, Erased) and isinstance(each.event, kinds):
                state = self.evolve(state, each.event)
        return state, version


@dataclass(frozen=True, kw_only=True)
class MatterUnit(Generic[S, C]):
    """Lets a matter be decided; doing it again changes nothing."""

    matter: ClassVar[Matter[Any, Any]]

    command: C
    context: Context

    def __call__(self, session: Session) -> S:
        """Append what is decided; return the state as it is then.

        Raises:
            RuleError: the command is refused.

        """
        matter = self.matter
        events = matter.decide(self.command, matter.known(session))
        session.append(matter.stream, events, subject=NOBODY, context=self.context)
        after: S = matter.known(session)
        return after

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({self.matter.stream}, set())
