"""What a log can tell a witness: its newest checkpoint, grown from what it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.store.errors import LogForkedError
from gateway.store.evidence import Checkpoint, grown
from gateway.store.founding import read_head
from gateway.store.reading import snapshot
from gateway.store.sealed import stored_tree


@dataclass(frozen=True)
class Growth:
    """A signed checkpoint, and the proof that it grew from an older size."""

    old: int
    note: str
    proof: Sequence[bytes]

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what the note says."""
        return Checkpoint.parse(self.note)


def growth(folder: Path, old: int, root: bytes | None = None) -> Growth:
    """Return a log's newest checkpoint with the proof that it grew from a size.

    Raises:
        LogForkedError: if it did not grow from that size, or not from that root.
        LogDamagedError: if a row or the head is missing.

    """
    with snapshot(folder) as connection:
        note = read_head(connection).note
        end = Checkpoint.parse(note)
        if old > end.size:
            raise LogForkedError(
                f"The log ends at position {end.size}, and was seen at position {old}: "
                "it is an older copy, or its end was cut off."
            )
        tree = stored_tree(connection)
        proof = tree.consistency(old, end.size)
        known = root or tree.root(old)
    if old and grown(old, end.size, proof, [known]) != (known, end.root):
        raise LogForkedError(
            f"The log is not the one that was seen at position {old}: its rows up to "
            "there were rewritten. Compare it with a backup by `audit verify --since`."
        )
    return Growth(old, note, proof)
