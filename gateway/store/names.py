"""Keyed digests that stand for names wherever the log shows plaintext.

A bare hash of a record number can be reversed by trying every number. These
digests need the log's own secret, so a stolen file reveals no name.
"""

import hmac
from dataclasses import dataclass, field

from gateway.store.framing import framed


@dataclass(frozen=True, kw_only=True)
class KeyedNames:
    """Digests under one secret, separate for each tenant and each purpose."""

    tenant: str
    secret: bytes = field(repr=False)

    def stream(self, name: str) -> str:
        """Return the stream's identity in the log: 64 hexadecimal digits."""
        return self._digest("stream", name).hex()

    def subject(self, name: str) -> bytes:
        """Return the 32 bytes under which a subject's data keys are kept."""
        return self._digest("subject", name)

    def derive(self, *parts: str | bytes) -> bytes:
        """Return 32 bytes for the caller's own identities, never a stream's."""
        return self._digest("derived", *parts)

    def _digest(self, purpose: str, *parts: str | bytes) -> bytes:
        message = framed(self.tenant, purpose, *parts)
        return hmac.digest(self.secret, message, "sha256")
