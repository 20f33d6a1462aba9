"""What a group's units will read, brought from the disk at once.

Each query lets the interpreter lock go, and a busy event loop gives it back only
after its switch interval. Eight small queries a unit kept the writer waiting for
most of its time; one pass over a group's streams and data keys does not.
"""

from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from gateway.store.recorder import SealedRecorder
from gateway.store.schema import KeyRow, Row

Derive = Callable[..., bytes]


class Reads(NamedTuple):
    """The streams and subjects that a unit expects to read or to write.

    It is a hint: what is left out is read when it is asked for, and what is named
    in vain costs a look into an index.
    """

    streams: Collection[str] = ()
    subjects: Collection[str] = ()


NOTHING: Final = Reads()


class Foresight:
    """The disk as a group's units see it; only for the writer's thread.

    Nobody else writes meanwhile, so what was read, absence included, holds until the
    group is committed.
    """

    def __init__(self, recorder: SealedRecorder) -> None:
        self._recorder = recorder
        self._rows: dict[str, list[Row]] = {}
        self._keys: dict[bytes, KeyRow | None] = {}

    def forget(self) -> None:
        """Know nothing of the last group any more, whatever comes of the next."""
        self._rows, self._keys = {}, {}

    def look(self, originator_ids: Collection[str], tags: Collection[bytes]) -> None:
        """Read for the next group, once the last one is forgotten.

        Raises:
            LogUnavailableError: if the disk cannot be read; nothing is known then.

        """
        if originator_ids or tags:
            rows, keys = self._recorder.rows_and_keys(originator_ids, tags)
            self._rows = {each: [] for each in originator_ids}
            self._keys = dict.fromkeys(tags)
            for row in rows:
                self._rows[row.originator_id].append(row)
            self._keys.update((key.subject_tag, key) for key in keys)

    def begin(self, originator_id: str) -> None:
        """Take a stream for empty without looking."""
        self._rows.setdefault(originator_id, [])

    def rows_of(self, originator_id: str) -> list[Row]:
        """Return the rows of one stream in its order."""
        known = self._rows.get(originator_id)
        return self._recorder.rows_of(originator_id) if known is None else known

    def newest_of(self, originator_id: str) -> Row | None:
        """Return the last row of a stream that can be read, None if there is none."""
        known = self._rows.get(originator_id)
        if known is None:
            return self._recorder.newest_of(originator_id)
        readable = (row for row in reversed(known) if not row.is_erased)
        return next(readable, None)

    def version_of(self, originator_id: str) -> int:
        """Return a stream's last version, 0 for an empty one."""
        known = self._rows.get(originator_id)
        if known is None:
            return self._recorder.version_of(originator_id)
        return known[-1].version if known else 0

    def keys_of(self, tags: Collection[bytes]) -> list[KeyRow]:
        """Return the data keys that subjects have, alone or with others."""
        return self._recorder.keys_of(tags)

    def newest_key(self, tag: bytes) -> KeyRow | None:
        """Return the subject's data key of the latest generation, if any."""
        if tag in self._keys:
            return self._keys[tag]
        return self._recorder.newest_key(tag)
