"""Data keys: one for each subject, so that erasing the key erases the subject."""

from hashlib import sha256
from typing import Final, NamedTuple

from gateway.store.cipher import Cipher, KeyEncryptionKey, random_key
from gateway.store.envelope import KEY_ID_BYTES
from gateway.store.errors import CiphertextError, KeyFileError, LogUnavailableError
from gateway.store.framing import framed
from gateway.store.schema import KeyRow
from gateway.store.staging import RecentlyUsed

_CACHED_KEYS: Final = 4096
REPLACED: Final = (
    "The log's key-encryption key was replaced while this gateway ran. Start it anew, "
    "with the new key."
)
_ID_TAG: Final = "triage-gateway data key id"
_TYPES: Final = (bytes, bytes, int, bytes, bytes, bytes)


def data_key_id(key: bytes) -> bytes:
    """Return the id of a data key: 16 bytes, which commit to it and do not tell it.

    AES-GCM does not commit to its key: whoever chooses two keys can make a ciphertext
    that both open, to different words (Dodis, Grubbs, Ristenpart and Woodage, "Fast
    Message Franking: From Invisible Salamanders to Encryptment", CRYPTO 2018; RFC 9771
    names the property). The id is part of what is sealed, so a row is of one key.
    """
    return sha256(framed(_ID_TAG, key)).digest()[:KEY_ID_BYTES]


class DataKey(NamedTuple):
    """A data key ready for use."""

    key_id: bytes
    cipher: Cipher


class Keyring:
    """Make, wrap and unwrap data keys; the last few thousand stay unwrapped."""

    def __init__(self, kek: KeyEncryptionKey) -> None:
        self._kek = kek
        self._opened: RecentlyUsed[bytes, DataKey] = RecentlyUsed(_CACHED_KEYS)
        self.cleared = 0  # how often keys were destroyed, as far as was read

    def make(
        self, subject_tag: bytes, generation: int, members: bytes
    ) -> tuple[KeyRow, DataKey]:
        """Return a new key, wrapped for the log and ready for use."""
        key = random_key()
        key_id, kek_id = data_key_id(key), self._kek.kek_id
        row = KeyRow(key_id, subject_tag, generation, members, kek_id, None)
        row = row._replace(wrapped=self.wrapped(row, key))
        return row, DataKey(key_id, Cipher(key))

    def known(self, key_id: bytes) -> DataKey | None:
        """Return a key that was opened lately."""
        return self._opened.get(key_id)

    def opened(self, row: KeyRow, wrapped: bytes) -> DataKey:
        """Return a stored key ready for use.

        Raises:
            LogUnavailableError: if a new key-encryption key wrapped it meanwhile.
            CiphertextError: if the row was changed.

        """
        known = self.known(row.key_id)
        if known is None:
            try:
                known = DataKey(row.key_id, Cipher(self.unwrapped(row, wrapped)))
            except KeyFileError as error:  # the one that opened the log does not fit
                raise LogUnavailableError(REPLACED) from error
            self._opened.put(row.key_id, known)
        return known

    def wrapped(self, row: KeyRow, key: bytes) -> bytes:
        """Return a stored key's own 32 bytes, wrapped anew for its row."""
        return self._kek.wrap(key, _bound_to(row))

    def clear(self) -> None:
        """Let go of every key that was unwrapped."""
        self.cleared += 1
        self._opened.clear()

    def unwrapped(self, row: KeyRow, wrapped: bytes) -> bytes:
        """Return the key's own 32 bytes.

        Raises:
            KeyFileError: if another key-encryption key wrapped it.
            CiphertextError: if the row was changed, or its id is not the key's.

        """
        if not all(map(isinstance, (*row[:-1], wrapped), _TYPES)):
            raise CiphertextError("A data key's row was changed.")
        if row.kek_id != self._kek.kek_id:
            raise KeyFileError(
                f"A data key was wrapped by another key than {self._kek.origin}. "
                "Name the key file that this log is using now."
            )
        key = self._kek.unwrap(wrapped, _bound_to(row))
        if data_key_id(key) != row.key_id:  # so that whoever reads, reads one story
            raise CiphertextError("A data key's id is not made from it.")
        return key


def _bound_to(row: KeyRow) -> bytes:
    """Return what says whose a key is: no part of it can be changed without notice."""
    whose = (row.key_id, row.subject_tag, row.generation, row.members)
    return framed("triage-gateway data key", *whose)
