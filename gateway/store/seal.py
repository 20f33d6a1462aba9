"""The seal: a hash chain over every row, and a signature over its end.

leaf  = SHA-256(0x00 || framed(position, originator id, version, topic, state))
chain = SHA-256(0x01 || previous chain || leaf)

The first byte keeps leaves and links apart (RFC 6962, section 2.1). The hash is
over ciphertext, so it can be checked without any key and survives an erasure.
Ed25519 (RFC 8032) over the last link shows when rows are missing at the end.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.store.framing import framed

FORMAT_VERSION: Final = "1"


@dataclass(frozen=True, kw_only=True)
class LogIdentity:
    """What a log says of itself in plaintext, and what its first link binds."""

    log_id: str
    tenant: str
    public_key: bytes
    format_version: str = FORMAT_VERSION

    def genesis(self) -> bytes:
        """Return the link before the first row: 32 bytes."""
        digest = hashlib.sha256(
            framed(
                "triage-gateway log genesis",
                self.log_id,
                self.tenant,
                self.public_key,
                self.format_version,
            )
        )
        return digest.digest()


@dataclass(frozen=True)
class Head:
    """The end of the log: its last position and the chain's value there.

    An auditor who notes one can prove later that nothing before it was changed
    and that the whole file was not replaced by an older one.
    """

    position: int
    chain: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.chain.hex()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote: position, colon, 64 hexadecimal digits.

        Raises:
            ValueError: if the text is anything else.

        """
        position, _, digest = text.strip().partition(":")
        chain = bytes.fromhex(digest)
        if not position.isdecimal() or len(chain) != hashlib.sha256().digest_size:
            raise ValueError(
                "A head is written as a position, a colon and 64 hexadecimal digits."
            )
        return cls(int(position), chain)


@dataclass(frozen=True, kw_only=True)
class SignedHead:
    """A head, when it was signed (ISO 8601, UTC) and the signature (64 bytes)."""

    head: Head
    at: str
    signature: bytes


def leaf(
    position: int, originator_id: str, version: int, topic: str, state: bytes
) -> bytes:
    """Return the hash of one row: 32 bytes."""
    row = framed(position, originator_id, version, topic, state)
    return hashlib.sha256(b"\x00" + row).digest()


def link(chain: bytes, of_leaf: bytes) -> bytes:
    """Return the chain's next value: 32 bytes."""
    return hashlib.sha256(b"\x01" + chain + of_leaf).digest()


class Signer:
    """Sign heads of one log."""

    def __init__(self, log_id: str, private_key: bytes) -> None:
        self._log_id = log_id
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes with which anyone can check the signatures."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, head: Head, at: str) -> SignedHead:
        """Sign a head as of a time in ISO 8601."""
        signature = self._key.sign(_statement(self._log_id, head, at))
        return SignedHead(head=head, at=at, signature=signature)


def is_signed(signed: SignedHead, identity: LogIdentity) -> bool:
    """Tell whether the log's key made this signature for exactly this head."""
    message = _statement(identity.log_id, signed.head, signed.at)
    try:
        key = Ed25519PublicKey.from_public_bytes(identity.public_key)
        key.verify(signed.signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _statement(log_id: str, head: Head, at: str) -> bytes:
    return framed("triage-gateway log head", log_id, head.position, head.chain, at)
