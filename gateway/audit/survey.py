"""What an erasure will take: found by reading the log before anything is done.

A patient's entries are those under her data keys, her own and those that she shares.
Entries that stand alone, because nobody could say whose they are, are hers if they name
her surely. Where that is in doubt they stay, and are told to whoever decides. What else
names her belongs to somebody else: it stays, and is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from domain.access import AccessRecorded
from domain.claimed import RequestAnswered
from domain.errors import IllegalTransitionError
from gateway.audit.background import Background
from gateway.audit.marks import Marks, Naming
from gateway.audit.sayings import Sayings, sayings
from gateway.audit.statement import Statement
from gateway.store.envelope import Entry
from gateway.store.schema import Row

ACTOR: Final = "triage-gateway erase"
CASE: Final = "case/"
RECORD: Final = "record/"
_ACTIVITY: Final = ("record.", "case.", "assessment.", "task.", "intake.")
_PASSING: Final = frozenset({AccessRecorded.topic, RequestAnswered.topic})
_TAG_BYTES: Final = 32


def tags_of(row: Row) -> list[bytes]:
    """Return the tags of those whose erasure destroys a row's data key."""
    if not row.members:
        return [row.subject_tag]
    starts = range(0, len(row.members), _TAG_BYTES)
    return [row.members[start : start + _TAG_BYTES] for start in starts]


def may_keep_young(row: Row) -> bool:
    """Say whether a row is of what keeps a patient's data young; reads do not."""
    return row.topic.startswith(_ACTIVITY)


def keeps_young(row: Row, entry: Entry) -> bool:
    """Say it of a row that was opened: what the erasure of another left does not."""
    return may_keep_young(row) and entry.actor != ACTOR


class Opened:
    """A row of the log and what it holds, decoded once, whoever looks for it."""

    def __init__(self, row: Row, entry: Entry, key: bytes) -> None:
        self.row = row
        self.entry = entry
        self.key = key

    @cached_property
    def says(self) -> Any:  # noqa: ANN401 (any decoded event)
        """Return the event as it lies in the log."""
        return msgspec.msgpack.decode(self.entry.event)

    @cached_property
    def stated(self) -> Statement:
        """Return what it states, its stream's name, too."""
        return Statement([self.says, {"reference": self.entry.stream}])

    @cached_property
    def said(self) -> Sayings:
        """Return what may name somebody in it."""
        return sayings(self.stated)

    @property
    def passing(self) -> bool:
        """Say whether it only tells of a request."""
        return self.row.topic in _PASSING


class Survey:
    """What a reading of the log found of one patient; `head` is how far it went."""

    def __init__(self, patient: str, background: Background) -> None:
        self.patient = patient
        self.marks = Marks(patient, background.is_known)
        self.head = 0
        self.keys: set[bytes] = set()
        self.last_activity: datetime | None = None
        self._background = background
        self._lost: set[bytes] = set()  # keys that went with another patient
        self._mentions: Counter[bytes] = Counter()  # by their keys
        self._positions: defaultdict[bytes, set[int]] = defaultdict(set)
        self._streams: defaultdict[bytes, set[str]] = defaultdict(set)
        self._doubtful: dict[int, bytes] = {}
        self._learned: set[int] = set()
        self._sharing: defaultdict[bytes, set[bytes]] = defaultdict(set)  # their tags
        self._named: set[str] = set()  # other patients, in entries that go
        self._outdated = False
        self.to_look_again = False  # at what stands alone: it may name what goes

    def take(self, opened: Opened) -> None:
        """Learn from what is under her keys; all rows come again in `compare`."""
        row, entry = opened.row, opened.entry
        self.marks.learn(opened.says)
        if entry.stream.startswith(RECORD):
            self.marks.learn_id(entry.stream.removeprefix(RECORD))
        if keeps_young(row, entry):
            self.last_activity = max(self.last_activity or entry.at, entry.at)
        if self.head and not opened.passing and entry.actor != ACTOR:
            self._outdated = True  # what was passed before may name her by this

    def compare(self, opened: Opened) -> None:
        """Look through the rows of others, once everything is known of her own."""
        if opened.key not in self.keys:
            self._judge(opened)
        if opened.key in self.keys:
            self._goes(opened)

    def learn(self, opened: Opened) -> None:
        """Learn from an entry that stands alone and goes; others may be named, too."""
        self._learned.add(opened.row.position)
        self._note_stream(opened)
        self.marks.learn_values(opened.stated)
        if not opened.passing:
            self._named |= self.marks.others(opened.said)
        if opened.entry.stream.startswith(RECORD):
            address = opened.entry.stream.removeprefix(RECORD)
            self.to_look_again |= self.marks.learn_gone(address)

    def lose(self, keys: Collection[bytes]) -> None:
        """Pass over what was destroyed with somebody else."""
        self._lost.update(keys)
        self.keys.difference_update(keys)

    def require_current(self) -> None:
        """Refuse to go by what was found before more of hers came.

        Raises:
            IllegalTransitionError: saying so.

        """
        if self._outdated:
            raise IllegalTransitionError(
                "New data of the patient came while the log was read, and may tell by "
                "what else the patient is named. Nothing was erased: ask again."
            )

    @property
    def mentions(self) -> int:
        """Return how many entries of others name her, or somebody alike."""
        gone = self._lost | self.keys
        return sum(n for key, n in self._mentions.items() if key not in gone)

    @property
    def alone(self) -> dict[int, str]:
        """Return the entries that stand alone and go: their positions and topics."""
        return dict(sorted(self._background.alone(self.keys).items()))

    @property
    def named(self) -> int:
        """Return how many other patients are named in entries that go, though alone."""
        return len(self._named)

    @property
    def unlearned(self) -> list[int]:
        """Return where entries are that go and were passed before that was known."""
        return sorted(self.alone.keys() - self._learned)

    @property
    def doubtful(self) -> dict[int, str]:
        """Return the entries that stand alone, may be hers, and stay."""
        gone = self._lost | self.keys
        return {
            position: self._background.topic(key, position)
            for position, key in self._doubtful.items()
            if key not in gone
        }

    @property
    def positions(self) -> tuple[tuple[int, int], ...]:
        """Return the runs of events that nobody will be able to read."""
        own = {each for key in self.keys for each in self._positions[key]}
        return runs(own | self.alone.keys())

    @property
    def streams(self) -> set[str]:
        """Return the streams of records and cases that lose entries."""
        return {each for key in self.keys for each in self._streams[key]}

    @property
    def cases(self) -> tuple[str, ...]:
        """Return the streams of the cases that lose events."""
        return tuple(sorted(name for name in self.streams if name.startswith(CASE)))

    @property
    def held_with_her(self) -> bool:
        """Say whether data of another patient would go who is under a legal hold.

        Of receipts and records of reads, that others share, nothing is said here.
        """
        tags = {each for key in self.keys for each in self._sharing[key]}
        return self._background.held_beside(self.patient, self._named, tags)

    def _judge(self, opened: Opened) -> None:
        said, alone = opened.said, self._background.is_alone(opened.key)
        naming = self.marks.judged(said)
        if alone:
            naming = max(naming, self.marks.pointing(said, passing=opened.passing))
        if naming is Naming.NOT:
            return
        if not alone:
            self._mentions[opened.key] += 1
        elif naming is Naming.SURELY:
            self.keys.add(opened.key)
        else:
            self._doubtful[opened.row.position] = opened.key

    def _goes(self, opened: Opened) -> None:
        if self._background.is_alone(opened.key):
            self.learn(opened)
            return
        self._positions[opened.key].add(opened.row.position)
        self._note_stream(opened)
        if not opened.passing:
            self._sharing[opened.key].update(tags_of(opened.row))

    def _note_stream(self, opened: Opened) -> None:
        if opened.entry.stream.startswith((CASE, RECORD)):
            self._streams[opened.key].add(opened.entry.stream)


def runs(positions: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return the first and last of each run of positions."""
    found: list[tuple[int, int]] = []
    for position in sorted(positions):
        if found and found[-1][1] == position - 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return tuple(found)
