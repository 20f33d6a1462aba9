"""What no file may hold once somebody is erased; it lives in memory only."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from gateway.audit.survey import Survey
from gateway.store.ledger import Ledger
from gateway.store.schema import SELECT_KEYS, KeyRow
from gateway.store.statements import select

_SELECT_THESE: Final = SELECT_KEYS + " WHERE key_id IN ({})"
_OWN_BYTES: Final = 32  # of a wrapped key: the end of its ciphertext, and the tag


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Values of patients, and their data keys, both as stored and as they are."""

    values: frozenset[str]
    keys: frozenset[bytes]
    key_ids: frozenset[bytes]

    @classmethod
    def of(cls, several: Collection[Self]) -> Self:
        """Return what any of them wants."""
        return cls(
            values=frozenset().union(*(each.values for each in several)),
            keys=frozenset().union(*(each.keys for each in several)),
            key_ids=frozenset().union(*(each.key_ids for each in several)),
        )


def wanted(ledger: Ledger, found: Survey) -> Wanted:
    """Return what is to be looked for; its keys must not be destroyed yet."""
    with ledger.log.recorder.database.reading() as statements:
        rows = list(map(KeyRow._make, select(statements, _SELECT_THESE, found.keys)))
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
