"""The seal: a Merkle tree over every row's ciphertext, and signed checkpoints of it.

leaf = SHA-256(0x00 || framed(position, originator id, version, topic, state))

The hash is over ciphertext, so it can be checked without any key and survives an
erasure. The definitions stand in `evidence`, which an auditor can take away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gateway.store.errors import LogUnavailableError
from gateway.store.evidence import (
    FORMAT,
    Checkpoint,
    Tree,
    leaf,
    opened,
    origin_of,
)
from gateway.store.notes import SigningKey, signed

FORMAT_VERSION: Final = FORMAT
HASH_BYTES: Final = 32
STRIDE: Final = 8  # nodes over 256, 256², ... leaves are kept (c2sp.org/tlog-tiles)


@dataclass(frozen=True, kw_only=True)
class LogIdentity:
    """What a log says of itself in plaintext; `public_key` is its first."""

    log_id: str
    tenant: str
    public_key: bytes
    format_version: str = FORMAT_VERSION

    @property
    def origin(self) -> str:
        """Return the name that stands in every checkpoint and binds all of the above.

        Witnesses learn it, and so neither the tenant's name nor the log's id.
        """
        return origin_of(self.log_id, self.tenant, self.public_key)


@dataclass(frozen=True)
class Head:
    """The log's last position, the edge of its tree there, and the signed note."""

    size: int
    edge: bytes
    note: str

    def tree(self) -> Tree:
        """Return the tree that grows from here.

        Raises:
            ValueError: if such an edge is not of a tree of this size.

        """
        starts = range(0, len(self.edge), HASH_BYTES)
        if self.size < 0 or len(self.edge) != self.size.bit_count() * HASH_BYTES:
            raise ValueError("The tree's edge does not fit its size.")
        return Tree(self.size, [self.edge[at : at + HASH_BYTES] for at in starts])

    def is_signed(self, origin: str, public_key: bytes) -> bool:
        """Tell whether a key signed exactly this head."""
        try:
            stated = Checkpoint.parse(self.note)
            tree, text = self.tree(), opened(self.note, origin, public_key)
        except ValueError:
            return False
        end = Checkpoint(origin, tree.size, tree.root(), stated.at)
        return text == stated.text == end.text


@dataclass(frozen=True)
class Signer:
    """Sign checkpoints of one log, with one key or, when it changes, with two."""

    origin: str
    keys: Sequence[SigningKey] = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes with which anyone can check the first signature."""
        return self.keys[0].public

    def require_own(self, head: Head) -> None:
        """Refuse to go on with a log whose signing key was changed meanwhile.

        The first signature is of the key that signs from here on; one that is replaced
        signs once more below it.

        Raises:
            LogUnavailableError: if the head does not bear this key's name and id there.

        """
        _, _, signatures = head.note.rpartition("\n\n")
        if not signatures.startswith(self.keys[0].mark):
            raise LogUnavailableError(
                "The log's signing key was changed, and this process has the old one. "
                "Nothing was kept: start it again."
            )

    def head(self, tree: Tree, at: str) -> Head:
        """Return the head of a tree, signed as of a time in ISO 8601."""
        checkpoint = Checkpoint(self.origin, tree.size, tree.root(), at)
        note = signed(checkpoint.text, self.keys)
        return Head(tree.size, b"".join(tree.edge), note)


class KeptNode(NamedTuple):
    """The root over `256 ** level` leaves, beginning at `number` times as many."""

    level: int
    number: int
    hash: bytes


def appended(
    tree: Tree, events: Iterable[tuple[str, int, str, bytes]]
) -> tuple[list[tuple[Any, ...]], list[KeptNode]]:
    """Let a tree grow by events; return their rows with leaves, and nodes to keep."""
    rows: list[tuple[Any, ...]] = []
    nodes: list[KeptNode] = []
    for position, columns in enumerate(events, tree.size + 1):
        row = (position, *columns)
        of_leaf = leaf(row)
        rows.append((*row, of_leaf))
        made = tree.append(of_leaf)
        if len(made) > STRIDE:
            nodes += kept_nodes(position, made)
    return rows, nodes


def kept_nodes(position: int, made: Sequence[bytes]) -> list[KeptNode]:
    """Return which of the nodes that a position completed are kept."""
    return [
        KeptNode(height // STRIDE, (position - 1) >> height, made[height])
        for height in range(STRIDE, len(made), STRIDE)
    ]
