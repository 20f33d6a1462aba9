"""What a reading of the log notes once, for however many patients it is made.

That is who is under a legal hold, and which entries stand alone, because nobody could
say whose they are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Final

from domain.retained import HoldLifted, PatientHeld
from gateway.store.envelope import Entry
from gateway.store.names import KeyedNames
from gateway.store.schema import Row
from gateway.store.subjects import alone

_RETENTION: Final = "retention/"


class Background:
    """The same for all who are looked for; `has_key` says it of a subject's tag."""

    def __init__(self, names: KeyedNames, has_key: Callable[[bytes], bool]) -> None:
        self._names = names
        self._has_key = has_key
        self._known: set[bytes] = set()
        self._held: set[str] = set()
        self._alone: defaultdict[bytes, dict[int, str]] = defaultdict(dict)

    def note(self, row: Row, entry: Entry, key: bytes) -> None:
        """Learn from a row; that it comes again changes nothing, in the log's order."""
        patient = entry.stream.removeprefix(_RETENTION)
        if row.topic == PatientHeld.topic:
            self._held.add(patient)
        elif row.topic == HoldLifted.topic:
            self._held.discard(patient)
        if key in self._alone or self._stands_alone(row, entry):
            self._alone[key][row.position] = row.topic

    def is_alone(self, key: bytes) -> bool:
        """Say whether what a data key protects stands alone."""
        return key in self._alone

    def alone(self, keys: Iterable[bytes]) -> dict[int, str]:
        """Return the entries that stand alone under keys: positions and topics."""
        found = (self._alone[key] for key in keys if key in self._alone)
        return {place: topic for each in found for place, topic in each.items()}

    def everything_alone(self) -> list[int]:
        """Return where all entries are that stand alone."""
        return sorted(self.alone(self._alone))

    def topic(self, key: bytes, position: int) -> str:
        """Return the topic of an entry that stands alone."""
        return self._alone[key][position]

    def held_beside(
        self, patient: str, named: Collection[str], tags: Collection[bytes]
    ) -> bool:
        """Say whether another patient is held, of those with these names or tags."""
        return any(
            each in named or self._names.subject(each) in tags
            for each in self._held - {patient}
        )

    def is_known(self, patient: str) -> bool:
        """Say whether a patient has, or had, a data key; others may come meanwhile."""
        tag = self._names.subject(patient)
        if tag not in self._known and self._has_key(tag):
            self._known.add(tag)
        return tag in self._known

    def _stands_alone(self, row: Row, entry: Entry) -> bool:
        return any(
            row.subject_tag == self._names.subject(alone(each))
            for each in (entry.stream, entry.request)
        )
