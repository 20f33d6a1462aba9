"""Cases beside a reading of the log: what each was when an event came.

An event that was erased is counted, so that versions keep their numbers.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from domain.assessment import Assessment, evolve, passed
from gateway.store.records import Erased, Recorded

History = Callable[[str], Sequence[Recorded | Erased]]


def followed(state: Assessment, row: Recorded | Erased) -> Assessment:
    """Return a case after one more row of its stream."""
    if isinstance(row, Erased):
        return passed(state, row.topic)
    return evolve(state, row.event)  # type: ignore[arg-type]


class Followed:
    """The newest states of cases, at most so many; `history` gives a stream's rows.

    What was erased comes without the name of its stream: that something is missing is
    seen by the number of the next event.
    """

    def __init__(self, history: History, *, remembered: int | None = None) -> None:
        self._history = history
        self._remembered = remembered
        self._known: OrderedDict[str, tuple[Assessment, int]] = OrderedDict()

    def before(self, recorded: Recorded) -> Assessment:
        """Return the case as it was before an event of its stream."""
        state, version = self._known.get(recorded.stream, (Assessment(), 0))
        if version + 1 == recorded.version:
            return state
        state = Assessment()
        for row in self._history(recorded.stream):
            if row.version >= recorded.version:
                break
            state = followed(state, row)
        return state

    def note(self, recorded: Recorded, state: Assessment) -> None:
        """Remember the case as it is after an event."""
        self._known[recorded.stream] = (state, recorded.version)
        self._known.move_to_end(recorded.stream)
        if self._remembered is not None and len(self._known) > self._remembered:
            self._known.popitem(last=False)

    def drop(self, stream: str) -> None:
        """Forget a case of which hardly anything more is to come."""
        self._known.pop(stream, None)

    def clear(self) -> None:
        """Believe the log again."""
        self._known.clear()
