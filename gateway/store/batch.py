"""What is known of streams and keys, and what the group in progress would add."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from gateway.store.database import News
from gateway.store.keyring import DataKey
from gateway.store.records import Event, is_heavy
from gateway.store.schema import KeyRow, NewRow
from gateway.store.staging import Staged

_HOT_STREAMS: Final = 8192
_HOT_SUBJECTS: Final = 4096
_FOLDS_A_STREAM: Final = 4
Fold = Callable[[Any, Any], Any]
_NONE: Final[Mapping[Fold, object]] = MappingProxyType({})


class StreamState(msgspec.Struct, frozen=True, gc=False):
    """A stream's version, its states by fold, and what is not yet on the disk.

    Nothing in it leads back to it, so the collector of cycles may pass it over.
    """

    version: int
    states: Mapping[Fold, object] = _NONE
    fresh: tuple[Event, ...] = ()

    def after(self, events: Sequence[Event]) -> "StreamState":
        """Return what is known once these events are appended."""
        states = self.states and {
            fold: folded(fold, state, events) for fold, state in self.states.items()
        }
        version = self.version + len(events)
        return StreamState(version, states, (*self.fresh, *events))

    def with_state(self, fold: Fold, state: object) -> "StreamState":
        """Return this and one more state, letting the oldest go beyond a few."""
        kept = list(self.states.items())[-(_FOLDS_A_STREAM - 1) :]
        return StreamState(self.version, {**dict(kept), fold: state}, self.fresh)

    def settled(self) -> "StreamState":
        """Return this once all of it is on the disk, without what is heavy."""
        light = self.states and {
            fold: state for fold, state in self.states.items() if not is_heavy(state)
        }
        return StreamState(self.version, light)


class Batch:
    """What the group in progress would add to the log."""

    def __init__(self) -> None:
        self.rows: list[NewRow] = []
        self.key_rows: list[KeyRow] = []
        self.destroyed: list[bytes] = []  # ids of keys that go with this group
        # By their identity in the log, as others' rows name them.
        self.streams: Staged[str, StreamState] = Staged(
            _HOT_STREAMS, settle=StreamState.settled
        )
        self.keys: Staged[bytes, DataKey] = Staged(
            _HOT_SUBJECTS, settle=lambda key: key
        )
        self._mark = (0, 0)

    @property
    def is_shared(self) -> bool:
        """Say whether another unit of the group has appended already."""
        return self._mark[0] > 0

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
        self.destroyed.clear()
        self.streams.drop_unit()
        self.keys.drop_unit()

    def take(self, news: News) -> None:
        """Believe the disk where others wrote, before a group begins."""
        if news.keys:
            self.keys.drop_all()
        if news.keys or news.streams is None:  # an erased stream has not grown
            self.streams.drop_all()
            return
        for originator_id in news.streams:
            self.streams.drop(originator_id)

    def keep_group(self) -> None:
        """Start the next group from what is now on the disk."""
        if self.destroyed:  # nothing that is remembered may outlive its key
            self.drop_all()
            return
        self._clear_rows()
        self.streams.keep_group()
        self.keys.keep_group()

    def drop_all(self) -> None:
        """Believe nothing but the disk."""
        self._clear_rows()
        self.streams.drop_all()
        self.keys.drop_all()

    def _clear_rows(self) -> None:
        self.rows, self.key_rows, self.destroyed = [], [], []
        self._mark = (0, 0)


def folded(fold: Fold, state: object, events: Sequence[Event]) -> object:
    """Return a state after events."""
    for event in events:
        state = fold(state, event)
    return state
