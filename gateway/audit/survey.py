"""What an erasure will take: found by reading the log once, before anything is done.

A patient's entries are those under her data keys, her own and those that she shares.
Entries that stand alone, because nobody could say whose they are, are hers if they name
her surely. Where that is in doubt they stay, and are told to whoever decides. What else
names her belongs to somebody else: it stays, and is counted.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.access import AccessRecorded
from domain.claimed import RequestAnswered
from domain.retained import HoldLifted, PatientHeld
from gateway.audit.marks import Marks, Naming
from gateway.audit.sayings import sayings
from gateway.store.envelope import Entry
from gateway.store.names import KeyedNames
from gateway.store.schema import Row
from gateway.store.subjects import alone

CASE: Final = "case/"
RECORD: Final = "record/"
ACTIVITY: Final = ("record.", "case.", "assessment.", "task.", "intake.")
"""Topics of what keeps a patient's data young; reads do not."""
_RETENTION: Final = "retention/"
_PASSING: Final = frozenset({AccessRecorded.topic, RequestAnswered.topic})
_TAG_BYTES: Final = 32
Opened = tuple[Row, Entry | None]


def tags_of(row: Row) -> list[bytes]:
    """Return the tags of those whose erasure destroys a row's data key."""
    if not row.members:
        return [row.subject_tag]
    starts = range(0, len(row.members), _TAG_BYTES)
    return [row.members[start : start + _TAG_BYTES] for start in starts]


class Survey:
    """One reading of the log for one patient; `head` is how far it went."""

    def __init__(
        self, names: KeyedNames, patient: str, known: Collection[bytes] = ()
    ) -> None:
        self.patient = patient
        self.marks = Marks(patient, self._is_known)
        self.head = 0
        self.keys: set[bytes] = set()
        self.mentions = 0  # entries of others that name her, or somebody alike
        self.last_activity: datetime | None = None
        self.streams: set[str] = set()  # of records and cases, that lose entries
        self._names = names
        self._known = known  # tags of whoever has a key
        self._topics: dict[int, str] = {}  # of entries that stand alone
        self._alone: set[bytes] = set()  # their keys
        self._positions: defaultdict[bytes, set[int]] = defaultdict(set)
        self._doubtful: dict[int, bytes] = {}
        self._learned: set[int] = set()
        self._held: set[str] = set()
        self._sharing: set[bytes] = set()  # tags of whose data go, too
        self._named: set[str] = set()  # other patients, in entries that go

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
            if entry is not None and row.key_id is not None:
                self._other(row, entry, row.key_id)

    def learn(self, row: Row, entry: Entry) -> None:
        """Learn from an entry that stands alone and goes; others may be named, too."""
        self._learned.add(row.position)
        says = msgspec.msgpack.decode(entry.event)
        self.marks.learn_values(says)
        if row.topic not in _PASSING:
            self._named |= self.marks.others(sayings(says))

    @property
    def alone(self) -> dict[int, str]:
        """Return the entries that stand alone and go: their positions and topics."""
        keys = self.keys & self._alone
        gone = sorted(each for key in keys for each in self._positions[key])
        return {each: self._topics[each] for each in gone}

    @property
    def unlearned(self) -> list[int]:
        """Return where entries are that go and were passed before that was known."""
        return sorted(self.alone.keys() - self._learned)

    @property
    def doubtful(self) -> dict[int, str]:
        """Return the entries that stand alone, may be hers, and stay."""
        return {
            position: self._topics[position]
            for position, key in self._doubtful.items()
            if key not in self.keys
        }

    @property
    def positions(self) -> tuple[tuple[int, int], ...]:
        """Return the runs of events that nobody will be able to read."""
        return runs({each for key in self.keys for each in self._positions[key]})

    @property
    def cases(self) -> tuple[str, ...]:
        """Return the streams of the cases that lose events."""
        return tuple(sorted(name for name in self.streams if name.startswith(CASE)))

    @property
    def held_with_her(self) -> bool:
        """Say whether data of another patient would go who is under a legal hold.

        Of receipts and records of reads, that others share, nothing is said here.
        """
        others = self._held - {self.patient}
        return any(
            each in self._named or self._names.subject(each) in self._sharing
            for each in others
        )

    def _own(self, row: Row, entry: Entry) -> None:
        self.marks.learn(msgspec.msgpack.decode(entry.event))
        if entry.stream.startswith(RECORD):
            self.marks.learn_id(entry.stream.removeprefix(RECORD))
        if row.topic.startswith(ACTIVITY):
            self.last_activity = max(self.last_activity or entry.at, entry.at)

    def _other(self, row: Row, entry: Entry, key: bytes) -> None:
        self._note_hold(row, entry)
        if self._stands_alone(row, entry):
            self._alone.add(key)
        if key in self._alone:
            self._topics[row.position] = row.topic
            self._positions[key].add(row.position)
        if key not in self.keys:
            self._judge(row, entry, key)
        if key in self.keys:
            self._goes(row, entry, key)

    def _judge(self, row: Row, entry: Entry, key: bytes) -> None:
        says: Any = msgspec.msgpack.decode(entry.event)
        naming = self.marks.naming([says, {"reference": entry.stream}])
        if naming is Naming.NOT:
            return
        if key not in self._alone:
            self.mentions += 1
        elif naming is Naming.SURELY:
            self.keys.add(key)
        else:
            self._doubtful[row.position] = key

    def _goes(self, row: Row, entry: Entry, key: bytes) -> None:
        self._positions[key].add(row.position)
        if entry.stream.startswith((CASE, RECORD)):
            self.streams.add(entry.stream)
        if key in self._alone:
            self.learn(row, entry)
        elif row.topic not in _PASSING:
            self._sharing.update(tags_of(row))

    def _note_hold(self, row: Row, entry: Entry) -> None:
        patient = entry.stream.removeprefix(_RETENTION)
        if row.topic == PatientHeld.topic:
            self._held.add(patient)
        elif row.topic == HoldLifted.topic:
            self._held.discard(patient)

    def _is_known(self, patient: str) -> bool:
        return self._names.subject(patient) in self._known

    def _stands_alone(self, row: Row, entry: Entry) -> bool:
        tags = (
            self._names.subject(alone(entry.stream)),
            self._names.subject(alone(entry.request)),
        )
        return row.subject_tag in tags


def runs(positions: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return the first and last of each run of positions."""
    found: list[tuple[int, int]] = []
    for position in sorted(positions):
        if found and found[-1][1] == position - 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return tuple(found)
