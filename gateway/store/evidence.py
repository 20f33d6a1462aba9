"""All that an auditor computes, on one page: from rows to leaves to a signed root.

It needs Python and `cryptography` and nothing of this project; `examination` reads an
export with it. What is proven and what is not stands in docs/evidence.md. Trees and
proofs are those of RFC 9162 (and 6962), section 2.1, where position 1 is leaf 0; notes
and checkpoints are those of https://c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
"""

import base64
import re
import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "3"
HANDOVER = "log.signing-key-changed.v1"  # the topic of a row with the next signing key
OPEN_STATE = b"\x02"  # begins the state of a row that is not encrypted
_SIGNED = "Proven: the key you gave signs it, or one that follows from it."
_ALONE = "Self-consistent only: the key's holder may have rewritten it, or cut its end."
_NUMBER = struct.Struct(">QqQ")  # a length, a number of 8 bytes, the next length
_SIGNATURE = re.compile(r"— ([^\s+]+) ([^\s=]{7}\S*)\n")  # 5 bytes or more
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # but the newline
_CHECKPOINT = re.compile(
    r"(?a)(.+)\n(0|[1-9]\d{0,17})\n(.+)\ntime ([\d-]{10}T[\d:]{8}[\d.:+-]*Z?)\n"
)
_Bytes = Sequence[bytes]


class EvidenceError(ValueError):
    """Something is not as a gateway writes it, or not signed."""


class Row(NamedTuple):
    """What is sealed of an event; the state is its ciphertext."""

    position: int
    originator: str
    version: int
    topic: str
    state: bytes


def framed(*parts: bytes) -> bytes:
    """Join parts, each after its length as 8 bytes, the most significant first."""
    return b"".join([len(part).to_bytes(8, "big") + part for part in parts])


def leaf(row: tuple[int, str, int, str, bytes]) -> bytes:
    """Return the hash of one row, framed: 32 bytes."""
    position, originator, version, topic, state = row
    name, kind = originator.encode(), topic.encode()
    first = _NUMBER.pack(8, position, len(name)) + name
    second = _NUMBER.pack(8, version, len(kind)) + kind
    content = b"\x00" + first + second + len(state).to_bytes(8, "big") + state
    return sha256(content).digest()


def origin_of(log_id: str, tenant: str, public_key: bytes) -> str:
    """Return the name of a log, which binds its first key and stands in its notes."""
    words = [word.encode() for word in ("triage-gateway", FORMAT, log_id, tenant)]
    return f"triage-gateway/{sha256(framed(*words, public_key)).hexdigest()}"


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees: 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree: how many leaves, and the roots of its complete subtrees."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def append(self, of_leaf: bytes) -> list[bytes]:
        """Add a leaf; return the roots of the subtrees it completes, from itself."""
        made, number = [of_leaf], self.size
        while number & 1:
            of_leaf = node(self.edge.pop(), of_leaf)
            made.append(of_leaf)
            number >>= 1
        self.edge.append(of_leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root hash: 32 bytes."""
        root = self.edge[-1] if self.edge else sha256().digest()
        for left in self.edge[-2::-1]:
            root = node(left, root)
        return root


def included(of_leaf: bytes, index: int, size: int, path: _Bytes) -> bytes:
    """Return the root to which a leaf's path leads (section 2.1.3)."""
    if size <= 1 or not path:
        if (index, size, len(path)) != (0, 1, 0):
            raise EvidenceError("An inclusion proof does not fit the log's size.")
        return of_leaf
    *inner, last = path
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return node(included(of_leaf, index, left, inner), last)
    return node(last, included(of_leaf, index - left, size - left, inner))


def grown(old: int, size: int, proof: _Bytes, root: _Bytes) -> tuple[bytes, bytes]:
    """Return the old and the new root to which a proof leads (section 2.1.4)."""
    if old == size or not proof:
        if old != size or len(known := [*proof, *root]) != 1:
            raise EvidenceError("A consistency proof does not fit the sizes.")
        return known[0], known[0]
    *inner, last = proof
    left = 1 << (size - 1).bit_length() - 1
    if old <= left:
        before, after = grown(old, left, inner, root)
        return before, node(after, last)
    before, after = grown(old - left, size - left, inner, ())
    return node(last, before), node(last, after)


def decoded(text: str) -> bytes:
    """Read base64 as it is written here and in no other way."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        content = b""
    if base64.b64encode(content).decode() != text:
        raise EvidenceError("A value is not written in base64 as it was.")
    return content


def key_id(name: str, public: bytes, kind: bytes = b"\x01") -> bytes:
    """Return the 4 bytes that a key's signature lines bear."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def opened(note: str, name: str, *public: bytes, known: _Bytes = ()) -> str:
    """Return the text of a note that keys signed, and of known ones no false line."""
    text, _, lines = note.rpartition("\n\n")
    if _CONTROL.search(note) or _SIGNATURE.sub("", lines):
        raise EvidenceError("A note holds what is no text and no signature.")
    found = [(owner, decoded(each)) for owner, each in _SIGNATURE.findall(lines)]
    for each in dict.fromkeys((*public, *known)):
        mark, key = key_id(name, each), Ed25519PublicKey.from_public_bytes(each)
        own = [line for owner, line in found if owner == name and line[:4] == mark]
        if each in public and not own:
            raise EvidenceError("A note is not signed by a key that must have signed.")
        try:
            for line in own:
                key.verify(line[4:], f"{text}\n".encode())
        except InvalidSignature:
            raise EvidenceError("A note is not what was signed.") from None
    return text + "\n"


class Checkpoint(NamedTuple):
    """The size and root (32 bytes) of a log at a time (ISO 8601)."""

    origin: str
    size: int
    root: bytes
    at: str

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\ntime {self.at}\n"

    @classmethod
    def parse(cls, note: str) -> "Checkpoint":
        """Read the text of a note, whose signatures are another question."""
        found = _CHECKPOINT.fullmatch(note.rpartition("\n\n")[0] + "\n")
        if not found or len(root := decoded(found[3])) != len(node(b"", b"")):
            raise EvidenceError("A note is not a checkpoint of such a log.")
        return cls(found[1], int(found[2]), root, found[4])


class Log:
    """A log as it is read again; `older` is the size of a checkpoint noted before."""

    def __init__(self, log_id: str, tenant: str, public_key: bytes, older: int) -> None:
        self.origin = origin_of(log_id, tenant, public_key)
        self.keys = [(0, public_key)]  # each signs from a position on
        self.tree, self.rows, self.position = Tree(), 0, 0
        self.roots, self.older = {0: self.tree.root()}, older  # by size, where known

    def take(self, row: Row, told: bytes) -> list[bytes]:
        """Check the next row; return what it completed in the tree."""
        made = self.tree.append(self.take_alone(row, told, self.position + 1))
        if self.tree.size == self.older:
            self.roots[self.older] = self.tree.root()
        return made

    def take_alone(self, row: Row, told: bytes, place: int = 0) -> bytes:
        """Check a row at its place, or with a proof of its own; return its leaf."""
        before, self.position = self.position, row.position
        if (of_leaf := leaf(row)) != told:
            raise EvidenceError("The row was changed after it was written.")
        if row.position <= before or place not in (0, row.position):
            raise EvidenceError("Rows were removed, inserted or moved before this one.")
        if row.topic == HANDOVER and row.state.startswith(OPEN_STATE):
            self._hand_over(row)
        self.rows += 1
        return of_leaf

    def checkpoint(self, note: str) -> Checkpoint:
        """Return what a note says of this log, if it bears the signatures it must."""
        found = Checkpoint.parse(note)
        if found.origin != self.origin:
            raise EvidenceError("A checkpoint is of another log.")
        keys = [key for start, key in self.keys if start <= found.size]
        both = 0 < found.size in dict(self.keys)  # a new key: the one before signs, too
        opened(note, self.origin, *keys[-1 - both :], known=keys)
        return found

    def proven(self, end: Checkpoint, key: bytes, since: str | None) -> list[str]:
        """Check what an auditor knew before; say what is proven, and what is not."""
        if key and key not in dict(self.keys).values():
            raise EvidenceError("The log's keys do not follow from the one you gave.")
        return [
            f"Proven: {self.rows} of {end.size} rows are those of {end.at}.",
            _SIGNED if key else "Not proven: whose key.",
            _ALONE if since is None else self._grown_from(since, end.size),
        ]

    def _grown_from(self, since: str, size: int) -> str:
        try:  # an editor may have taken its last newline
            noted = self.checkpoint(since.rstrip("\n") + "\n")
        except EvidenceError as error:
            raise EvidenceError(f"The checkpoint that you gave: {error}") from None
        if noted.size > size:
            raise EvidenceError(f"The log was cut: you noted position {noted.size}.")
        if noted.size not in self.roots:
            raise EvidenceError(f"No proof leads from {noted.size}: export it --since.")
        if self.roots[noted.size] != noted.root:
            raise EvidenceError(f"Not the log of your checkpoint of {noted.size}.")
        return f"Proven: it grew from yours of {noted.size}."

    def _hand_over(self, row: Row) -> None:
        note, before = str(row.state[1:], "utf-8", "replace"), self.keys[-1][1]
        origin, key, *_ = opened(note, self.origin, before).split("\n")
        if origin != f"{self.origin}/next-key" or len(decoded(key)) != len(before):
            raise EvidenceError("A note is not of the log's next key.")
        self.keys.append((row.position, decoded(key)))
