"""The data of a case as they came in: which versions, when, from whom."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from domain.events import RecordAccepted, RecordCorrected, RecordWithdrawn
from domain.values import Reference
from gateway.audit import words
from gateway.audit.story import Block, Entry, Facts, Fold, Table, Teller
from gateway.intake.streams import record_stream
from gateway.store.records import Erased, Recorded

History = Callable[[str], Sequence[Recorded | Erased]]
_DONE: Final = {
    RecordAccepted: "received",
    RecordCorrected: "received, replacing an earlier version",
    RecordWithdrawn: "deleted by its sender",
}
_ERASED: Final = "erased"


def inputs(used: Mapping[Reference, str], history: History) -> Iterator[Entry]:
    """Tell how versions came in; what one request brought is one entry.

    `used` says of each version how the case used it.
    """
    found: list[tuple[Recorded, str]] = []
    for reference, how in used.items():
        event = _event(reference, history)
        if isinstance(event, Recorded):
            found.append((event, how))
        elif event is not None:
            yield erased_input(event, reference)
    found.sort(key=lambda each: each[0].position)
    for _, together in groupby(found, key=lambda each: each[0].request):
        yield _request(list(together))


def erased_input(event: Erased, reference: Reference) -> Entry:
    """Tell that a version that the case used was erased."""
    return Entry(
        position=event.position,
        at=None,
        teller=Teller.ERASED,
        who=_ERASED,
        title=f"{words.reference(reference)} was received; it was erased since",
    )


def _event(reference: Reference, history: History) -> Recorded | Erased | None:
    """Return the event that made a version; versions count the stream's events."""
    for event in history(record_stream(reference)):
        if event.version == reference.version:
            return event
    return None


def _request(together: list[tuple[Recorded, str]]) -> Entry:
    first = together[0][0]
    count = len(together)
    what = words.reference(_of(first)) if count == 1 else f"{count} resources"
    return Entry(
        position=first.position,
        at=first.at,
        teller=Teller.SENDER,
        who=first.actor,
        title=f"{first.actor} sent {what} that the case used",
        blocks=(
            Facts(
                rows=(
                    ("Sent from", first.address or words.UNKNOWN),
                    ("Request", first.request),
                )
            ),
            Table(
                title="What came",
                columns=("Resource", "What happened", "Used as", "Log position"),
                rows=tuple(_row(event, how) for event, how in together),
            ),
            *_folds(event for event, _ in together),
        ),
        also=tuple(event.position for event, _ in together[1:]),
    )


def _row(event: Recorded, how: str) -> tuple[str, ...]:
    done = _DONE.get(type(event.event), event.topic)
    return words.reference(_of(event)), done, how, str(event.position)


def _folds(events: Iterable[Recorded]) -> Iterator[Block]:
    for recorded in events:
        event = recorded.event
        if isinstance(event, RecordAccepted | RecordCorrected):
            title = f"{words.reference(event.reference)}, as it was sent"
            yield Fold(title=title, text=event.received.decode(errors="replace"))


def _of(recorded: Recorded) -> Reference:
    event = recorded.event
    if isinstance(event, RecordAccepted | RecordCorrected | RecordWithdrawn):
        return event.reference
    raise ValueError("A record's stream holds only what happened to a record.")
