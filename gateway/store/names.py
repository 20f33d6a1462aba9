"""Keyed digests that stand for names wherever the log shows plaintext.

A bare hash of a record number can be reversed by trying every number. These
digests need the log's own secret, so a stolen file reveals no name.
"""

import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.store.framing import framed

_REMEMBERED: Final = 8192


class KeyedNames:
    """Digests under one secret, separate for each tenant and each purpose.

    `stream(name)` returns the stream's identity in the log, 64 hexadecimal digits.
    The last few thousand are remembered, because a stream is named when it is
    foreseen, loaded, appended to and followed.
    """

    def __init__(self, *, tenant: str, secret: bytes) -> None:
        self.tenant = tenant
        self._keyed = hmac.new(secret, digestmod="sha256")
        self.stream: Callable[[str], str] = lru_cache(_REMEMBERED)(self._stream)

    def subject(self, name: str) -> bytes:
        """Return the 32 bytes under which a subject's data keys are kept."""
        return self._digest("subject", name)

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes for the caller's own identities, never a stream's."""
        return self._digest("derived", *parts)

    def _stream(self, name: str) -> str:
        return self._digest("stream", name).hex()

    def _digest(self, purpose: str, *parts: str | bytes) -> bytes:
        # `hmac.digest` lets the interpreter lock go, which costs the writer more than
        # the digest does; short updates do not.
        digest = self._keyed.copy()
        digest.update(framed(self.tenant, purpose, *parts))
        return digest.digest()
