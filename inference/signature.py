"""Signatures beside a text, in the form of a signed note: https://c2sp.org/signed-note.

The log's checkpoints are notes of the same form and key (Ed25519). They have code of
their own: what proves a log (`gateway.store.evidence`) needs nothing of this project,
and nothing here knows of the gateway. A test holds both to one form. A key's notation
is the specification's `name+id+key`, that of its private half
`PRIVATE+KEY+name+id+key` (golang.org/x/mod/sumdb/note).
"""

import base64
import hashlib
import os
import re
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_KIND: Final = b"\x01"  # Ed25519
_BYTES: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
_LINE: Final = re.compile(r"^— (\S+) (\S+)\n", re.MULTILINE)
_PRIVATE: Final = "PRIVATE+KEY+"


class SignatureError(ValueError):
    """A key is no key, or a text is not what was signed."""


@dataclass(frozen=True)
class PublicKey:
    """A name and the public half of an Ed25519 key (32 bytes)."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+id+key`.

        Raises:
            SignatureError: it is no Ed25519 key in that notation.

        """
        name, content = _parts(text.strip())
        key = cls(name, content)
        if str(key) != text.strip():
            raise SignatureError("A public key is written as name+id+key, of Ed25519.")
        return key

    def __str__(self) -> str:
        return _told(self.name, self.mark, self.public)

    @property
    def mark(self) -> bytes:
        """Return the 4 bytes that its signature lines bear."""
        content = self.name.encode() + b"\n" + _KIND + self.public
        return hashlib.sha256(content).digest()[:4]

    def require(self, text: str, lines: str) -> None:
        """Require this key's signature of a text among signature lines.

        Raises:
            SignatureError: there is none, or the text is not what was signed.

        """
        found = [
            _decoded(told) for name, told in _LINE.findall(lines) if name == self.name
        ]
        own = [each[4:] for each in found if each[:4] == self.mark]
        if not own:
            raise SignatureError(f"The key {self.name} has not signed it.")
        try:
            for each in own:
                Ed25519PublicKey.from_public_bytes(self.public).verify(
                    each, text.encode()
                )
        except InvalidSignature:
            raise SignatureError(
                f"It is not what the key {self.name} has signed."
            ) from None


@dataclass(frozen=True)
class PrivateKey:
    """A name and the private half of an Ed25519 key (32 bytes)."""

    name: str
    private: bytes = field(repr=False)

    @classmethod
    def new(cls, name: str) -> Self:
        """Make a key.

        Raises:
            SignatureError: the name cannot stand in a signature.

        """
        return cls(_named(name), os.urandom(_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `PRIVATE+KEY+name+id+key`.

        Raises:
            SignatureError: it is no Ed25519 key in that notation.

        """
        told = text.strip()
        if not told.startswith(_PRIVATE):
            raise SignatureError("A private key is written as PRIVATE+KEY+name+id+key.")
        name, content = _parts(told.removeprefix(_PRIVATE))
        key = cls(name, content)
        if key.notation != told:
            raise SignatureError(
                "The private key's id is not that of its name and key."
            )
        return key

    @property
    def notation(self) -> str:
        """Return the key as `parse` reads it: a secret."""
        return _PRIVATE + _told(self.name, self.public.mark, self.private)

    @property
    def public(self) -> PublicKey:
        """Return the half that anybody may know."""
        half = Ed25519PrivateKey.from_private_bytes(self.private).public_key()
        return PublicKey(self.name, half.public_bytes_raw())

    def line(self, text: str) -> str:
        """Return the signature line for a text."""
        signed = Ed25519PrivateKey.from_private_bytes(self.private).sign(text.encode())
        content = base64.b64encode(self.public.mark + signed).decode()
        return f"— {self.name} {content}\n"


def _parts(text: str) -> tuple[str, bytes]:
    name, _, rest = text.partition("+")
    content = _decoded(rest.partition("+")[2])
    if content[:1] != _KIND or len(content) != len(_KIND) + _BYTES:
        raise SignatureError("A key is written as name+id+key, with one of Ed25519.")
    return _named(name), content[1:]


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise SignatureError(
            "A key's name is of letters, digits, dots, dashes, slashes."
        )
    return name


def _told(name: str, mark: bytes, content: bytes) -> str:
    return f"{name}+{mark.hex()}+{base64.b64encode(_KIND + content).decode()}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise SignatureError("A key or a signature is not in base64.") from None
