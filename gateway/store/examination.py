"""Examine an export line by line, with `evidence` and what the auditor knows.

Run it as `python -m gateway.store.examination EXPORT [PUBLIC_KEY [CHECKPOINT]]`; these
two files need nothing else of this project. docs/evidence.md describes the format.
"""

import json
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from gateway.store.evidence import (
    FORMAT,
    Checkpoint,
    EvidenceError,
    Log,
    Row,
    decoded,
    grown,
    included,
)

HEADER: Final = (
    "format",
    "log_id",
    "tenant",
    "public_key",
    "checkpoint",
    "grown",
    "rows",
)
ROW: Final = (*Row._fields, "leaf", "path", "key", "decrypted")
_MISFORMED: Final = (
    *(ValueError, TypeError, LookupError, AttributeError, RecursionError),
    struct.error,  # a number that 8 bytes cannot hold
)


def _nothing_else(_row: Row, _told: dict[str, Any], _tenant: str) -> None:
    """Look at nothing but the seal."""


class Examination:
    """One export; what does not hold raises an EvidenceError."""

    def __init__(self, header: dict[str, Any], older: int) -> None:
        """Read the header; `older` is the size of a checkpoint noted before, or 0."""
        if header["format"] != FORMAT:
            raise EvidenceError("The export is of a format that this program is not.")
        if (type(header["rows"]), type(header["grown"])) != (int, list):
            raise EvidenceError("The header is not written as it was.")
        self._header, self.tenant = header, header["tenant"]
        self.end = Checkpoint.parse(header["checkpoint"])
        key = decoded(header["public_key"])
        self.log = Log(header["log_id"], header["tenant"], key, older)
        for told in header["grown"]:
            if list(map(type, told)) != [int, str, list]:
                raise EvidenceError("The header is not written as it was.")
            size, root, hashes = told
            self._grown(size, decoded(root), _hashes(hashes))
        self._known(self.end.size, self.end.root)

    def _grown(self, size: int, root: bytes, proof: list[bytes]) -> None:
        if grown(size, self.end.size, proof, [root]) != (root, self.end.root):
            raise EvidenceError("The log did not only grow.")
        self._known(size, root)

    def _known(self, size: int, root: bytes) -> None:
        if self.log.roots.setdefault(size, root) != root:
            raise EvidenceError("The export states two roots of one size.")

    def take(self, told: dict[str, Any]) -> Row:
        """Check the next row."""
        row = Row._make([*map(told.get, Row._fields[:-1]), decoded(told["state"])])
        if list(map(type, row)) != [int, str, int, str, bytes]:
            raise EvidenceError("The row is not written as it was.")
        of_leaf = decoded(told["leaf"])
        if "path" not in told:
            self.log.take(row, of_leaf)
            return row
        self.log.take_alone(row, of_leaf)
        path = _hashes(told["path"])
        if included(of_leaf, row.position - 1, self.end.size, path) != self.end.root:
            raise EvidenceError("The row is not in the log of this checkpoint.")
        return row

    def ended(self) -> Checkpoint:
        """Check what holds of the whole; return the checkpoint that it is of."""
        end, tree = self.log.checkpoint(self._header["checkpoint"]), self.log.tree
        if self.log.rows != self._header["rows"]:
            raise EvidenceError("Rows are missing at the end of the file.")
        if tree.size and (end.size, end.root) != (tree.size, tree.root()):
            raise EvidenceError("The checkpoint is not of these rows.")
        if end.size and not self.log.rows and not self._header["grown"]:
            raise EvidenceError("The export holds no row and proves nothing.")
        return end


def noted_size(since: str | None) -> int:
    """Return the size that a checkpoint states, as an auditor noted it; 0 of none.

    Raises:
        EvidenceError: if it is not a checkpoint; an empty one is not.

    """
    try:
        return 0 if since is None else Checkpoint.parse(since).size
    except EvidenceError as error:
        raise EvidenceError(f"The checkpoint that you gave: {error}") from None


def examine(
    lines: Iterable[bytes],
    public_key: bytes = b"",
    since: str | None = None,
    also: Callable[[Row, dict[str, Any], str], None] = _nothing_else,
) -> list[str]:
    """Check an export; return what it proves and what it does not, as sentences.

    `since` is a checkpoint that the auditor noted. `also` may look at each row, as it
    was told, and at the tenant's name.

    Raises:
        EvidenceError: naming the first line and position where it does not hold; of
            what the auditor gave, saying what does not follow from it.

    """
    older = noted_size(since)
    number, examination = 0, None
    try:
        for line in lines:
            number += 1
            if examination is None:
                examination = Examination(_content(line, HEADER), older)
                continue
            told = _content(line, ROW)
            also(examination.take(told), told, examination.tenant)
        if examination is None:
            raise EvidenceError("The file is empty.")
        end = examination.ended()
    except _MISFORMED as error:
        position = examination.log.position if examination else 0
        raise EvidenceError(f"line {number}, position {position}: {error}") from None
    return examination.log.proven(end, public_key, since)


def _content(line: bytes, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what a line holds, if it is written in the one way that is allowed."""
    told = json.loads(line)
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"
    ordered = [name for name in names if name in told]
    if plain.encode() != line or list(told) != ordered:
        raise EvidenceError("The line is not written as it was.")
    return dict(told)


def _hashes(told: object) -> list[bytes]:
    if not isinstance(told, list):  # an empty text reads as no hashes, too
        raise EvidenceError("A list of hashes is not written as it was.")
    return list(map(decoded, told))


def _key(hexadecimal: str) -> bytes:
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        raise EvidenceError("A public key is 64 hexadecimal digits.") from None


def main(
    export: str = "", public_key: str = "", since: str | None = None, *more: str
) -> None:
    """Examine a file; the key is 64 hexadecimal digits, `since` names a file.

    Raises:
        SystemExit: with a sentence, where it does not hold or cannot be read.

    """
    if not export or more:
        raise SystemExit("Give EXPORT, or EXPORT PUBLIC_KEY, or also CHECKPOINT.")
    found: Counter[str] = Counter()

    def count(_row: Row, told: dict[str, Any], _tenant: str) -> None:
        found["words"] += "decrypted" in told or "key" in told

    try:
        noted = None if since is None else Path(since).read_text(encoding="utf-8")
        with Path(export).open("rb") as lines:
            said = examine(lines, _key(public_key), noted, count)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{error} Not verified.") from None
    if words := found["words"]:
        said.append(
            f"Not proven: the words, or keys, that come with {words} rows; "
            "`triage-gateway audit verify` compares them."
        )
    sys.stdout.write("\n".join((*said, "")))


if __name__ == "__main__":
    main(*sys.argv[1:])
