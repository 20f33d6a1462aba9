"""What an erasure will take: found by reading the log once, before anything is done.

A patient's entries are those under her data keys, her own and those that she shares.
Entries that stand alone, because nobody could say whose they are, are hers if they name
her. What else names her belongs to somebody else: it stays, and is counted.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.values import Reference
from gateway.audit.marks import Marks
from gateway.store.envelope import Entry
from gateway.store.names import KeyedNames
from gateway.store.schema import Row
from gateway.store.subjects import alone

_CASE: Final = "case/"
_RECORD: Final = "record/"
_ACTIVITY: Final = ("record.", "case.", "assessment.", "task.", "intake.")
Opened = tuple[Row, Entry | None]


@dataclass
class Stream:
    """What is known of one stream that loses entries."""

    name: str
    lost: int = 0  # the newest version that goes
    left: int = 0  # the newest that stays
    says: dict[str, Any] = field(default_factory=dict)  # the event that stays


class Survey:
    """One reading of the log for one patient; `head` is how far it went."""

    def __init__(self, names: KeyedNames, patient: str) -> None:
        self.patient = patient
        self.marks = Marks(patient)
        self.head = 0
        self.keys: set[bytes] = set()
        self.mentions = 0  # entries of others that name her
        self.last_activity: datetime | None = None
        self.streams: dict[str, Stream] = {}
        self._names = names
        self._positions: defaultdict[bytes, set[int]] = defaultdict(set)

    def take(self, keys: Iterable[bytes], opened: Iterable[Opened]) -> None:
        """Learn from rows that are under her keys; all rows come again in `compare`."""
        self.keys.update(keys)
        for row, entry in opened:
            if entry is not None and row.key_id in self.keys:
                self._own(row, entry)

    def compare(self, opened: Iterable[Opened]) -> None:
        """Look through the rows of others, once everything is known of her own."""
        for row, entry in opened:
            self.head = max(self.head, row.position)
            if entry is not None and row.key_id not in self.keys:
                self._other(row, entry)
        self._keep_what_stays()

    @property
    def positions(self) -> tuple[tuple[int, int], ...]:
        """Return the runs of events that nobody will be able to read."""
        gone = sorted({each for key in self.keys for each in self._positions[key]})
        runs: list[tuple[int, int]] = []
        for position in gone:
            if runs and runs[-1][1] == position - 1:
                runs[-1] = (runs[-1][0], position)
            else:
                runs.append((position, position))
        return tuple(runs)

    @property
    def cases(self) -> tuple[str, ...]:
        """Return the streams of the cases that lose events."""
        named = (each.name for each in self.streams.values() if each.lost)
        return tuple(sorted(name for name in named if name.startswith(_CASE)))

    def reappearing(self) -> list[tuple[Reference, int, str]]:
        """Return resources whose newest version goes and an older one would show.

        Each with its newest version and whose the older one is.
        """
        return [
            (
                Reference.parse(each.name.removeprefix(_RECORD)),
                each.lost,
                str(each.says.get("patient", "")),
            )
            for each in self.streams.values()
            if each.name.startswith(_RECORD)
            and each.lost > each.left > 0
            and "received" in each.says  # it was not deleted then
        ]

    def partial_cases(self) -> list[str]:
        """Return the ids of cases that lose some of their events and keep others."""
        return [
            each.name.removeprefix(_CASE)
            for each in self.streams.values()
            if each.name.startswith(_CASE) and each.lost and each.left
        ]

    def _own(self, row: Row, entry: Entry) -> None:
        says = msgspec.msgpack.decode(entry.event)
        self.marks.learn(says)
        self._goes(row, entry)
        if entry.stream.startswith(_RECORD):
            self.marks.learn_id(entry.stream.removeprefix(_RECORD))
        if row.topic.startswith(_ACTIVITY):
            self.last_activity = max(self.last_activity or entry.at, entry.at)

    def _other(self, row: Row, entry: Entry) -> None:
        says = msgspec.msgpack.decode(entry.event)
        stands_alone = self._stands_alone(row, entry)
        if stands_alone and row.key_id is not None:
            self._positions[row.key_id].add(row.position)
        named = self.marks.found_in([says, entry.stream])
        if named and stands_alone and row.key_id is not None:
            self.keys.add(row.key_id)
            self._goes(row, entry)
            return
        self.mentions += named
        known = self.streams.setdefault(row.originator_id, Stream(entry.stream))
        known.left, known.says = max(known.left, row.version), says

    def _goes(self, row: Row, entry: Entry) -> None:
        if row.key_id is not None:
            self._positions[row.key_id].add(row.position)
        known = self.streams.setdefault(row.originator_id, Stream(entry.stream))
        known.lost = max(known.lost, row.version)

    def _stands_alone(self, row: Row, entry: Entry) -> bool:
        tags = (
            self._names.subject(alone(entry.stream)),
            self._names.subject(alone(entry.request)),
        )
        return row.subject_tag in tags

    def _keep_what_stays(self) -> None:
        """Forget the streams that lose nothing: nearly all of them."""
        self.streams = {k: each for k, each in self.streams.items() if each.lost}
