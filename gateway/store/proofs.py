"""Roots and proofs of a stored log, from kept inner nodes and few leaves.

Every 256 leaves, and every 256 of those nodes, one inner node is kept. A proof reads
some hundred hashes, however long the log is. A node that is not there is made from what
is below it, so the kept ones are a convenience and no part of what is proven.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.store.errors import LogDamagedError
from gateway.store.evidence import Tree, node
from gateway.store.seal import STRIDE

_WIDTH: Final = 1 << STRIDE

# Gives kept hashes of a level (0: leaves) by number, from a number on, at most 256.
Kept = Callable[[int, int], dict[int, bytes]]


class StoredTree:
    """The tree over the first leaves of a log."""

    def __init__(self, kept: Kept) -> None:
        self._block = lru_cache(64)(kept)

    def root(self, size: int) -> bytes:
        """Return the root over the first leaves.

        Raises:
            LogDamagedError: if a leaf is missing.

        """
        return self._over(0, size) if size else Tree().root()

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the path of a leaf to the root, RFC 9162, section 2.1.3.1."""
        start, end, path = 0, size, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that a tree grew from an older, RFC 9162, section 2.1.4.1.

        It is empty if one of them is empty or both are the same.
        """
        start, end, proof = 0, size, []
        if old in (0, size):
            return []
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start = middle
        return ([self._over(start, end)] if start else []) + proof[::-1]

    def _over(self, start: int, end: int) -> bytes:
        width = end - start
        level, rest = divmod(width.bit_length() - 1, STRIDE)
        if not rest and width.bit_count() == 1:  # complete, and of a kept level
            number = start >> (level * STRIDE)
            kept = self._block(level, number - number % _WIDTH).get(number)
            if kept is not None:
                return kept
            if not level:
                raise LogDamagedError(f"There is no row at position {start + 1}.")
        middle = start + _split(width)
        return node(self._over(start, middle), self._over(middle, end))


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)
