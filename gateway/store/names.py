"""Keyed digests that stand for names wherever the log shows plaintext.

A bare hash of a record number can be reversed by trying every number. These
digests need the log's own secret, so a stolen file reveals no name.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.store.framing import frame, framed

_REMEMBERED: Final = 8192
_BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


class KeyedNames:
    """Digests under one secret, separate for each tenant and each purpose.

    `stream(name)` returns the stream's identity in the log, 64 hexadecimal digits, and
    `subject(name)` the 32 bytes under which a subject's data keys are kept. The last
    few thousand are remembered, because a stream is named when it is foreseen,
    loaded, appended to and followed.
    """

    def __init__(self, *, tenant: str, secret: bytes) -> None:
        self.tenant = tenant
        block = secret.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))
        streams, subjects = self._begun("stream"), self._begun("subject")
        self._derived = self._begun("derived")

        @lru_cache(_REMEMBERED)
        def stream(name: str) -> str:
            return self._digest(streams, frame(name.encode())).hex()

        @lru_cache(_REMEMBERED)
        def subject(name: str) -> bytes:
            return self._digest(subjects, frame(name.encode()))

        self.stream: Callable[[str], str] = stream
        self.subject: Callable[[str], bytes] = subject

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes for the caller's own identities, never a stream's."""
        return self._digest(self._derived, framed(*parts))

    def _begun(self, purpose: str) -> "hashlib._Hash":
        """Return the inner digest of everything for one purpose, as far as it goes."""
        inner = self._inner.copy()
        inner.update(framed(self.tenant, purpose))
        return inner

    def _digest(self, begun: "hashlib._Hash", message: bytes) -> bytes:
        # HMAC-SHA-256 (RFC 2104) from its two halves: `hmac.digest` lets the
        # interpreter lock go, which costs the writer more than the digest does, and
        # to copy an `hmac.HMAC` takes three times as long.
        inner, outer = begun.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()
