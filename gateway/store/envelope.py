"""The stored state of one event: what is encrypted, and what it is bound to.

state = format 0x01 | key id (16) | nonce (12) | AES-256-GCM ciphertext and tag

This layout is final: an append-only log cannot be rewritten.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from gateway.store.cipher import Cipher
from gateway.store.errors import CiphertextError, UnrecordableEventError
from gateway.store.framing import frame, frame_number, framed

KEY_ID_BYTES: Final = 16
_FORMAT: Final = b"\x01"
_HEADER_BYTES: Final = 1 + KEY_ID_BYTES
_REMEMBERED: Final = 256


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The plaintext: the event's own bytes, its stream and its circumstances."""

    stream: str
    at: datetime
    actor: str
    request: str
    event: msgspec.Raw
    address: str = ""  # absent from what the first version wrote


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a state belongs; a state found anywhere else does not decrypt.

    The stream enters as its keyed digest, because whoever reads the whole log
    in order learns the name only by decrypting.
    """

    tenant: str
    originator_id: str
    version: int
    topic: str


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)
_repeated = lru_cache(_REMEMBERED)(framed)


def sealed_state(entry: Entry, place: Place, key_id: bytes, cipher: Cipher) -> bytes:
    """Encrypt an entry for its place in the log."""
    plaintext = _encoder.encode(entry)
    return cipher.encrypt(plaintext, _associated(place, key_id), _FORMAT + key_id)


def opened_entry(state: bytes, place: Place, cipher: Cipher) -> Entry:
    """Decrypt an entry found at a place in the log.

    Raises:
        CiphertextError: if it was changed, moved or is not of this format.
        UnrecordableEventError: if another program wrote it in a way of its own.

    """
    if state[:1] != _FORMAT:
        raise CiphertextError("A stored state is of an unknown format.")
    associated = _associated(place, state[1:_HEADER_BYTES])
    plaintext = cipher.decrypt(state[_HEADER_BYTES:], associated)
    try:
        return _decoder.decode(plaintext)
    except msgspec.DecodeError:
        raise UnrecordableEventError(
            "An entry of the log is not written as this program writes and reads it. "
            "A newer program may have done so: run that one."
        ) from None


def _associated(place: Place, key_id: bytes) -> bytes:
    """Frame the place; each event pays for it, so what repeats is framed once."""
    return (
        _repeated(_FORMAT, place.tenant)
        + frame(place.originator_id.encode())
        + frame_number(place.version)
        + _repeated(place.topic)
        + frame(key_id)
    )
