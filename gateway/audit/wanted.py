"""What no file may hold once somebody is erased; it lives in memory only."""

from dataclasses import dataclass
from typing import Final, Self

from gateway.audit.survey import Survey
from gateway.store.ledger import Ledger
from gateway.store.schema import SELECT_KEYS, KeyRow

_OWN_BYTES: Final = 32  # of a wrapped key: the end of its ciphertext, and the tag


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Values of patients, and their data keys, both as stored and as they are."""

    values: frozenset[str]
    keys: frozenset[bytes]
    key_ids: frozenset[bytes]

    def __or__(self, other: Self) -> Self:
        """Return what either wants."""
        return type(self)(
            values=self.values | other.values,
            keys=self.keys | other.keys,
            key_ids=self.key_ids | other.key_ids,
        )


def wanted(ledger: Ledger, found: Survey) -> Wanted:
    """Return what is to be looked for; its keys must not be destroyed yet."""
    with ledger.log.recorder.database.reading() as statements:
        every = (KeyRow._make(each) for each in statements.execute(SELECT_KEYS))
        rows = [each for each in every if each.key_id in found.keys]
    unwrapped = ledger.log.reader.keyring.unwrapped
    pairs = [(each, each.wrapped) for each in rows if each.wrapped is not None]
    return Wanted(
        values=frozenset(found.marks.values()),
        keys=frozenset(
            key
            for row, wrapped in pairs
            for key in (wrapped[-_OWN_BYTES:], unwrapped(row, wrapped))
        ),
        key_ids=frozenset(found.keys),
    )
