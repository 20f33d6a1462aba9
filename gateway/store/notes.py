"""Write signed notes, https://c2sp.org/signed-note; `evidence` reads them.

The log signs its checkpoints with Ed25519. A witness adds its own line below, a
cosignature with a time, https://c2sp.org/tlog-cosignature.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.store.evidence import EvidenceError, decoded, key_id

_ED25519: Final = b"\x01"
_COSIGNATURE: Final = b"\x04"
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_WHOLE_DIGITS: Final = 5  # of base64, which 4 bytes settle


class SigningKey:
    """A private Ed25519 key (32 bytes) and the name under which it signs."""

    def __init__(self, name: str, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.name = name
        self.public = self._key.public_key().public_bytes_raw()
        self._id = key_id(name, self.public)
        hint = base64.b64encode(self._id).decode()[:_WHOLE_DIGITS]
        self.mark = f"— {name} {hint}"  # begins each of its lines

    def line(self, text: str) -> str:
        """Return this key's signature line for a text."""
        return _line(self.name, self._id + self._key.sign(text.encode()))


def signed(text: str, keys: Sequence[SigningKey]) -> str:
    """Return a text, which ends in a newline, as a note signed by all of these keys."""
    return f"{text}\n{''.join(key.line(text) for key in keys)}"


def verifier_key(name: str, public: bytes) -> str:
    """Return a log's public key in the notation `name+id+key` of the specification."""
    key = base64.b64encode(_ED25519 + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{key}"


@dataclass(frozen=True)
class WitnessKey:
    """A witness's name and public key (32 bytes), with which it cosigns checkpoints."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+id+key`.

        Raises:
            EvidenceError: if it is not a witness's Ed25519 key in that notation.

        """
        name, _, rest = text.partition("+")
        hint, _, encoded = rest.partition("+")
        content = decoded(encoded)
        key = cls(name, content[1:])
        if content[:1] != _COSIGNATURE or hint != key.key_id.hex() or not name:
            raise EvidenceError(
                "A witness's key is written as name+id+key, with an Ed25519 key of the "
                "kind 0x04 (c2sp.org/tlog-cosignature)."
            )
        return key

    @property
    def key_id(self) -> bytes:
        """Return the 4 bytes that its lines bear."""
        return key_id(self.name, self.public, _COSIGNATURE)

    def cosigned(self, text: str, lines: str) -> list[str]:
        """Return those of the lines that are this witness's cosignatures of a text."""
        return [
            f"{line}\n"
            for line in lines.splitlines()
            if line.startswith(f"— {self.name} ") and self._holds(text, line)
        ]

    def _holds(self, text: str, line: str) -> bool:
        try:
            content = decoded(line.rpartition(" ")[2]).removeprefix(self.key_id)
            time = int.from_bytes(content[:_TIME_BYTES], "big")
            key = Ed25519PublicKey.from_public_bytes(self.public)
            message = f"cosignature/v1\ntime {time}\n{text}"
            key.verify(content[_TIME_BYTES:], message.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def _line(name: str, content: bytes) -> str:
    return f"— {name} {base64.b64encode(content).decode()}\n"
