"""The proof of an erasure: a signed note that names nobody, in a file of its own.

The note is in the format of https://c2sp.org/signed-note, signed with the keys of the
log's checkpoints. It says what was destroyed: the hash of the list of key ids, how many
events, and where in the log the erasure stands. The list itself is beside the note, so
that a backup of before can be brought up to date: the ids, hashes of random keys, tell
nothing of anybody.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec

from domain.retained import PatientErased
from gateway.store.errors import LogFormatError
from gateway.store.evidence import EvidenceError, opened
from gateway.store.keyfile import sync_folder
from gateway.store.notes import signed
from gateway.store.reading import RowReader
from gateway.store.schema import Row
from gateway.store.seal import Signer

FOLDER: Final = "erasures"
SUFFIX: Final = ".json"
_TITLE: Final = "triage-gateway erasure"


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What was destroyed, when, by whom and why; nobody is named.

    `position` is that of the event in the log, `leaf` its leaf's hash there.
    """

    erasure_id: str
    position: int
    leaf: bytes
    keys: tuple[bytes, ...]
    positions: tuple[tuple[int, int], ...]
    reason: str
    by: str
    at: datetime

    @property
    def events(self) -> int:
        """Return how many events nobody can read any more."""
        return sum(last - first + 1 for first, last in self.positions)

    @property
    def statement(self) -> str:
        """Return the text that is signed, a line for each thing that it says."""
        digest = hashlib.sha256(b"".join(sorted(self.keys))).hexdigest()
        first = self.positions[0][0] if self.positions else 0
        last = self.positions[-1][1] if self.positions else 0
        lines = (
            _TITLE,
            f"erasure {self.erasure_id}",
            f"at {self.at.isoformat()}",
            f"by {self.by}",
            f"reason {self.reason}",
            f"position {self.position}",
            f"leaf {self.leaf.hex()}",
            f"keys {len(self.keys)} sha256 {digest}",
            f"events {self.events} within {first}-{last}",
        )
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class Proof:
    """An erasure and the signed note of it."""

    erasure: Erasure
    note: str

    @classmethod
    def of(cls, erasure: Erasure, signer: Signer) -> Self:
        """Sign what was destroyed; the same erasure gives the same proof."""
        return cls(erasure, signed(erasure.statement, signer.keys))

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote.

        Raises:
            LogFormatError: if it is anything else, or note and list differ.

        """
        try:
            read = json.loads(written)
            proof = cls(_erasure(read), str(read["note"]))
        except (KeyError, TypeError, ValueError):
            raise LogFormatError("This file is not the proof of an erasure.") from None
        if not proof.note.startswith(f"{proof.erasure.statement}\n"):
            raise LogFormatError(
                "The proof was changed: its note does not say what is listed beside it."
            )
        return proof

    def __str__(self) -> str:
        erasure = self.erasure
        return json.dumps(
            {
                "erasure": erasure.erasure_id,
                "at": erasure.at.isoformat(),
                "by": erasure.by,
                "reason": erasure.reason,
                "position": erasure.position,
                "leaf": erasure.leaf.hex(),
                "keys": [each.hex() for each in erasure.keys],
                "positions": erasure.positions,
                "note": self.note,
            },
            indent=1,
        )

    def is_signed(self, origin: str, keys: Iterable[tuple[int, bytes]]) -> bool:
        """Say whether a log's key of then, or a later one, signed exactly this.

        The keys come with the positions from which on they sign, in their order. A
        proof that was lost is made again, with the key of that day.
        """
        known = list(keys)
        passed = [start for start, _ in known if start <= self.erasure.position]
        return any(
            self._is_by(origin, key)
            for start, key in known
            if start >= max(passed, default=0)
        )

    def _is_by(self, origin: str, public_key: bytes) -> bool:
        try:
            return opened(self.note, origin, public_key) == self.erasure.statement
        except EvidenceError:
            return False


class ErasureCheck:
    """Whether the log says of every destroyed key that, and when, it was destroyed."""

    def __init__(self) -> None:
        # By the ids of keys: the first event that needs each.
        self._gone: dict[bytes | None, int] = {}
        self._alive: dict[bytes | None, int] = {}
        self._erased: set[bytes] = set()
        self.events = 0  # that nobody can read any more

    def note(self, row: Row) -> None:
        """Take a row whose key was destroyed."""
        self.events += 1
        self._gone.setdefault(row.key_id, row.position)

    def read(self, reader: RowReader, row: Row) -> None:
        """Open a row, and learn from it if it is of an erasure; raises as `entry`."""
        entry = reader.entry(row)
        self._alive.setdefault(row.key_id, row.position)
        if entry is not None and row.topic == PatientErased.topic:
            event = msgspec.msgpack.decode(entry.event)
            self._erased.update(event["keys"])

    def conclude(self, report: Callable[[int, str], None], *, opened: bool) -> None:
        """Report where log and keys disagree; without the key nobody can tell."""
        if not opened:
            return
        for key_id, position in self._gone.items():
            if key_id not in self._erased:
                report(position, "The key was destroyed, and no erasure tells of it.")
        for key_id in sorted(self._erased & self._alive.keys()):
            report(
                self._alive[key_id],
                "An erasure says that the key was destroyed, and it is there.",
            )


def keep(folder: Path, proof: Proof) -> Path:
    """Write a proof into its file, whole and on the disk; return where."""
    kept = folder / FOLDER
    kept.mkdir(mode=0o700, exist_ok=True)
    path = kept / f"{proof.erasure.erasure_id}{SUFFIX}"
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(str(proof))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(kept)
    return path


def kept(folder: Path) -> Sequence[Proof]:
    """Return the proofs in a data folder, in the order of their erasures.

    Raises:
        LogFormatError: if a file is not one.

    """
    files = sorted((folder / FOLDER).glob(f"*{SUFFIX}"))
    found = [Proof.parse(each.read_text(encoding="utf-8")) for each in files]
    return sorted(found, key=lambda each: each.erasure.position)


def _erasure(read: dict[str, object]) -> Erasure:
    keys, positions = read["keys"], read["positions"]
    if not isinstance(keys, list) or not isinstance(positions, list):
        raise TypeError
    return Erasure(
        erasure_id=str(read["erasure"]),
        position=int(str(read["position"])),
        leaf=bytes.fromhex(str(read["leaf"])),
        keys=tuple(map(bytes.fromhex, keys)),
        positions=tuple((int(first), int(last)) for first, last in positions),
        reason=str(read["reason"]),
        by=str(read["by"]),
        at=datetime.fromisoformat(str(read["at"])),
    )
