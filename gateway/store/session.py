"""What a unit of work may do with the log: read streams and append to them."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import msgspec

from gateway.store.batch import Batch, Fold, StreamState, folded
from gateway.store.envelope import Entry, Place, sealed_state
from gateway.store.errors import OverloadedError, UnrecordableEventError
from gateway.store.foresight import NOTHING, Foresight, Reads
from gateway.store.keyring import DataKey
from gateway.store.reading import RowReader
from gateway.store.records import Context, Erased, Event, Recorded
from gateway.store.registry import EventRegistry
from gateway.store.schema import KeyRow, NewRow, Row
from gateway.store.subjects import members

S = TypeVar("S")
E = TypeVar("E", bound=Event)


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
        self._disk.forget()  # first: a name that cannot be encoded ends this
        names = self._reader.names
        streams: set[str] = set()
        keys: set[bytes] = set()
        for reads in wanted:
            if reads is NOTHING:
                continue
            streams.update(reads.streams)
            keys.update(map(names.subject, reads.subjects))
        known = self._batch.streams.get
        self._disk.look(
            [each for each in map(names.stream, streams) if known(each) is None],
            [each for each in keys if self._batch.keys.get(each) is None],
        )

    def begin(self, stream: str) -> None:
        """Spare the look for events of a stream that the unit has just invented.

        Its name must be new, as one that derives from a new version is: the log
        refuses the whole group where a stream is begun a second time.
        """
        self._disk.begin(self._reader.names.stream(stream))

    def load(
        self,
        stream: str,
        evolve: Callable[[S, E], S],
        initial: S,
        passed: Callable[[S, str], S] | None = None,
    ) -> tuple[S, int]:
        """Return a stream's state and version (0 and `initial` when empty).

        Hot streams are remembered by `evolve`, so pass the same function, not a
        new lambda, and always the same `initial` and `passed` with it. Erased events
        count as versions and are not shown to `evolve`; `passed` is given their topics.

        Raises:
            LogUnavailableError: if the disk cannot be read.
            LogDamagedError: if a row is not what was written.

        """
        originator_id = self._reader.names.stream(stream)
        known = self._batch.streams.get(originator_id)
        if known is None or evolve not in known.states:
            known = self._replayed(originator_id, evolve, initial, known, passed)
            self._batch.streams.put(originator_id, known)
        return cast("S", known.states[evolve]), known.version

    def newest(self, stream: str, evolve: Callable[[S, E], S], initial: S) -> S:
        """Return what `load` would, of a fold to which only the newest event matters.

        Older events are not read, however many there are and however large. Raises as
        `load` does.
        """
        originator_id = self._reader.names.stream(stream)
        known = self._known(originator_id)
        if evolve not in known.states:
            events = known.fresh[-1:] or self._last(originator_id)
            known = known.with_state(evolve, folded(evolve, initial, events))
            self._batch.streams.put(originator_id, known)
        return cast("S", known.states[evolve])

    def append(
        self, stream: str, events: Sequence[Event], *, subject: str, context: Context
    ) -> None:
        """Add events to a stream, encrypted with the subject's key.

        The subject is as `gateway.store.subjects` names it. Nothing reaches the disk
        unless the whole unit succeeds.

        Raises:
            UnknownTopicError: if an event is not in the registry.
            UnrecordableEventError: if it would not be read back as it is.
            LogUnavailableError: if the disk cannot be read.

        """
        if context.at.tzinfo is None:
            raise UnrecordableEventError("Say the time zone of the context's time.")
        if not events:
            return  # a key that no row needs would not be stored, and yet be known
        originator_id = self._reader.names.stream(stream)
        known = self._known(originator_id)
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
            self._stage(entry, originator_id, version, event.topic, key)
        self._batch.streams.put(originator_id, known.after(events))
        context.note(events)

    def _stage(
        self, entry: Entry, originator_id: str, version: int, topic: str, key: DataKey
    ) -> None:
        place = Place(
            tenant=self._reader.names.tenant,
            originator_id=originator_id,
            version=version,
            topic=topic,
        )
        state = sealed_state(entry, place, key.key_id, key.cipher)
        self._batch.rows.append(NewRow(originator_id, version, topic, state))

    def destroy(self, keys: Iterable[bytes]) -> None:
        """Destroy data keys, by their ids, in the transaction of what is appended.

        Append first what is to be said of it. Nobody can read any more what was
        encrypted with them. No other unit shares the commit, and none after it works
        with what was remembered before.

        Raises:
            OverloadedError: if another unit has appended in the same commit.

        """
        if self._batch.is_shared:
            raise OverloadedError("The log was busy: ask for the erasure again.")
        self._batch.destroyed += keys
        self._reader.keyring.clear()

    def rows_of(self, stream: str) -> list[Row]:
        """Return what is on the disk of a stream, as it is stored."""
        return self._disk.rows_of(self._reader.names.stream(stream))

    def entry(self, row: Row) -> Entry | None:
        """Return what a row holds, None where its key was destroyed, or it has none."""
        return None if row.key is None else self._reader.entry(row)

    def keys_of(self, subjects: Iterable[str]) -> list[KeyRow]:
        """Return every data key that these have, alone or with others."""
        tags = {self._reader.names.subject(each) for each in subjects}
        return self._disk.keys_of(tags)

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes that only this log can compute, for identities."""
        return self._reader.names.derive(*parts)

    def _known(self, originator_id: str) -> StreamState:
        known = self._batch.streams.get(originator_id)
        if known is None:
            return StreamState(version=self._disk.version_of(originator_id))
        return known

    def _replayed(
        self,
        originator_id: str,
        evolve: Fold,
        initial: object,
        known: StreamState | None,
        passed: Fold | None,
    ) -> StreamState:
        state, rows = initial, self._disk.rows_of(originator_id)
        for row in rows:
            entry = self._reader.recorded(row, self._registry)
            if not isinstance(entry, Erased):
                state = evolve(state, entry.event)
            elif passed is not None:
                state = passed(state, entry.topic)
        current = known or StreamState(version=len(rows))
        return current.with_state(evolve, folded(evolve, state, current.fresh))

    def _last(self, originator_id: str) -> list[Event]:
        row = self._disk.newest_of(originator_id)
        last = self._reader.recorded(row, self._registry) if row else None
        return [last.event] if isinstance(last, Recorded) else []

    def _key(self, subject: str) -> DataKey:
        tag = self._reader.names.subject(subject)
        key = self._batch.keys.get(tag)
        if key is None:
            key = self._stored_key(subject, tag)
            self._batch.keys.put(tag, key)
        return key

    def _stored_key(self, subject: str, tag: bytes) -> DataKey:
        """Open the subject's key; make one if there is none or it was erased."""
        stored = self._disk.newest_key(tag)
        if stored is not None and stored.wrapped is not None:
            return self._reader.keyring.opened(stored, stored.wrapped)
        generation = stored.generation + 1 if stored else 1
        row, key = self._reader.keyring.make(tag, generation, self._sharing(subject))
        self._batch.key_rows.append(row)
        return key

    def _sharing(self, subject: str) -> bytes:
        """Return the tags of several, by which the erasure of each finds their key."""
        names = members(subject)
        tags = map(self._reader.names.subject, names if len(names) > 1 else ())
        return b"".join(sorted(tags))
