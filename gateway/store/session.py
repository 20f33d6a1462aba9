"""What a unit of work may do with the log: read streams and append to them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec
from eventsourcing.persistence import StoredEvent

from gateway.store.envelope import Entry, Place, sealed_state
from gateway.store.errors import UnrecordableEventError
from gateway.store.foresight import Foresight, Reads
from gateway.store.keyring import DataKey
from gateway.store.reading import RowReader
from gateway.store.records import Context, Erased, Event, is_heavy
from gateway.store.registry import EventRegistry
from gateway.store.schema import KeyRow
from gateway.store.staging import Staged

S = TypeVar("S")
E = TypeVar("E", bound=Event)

_HOT_STREAMS: Final = 8192
_HOT_SUBJECTS: Final = 4096
_FOLDS_A_STREAM: Final = 4
Fold = Callable[[Any, Any], Any]
_NONE: Final[Mapping[Fold, object]] = MappingProxyType({})


class StreamState(NamedTuple):
    """A stream's version, its states by fold, and what is not yet on the disk."""

    version: int
    states: Mapping[Fold, object] = _NONE
    fresh: tuple[Event, ...] = ()

    def after(self, events: Sequence[Event]) -> "StreamState":
        """Return what is known once these events are appended."""
        states = {fold: _folded(fold, s, events) for fold, s in self.states.items()}
        version = self.version + len(events)
        return StreamState(version, states, (*self.fresh, *events))

    def with_state(self, fold: Fold, state: object) -> "StreamState":
        """Return this and one more state, letting the oldest go beyond a few."""
        kept = list(self.states.items())[-(_FOLDS_A_STREAM - 1) :]
        return StreamState(self.version, {**dict(kept), fold: state}, self.fresh)

    def settled(self) -> "StreamState":
        """Return this once all of it is on the disk, without what is heavy."""
        light = {k: v for k, v in self.states.items() if not is_heavy(v)}
        return StreamState(self.version, light)


class Batch:
    """What the group in progress would add to the log."""

    def __init__(self) -> None:
        self.rows: list[StoredEvent] = []
        self.key_rows: list[KeyRow] = []
        self.streams: Staged[str, StreamState] = Staged(
            _HOT_STREAMS, settle=StreamState.settled
        )
        self.keys: Staged[bytes, DataKey] = Staged(
            _HOT_SUBJECTS, settle=lambda key: key
        )
        self._mark = (0, 0)

    def keep_unit(self) -> None:
        """Let the unit's rows, keys and states be part of the group."""
        self._mark = (len(self.rows), len(self.key_rows))
        self.streams.keep_unit()
        self.keys.keep_unit()

    def drop_unit(self) -> None:
        """Leave no trace of the unit."""
        rows, key_rows = self._mark
        del self.rows[rows:]
        del self.key_rows[key_rows:]
        self.streams.drop_unit()
        self.keys.drop_unit()

    def keep_group(self) -> None:
        """Start the next group from what is now on the disk."""
        self._clear_rows()
        self.streams.keep_group()
        self.keys.keep_group()

    def drop_all(self) -> None:
        """Believe nothing but the disk."""
        self._clear_rows()
        self.streams.drop_all()
        self.keys.drop_all()

    def _clear_rows(self) -> None:
        self.rows, self.key_rows, self._mark = [], [], (0, 0)


class Session:
    """The log as one unit of work sees it, in the writer's thread only.

    It sees its own appends and those of the units before it in the same group,
    which reach the disk with it or not at all.
    """

    def __init__(
        self,
        *,
        disk: Foresight,
        reader: RowReader,
        registry: EventRegistry,
        batch: Batch,
    ) -> None:
        self._disk = disk
        self._reader = reader
        self._registry = registry
        self._batch = batch

    def expect(self, wanted: Iterable[Reads]) -> None:
        """Read at once what the units of the next group will ask for.

        Raises:
            LogUnavailableError: if the disk cannot be read.

        """
        names = self._reader.names
        streams: set[str] = set()
        keys: set[bytes] = set()
        for reads in wanted:
            streams.update(reads.streams)
            keys.update(map(names.subject, reads.subjects))
        known = self._batch.streams.get
        self._disk.look(
            [names.stream(each) for each in streams if known(each) is None],
            [each for each in keys if self._batch.keys.get(each) is None],
        )

    def begin(self, stream: str) -> None:
        """Spare the look for events of a stream that the unit has just invented.

        Its name must be new, as one that derives from a new version is: the log
        refuses the whole group where a stream is begun a second time.
        """
        self._disk.begin(self._reader.names.stream(stream))

    def load(
        self, stream: str, evolve: Callable[[S, E], S], initial: S
    ) -> tuple[S, int]:
        """Return a stream's state and version (0 and `initial` when empty).

        Hot streams are remembered by `evolve`, so pass the same function, not a
        new lambda, and always the same `initial` with it. Erased events count
        as versions and are not shown to `evolve`.

        Raises:
            LogUnavailableError: if the disk cannot be read.
            LogDamagedError: if a row is not what was written.

        """
        known = self._batch.streams.get(stream)
        if known is None or evolve not in known.states:
            known = self._replayed(stream, evolve, initial, known)
            self._batch.streams.put(stream, known)
        return cast("S", known.states[evolve]), known.version

    def append(
        self, stream: str, events: Sequence[Event], *, subject: str, context: Context
    ) -> None:
        """Add events to a stream, encrypted with the subject's key.

        The subject is the patient's name in the log, or "" for what concerns no
        patient. Nothing reaches the disk unless the whole unit succeeds.

        Raises:
            UnknownTopicError: if an event is not in the registry.
            UnrecordableEventError: if it would not be read back as it is.
            LogUnavailableError: if the disk cannot be read.

        """
        if context.at.tzinfo is None:
            raise UnrecordableEventError("Say the time zone of the context's time.")
        originator_id = self._reader.names.stream(stream)
        known = self._known(stream, originator_id)
        key = self._key(subject)
        for version, event in enumerate(events, known.version + 1):
            entry = Entry(
                stream=stream,
                at=context.at,
                actor=context.actor,
                request=context.request,
                event=msgspec.Raw(self._registry.encode(event)),
                address=context.address,
            )
            place = Place(
                tenant=self._reader.names.tenant,
                originator_id=originator_id,
                version=version,
                topic=event.topic,
            )
            state = sealed_state(entry, place, key.key_id, key.cipher)
            self._batch.rows.append(
                StoredEvent(originator_id, version, event.topic, state)
            )
        self._batch.streams.put(stream, known.after(events))
        context.note(events)

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes that only this log can compute, for identities."""
        return self._reader.names.derive(*parts)

    def _known(self, stream: str, originator_id: str) -> StreamState:
        known = self._batch.streams.get(stream)
        if known is None:
            return StreamState(version=self._disk.version_of(originator_id))
        return known

    def _replayed(
        self, stream: str, evolve: Fold, initial: object, known: StreamState | None
    ) -> StreamState:
        rows = self._disk.rows_of(self._reader.names.stream(stream))
        recorded = (self._reader.recorded(row, self._registry) for row in rows)
        events = [entry.event for entry in recorded if not isinstance(entry, Erased)]
        current = known or StreamState(version=len(rows))
        state = _folded(evolve, initial, [*events, *current.fresh])
        return current.with_state(evolve, state)

    def _key(self, subject: str) -> DataKey:
        tag = self._reader.names.subject(subject)
        key = self._batch.keys.get(tag)
        if key is None:
            key = self._stored_key(tag)
            self._batch.keys.put(tag, key)
        return key

    def _stored_key(self, tag: bytes) -> DataKey:
        """Open the subject's key; make one if there is none or it was erased."""
        stored = self._disk.newest_key(tag)
        if stored is not None and stored.wrapped is not None:
            return self._reader.keyring.opened(stored, stored.wrapped)
        generation = stored.generation + 1 if stored else 1
        row, key = self._reader.keyring.make(tag, generation)
        self._batch.key_rows.append(row)
        return key


def _folded(fold: Fold, state: object, events: Sequence[Event]) -> object:
    for event in events:
        state = fold(state, event)
    return state
