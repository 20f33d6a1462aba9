"""The access tokens that the gateway gives: short-lived, and opaque to their bearer.

A token is a sealed note of who asked, for which scopes, and until when. Its key is
derived from the log's, so a restart leaves it valid; the client is looked up again at
every use, so one that was removed, or lost a scope, is refused at once.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

import msgspec

from gateway.access.errors import UnknownCallerError
from gateway.store.cipher import Cipher
from gateway.store.errors import CiphertextError

PREFIX = "tg_"
_PURPOSE = b"access token v1"
_REFUSED = "The access token is none of this gateway's, or it has expired: ask anew."


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says: the client, its scopes, its end, and its certificate."""

    client: str
    scope: str
    expires: float
    certificate: str = ""  # SHA-256 of the one that asked; it has to come along


@dataclass(frozen=True)
class AccessTokens:
    """Seals and opens access tokens."""

    cipher: Cipher

    def seal(self, note: Note) -> str:
        """Return a token."""
        sealed = self.cipher.encrypt(msgspec.json.encode(note), _PURPOSE)
        return PREFIX + urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str, now: datetime) -> Note:
        """Return what a token says.

        Raises:
            UnknownCallerError: it is not ours, was changed, or has expired.

        """
        text = token.removeprefix(PREFIX)
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            opened = self.cipher.decrypt(sealed, _PURPOSE)
        except (ValueError, CiphertextError):
            raise UnknownCallerError(_REFUSED) from None
        note = msgspec.json.decode(opened, type=Note)
        if note.expires <= now.timestamp():
            raise UnknownCallerError(_REFUSED)
        return note
