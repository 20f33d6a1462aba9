"""Signing keys that follow one another: each new one is signed by the one before.

The row that says so is not encrypted, so that a stranger who knows the first key, which
the log's origin binds, can follow them all. It concerns nobody.
"""

import base64
from collections.abc import Iterable
from typing import Final

from gateway.store import evidence
from gateway.store.cipher import random_key
from gateway.store.database import Statements
from gateway.store.errors import LogDamagedError
from gateway.store.evidence import HANDOVER, OPEN_STATE, EvidenceError, Log
from gateway.store.founding import Foundation, read_head, write_head
from gateway.store.names import KeyedNames
from gateway.store.notes import SigningKey, signed
from gateway.store.schema import (
    SELECT_HANDOVERS,
    SELECT_ROWS_AT,
    SELECT_ROWS_OF_STREAM,
    Row,
)
from gateway.store.seal import LogIdentity, Signer, appended
from gateway.store.statements import insert, select

_STREAM: Final = "log/signing-keys"


def newest_key(connection: Statements, foundation: Foundation) -> bytes:
    """Return the public key (32 bytes) that signs now, as the log tells it.

    Raises:
        LogDamagedError: if a key was not handed over by the one before.
        LogUnavailableError: if the log cannot be read now.

    """
    _, key = _followed(foundation.identity, _handovers(connection, foundation))[-1]
    return key


def signing_keys(
    connection: Statements, identity: LogIdentity
) -> list[tuple[int, bytes]]:
    """Return every public key (32 bytes) with the position from which on it signs.

    No key-encryption key is needed; each row of the log is looked at.

    Raises:
        LogDamagedError: if a key was not handed over by the one before.
        LogUnavailableError: if the log cannot be read now.

    """
    positions = [position for (position,) in connection.execute(SELECT_HANDOVERS)]
    rows = map(Row._make, select(connection, SELECT_ROWS_AT, positions))
    return _followed(identity, sorted(rows, key=lambda each: each.position))


def _followed(identity: LogIdentity, rows: Iterable[Row]) -> list[tuple[int, bytes]]:
    log = Log(identity.log_id, identity.tenant, identity.public_key, 0)
    try:
        for row in rows:
            log.take_alone(_sealed(row), row.leaf)
    except EvidenceError as error:
        raise LogDamagedError(
            f"A change of the signing key is not whole: {error}"
        ) from error
    return log.keys


def _sealed(row: Row) -> evidence.Row:
    if not row.is_well_formed:
        raise EvidenceError("A value is of another type than was written.")
    return row.sealed


def hand_over(statements: Statements, foundation: Foundation, at: str) -> bytes:
    """Append a new signing key, signed by the old; return its 32 private bytes.

    Both sign the checkpoint, so that whoever knows only the old one can follow.
    """
    origin, secret = foundation.identity.origin, random_key()
    old, new = foundation.signer.keys[0], SigningKey(origin, secret)
    public = base64.b64encode(new.public).decode()
    note = signed(f"{origin}/next-key\n{public}\ntime {at}\n", (old, new))
    version = len(_handovers(statements, foundation)) + 1
    state = OPEN_STATE + note.encode()
    tree = read_head(statements).tree()
    rows, nodes = appended(tree, [(_stream(foundation), version, HANDOVER, state)])
    insert(statements, "INSERT INTO stored_events", rows)
    insert(statements, "INSERT INTO seal_nodes", nodes)
    write_head(statements, Signer(origin, (new, old)).head(tree, at))
    return secret


def _handovers(connection: Statements, foundation: Foundation) -> list[Row]:
    rows = connection.execute(SELECT_ROWS_OF_STREAM, (_stream(foundation), 0))
    return [Row._make(columns) for columns in rows]


def _stream(foundation: Foundation) -> str:
    names = KeyedNames(
        tenant=foundation.identity.tenant, secret=foundation.secrets.names
    )
    return names.stream(_STREAM)
