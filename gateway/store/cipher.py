"""AES-256-GCM, and the key-encryption key that wraps every other key.

Every ciphertext is bound to where it belongs by associated data (NIST SP
800-38D), so moving it elsewhere is as visible as changing it.
"""

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store.errors import CiphertextError, KeyFileError
from gateway.store.framing import framed

KEY_BYTES: Final = 32
KEK_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_WRAPPED_FORMAT: Final = b"\x01"


def random_key() -> bytes:
    """Return 32 unpredictable bytes."""
    return os.urandom(KEY_BYTES)


class Cipher:
    """AES-256-GCM under one key, with a fresh random nonce for each message."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, plaintext: bytes, associated: bytes, head: bytes = b"") -> bytes:
        """Return a head as it is, nonce (12 bytes), ciphertext and tag (16 bytes)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, plaintext, associated)
        return b"".join((head, nonce, sealed))

    def decrypt(self, sealed: bytes, associated: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            CiphertextError: if a byte of either argument is not as it was.

        """
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise CiphertextError("A ciphertext is too short to be whole.")
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._aead.decrypt(nonce, body, associated)
        except InvalidTag:
            raise CiphertextError(
                "A ciphertext does not belong where it is stored, or was changed."
            ) from None


def kek_id_of(wrapped: bytes) -> bytes:
    """Return the id of the key that wrapped something (8 bytes)."""
    return wrapped[len(_WRAPPED_FORMAT) : len(_WRAPPED_FORMAT) + KEK_ID_BYTES]


@dataclass(frozen=True)
class KeyEncryptionKey:
    """The one key that is kept outside the log; it wraps those inside."""

    key: bytes = field(repr=False)
    origin: str

    def __reduce__(self) -> tuple[type[Self], tuple[bytes, str]]:
        """Go to another process without what is remembered of this one."""
        return type(self), (self.key, self.origin)

    @cached_property
    def kek_id(self) -> bytes:
        """Return 8 bytes that tell this key from another without revealing it."""
        digest = hashlib.sha256(framed("triage-gateway kek id", self.key))
        return digest.digest()[:KEK_ID_BYTES]

    @cached_property
    def _cipher(self) -> Cipher:
        return Cipher(self.key)

    def wrap(self, secret: bytes, associated: bytes) -> bytes:
        """Return format (1 byte), key id (8 bytes), nonce, ciphertext and tag."""
        head = _WRAPPED_FORMAT + self.kek_id
        return self._cipher.encrypt(secret, associated, head)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """Return the secret.

        Raises:
            KeyFileError: if another key wrapped it.
            CiphertextError: if it was changed or moved.

        """
        start = 1 + KEK_ID_BYTES
        if wrapped[:1] != _WRAPPED_FORMAT:
            raise CiphertextError("A wrapped key is of an unknown format.")
        if wrapped[1:start] != self.kek_id:
            raise KeyFileError(
                f"The key in {self.origin} is not the one that this log was written "
                "with. Put that one back, or name the file that holds it."
            )
        return self._cipher.decrypt(wrapped[start:], associated)
