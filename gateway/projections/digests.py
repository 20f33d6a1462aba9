"""Keyed digests: how values are filed without being readable.

Equal values have equal digests, so equality is searched as it is. A `trail` keeps one
thing more: two values that begin alike have digests that begin alike, as in
prefix-preserving encryption (Xu et al., ICNP 2002, "Crypto-PAn"). So `family=han` and
`value-quantity=gt140` are ranges of an index, with one row a value.

What the file gives away to somebody without the key: which values are equal, and which
begin alike. Whoever knows how often names or readings occur can guess some of them;
the key, not the digest, is what keeps them secret.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Final

from gateway.projections.ranges import of_number

_CACHED: Final = 16_384
STEP: Final = 3
"""Bytes for each unit of a trail."""
_WORD: Final = 12
_SYSTEM: Final = 6
_CODE: Final = 10
TAG: Final = 6
"""Bytes of a tag."""
_BEYOND: Final = b"\xff" * 128  # longer than any digest


class Digests:
    """Digests under one secret; those of common values are remembered."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.word = lru_cache(_CACHED)(self._word)
        self.coded = lru_cache(_CACHED)(self._coded)
        self.text = lru_cache(_CACHED)(self._text)
        self.number = lru_cache(_CACHED)(self._number)
        self.tags = lru_cache(_CACHED)(self._tags)

    def keyed(self, *parts: str) -> bytes:
        """Return the 16 bytes that stand for these parts."""
        return self._hash("\0".join(parts)).digest()

    def system(self, system: str) -> bytes:
        """Return what the digest of every code of a system begins with (6 bytes)."""
        return self.keyed("system", system)[:_SYSTEM]

    def trail(self, units: Iterable[str]) -> bytes:
        """Return 3 bytes for each unit; each depends on all units before it."""
        state = self._hash("trail")
        found = bytearray()
        for unit in units:
            state.update(f"\0{unit}".encode())
            found += state.digest()[:STEP]
        return bytes(found)

    def tag(self, *parts: str) -> bytes:
        """Return the 6 bytes that follow a trail and say more of the value."""
        return self.keyed("tag", *parts)[:TAG]

    def _word(self, text: str) -> bytes:
        """Return what stands for a code without system, an address or a URI (12)."""
        return self.keyed("word", text)[:_WORD]

    def _coded(self, system: str, code: str) -> bytes:
        """Return what stands for a code of a system, or of none (16 bytes)."""
        return self.system(system) + self.keyed("coded", system, code)[:_CODE]

    def _text(self, start: str, exact: str) -> bytes:
        """Return the trail of a text's start, and then what the whole text is."""
        return self.trail(start) + self.tag("exact", exact)

    def _number(self, number: Decimal) -> bytes:
        """Return the trail of a number (27 bytes)."""
        return self.trail(of_number(number))

    def _tags(self, system: str, code: str, unit: str) -> bytes:
        """Return the tags of a unit: its code with system, its code, its name (18)."""
        return self.tag(system, code) + self.tag(code) + self.tag(unit)

    def _hash(self, text: str) -> "hashlib.blake2b":
        return hashlib.blake2b(text.encode(), digest_size=16, key=self._secret)


def after(prefix: bytes) -> bytes:
    """Return a digest beyond every one that begins with a prefix."""
    return prefix + _BEYOND
