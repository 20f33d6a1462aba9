"""The two secrets inside a log, wrapped by the key-encryption key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.store.cipher import KeyEncryptionKey, kek_id_of
from gateway.store.database import Statements
from gateway.store.errors import KeyFileError, LogDamagedError
from gateway.store.framing import framed
from gateway.store.seal import LogIdentity

_FOR_NAMES: Final = "names"
_FOR_SIGNING: Final = "signing"
SELECT_WRAPPED: Final = "SELECT wrapped FROM log_secrets WHERE name = 'names'"


@dataclass(frozen=True, kw_only=True)
class LogSecrets:
    """What digests and signatures are made with.

    They outlive a change of the key that wraps them, so neither ever changes.
    """

    names: bytes = field(repr=False)
    signing: bytes = field(repr=False)


def insert_secrets(
    statements: Statements,
    identity: LogIdentity,
    secrets: LogSecrets,
    kek: KeyEncryptionKey,
) -> None:
    """Write the secrets of a new log."""
    for name, secret in _named(secrets):
        wrapped = kek.wrap(secret, _bound_to(identity.log_id, name))
        statements.execute("INSERT INTO log_secrets VALUES (?, ?)", (name, wrapped))


def write_secret(
    statements: Statements,
    identity: LogIdentity,
    kek: KeyEncryptionKey,
    named: tuple[str, bytes],
) -> None:
    """Replace one of the log's secrets, which is given after its name."""
    name, secret = named
    wrapped = kek.wrap(secret, _bound_to(identity.log_id, name))
    statements.execute(
        "UPDATE log_secrets SET wrapped = ? WHERE name = ?", (wrapped, name)
    )


def read_secrets(
    connection: Statements, identity: LogIdentity, kek: KeyEncryptionKey
) -> LogSecrets:
    """Read and unwrap the log's secrets.

    Raises:
        KeyFileError: if another key-encryption key wrapped them.
        LogDamagedError: if they are missing or were changed.

    """
    wrapped = dict(connection.execute("SELECT name, wrapped FROM log_secrets"))
    try:
        secrets = {
            name: kek.unwrap(wrapped[name], _bound_to(identity.log_id, name))
            for name in (_FOR_NAMES, _FOR_SIGNING)
        }
    except (KeyError, TypeError):
        raise LogDamagedError("A secret of the log is missing.") from None
    return LogSecrets(names=secrets[_FOR_NAMES], signing=secrets[_FOR_SIGNING])


def wrapped_by(connection: Statements) -> bytes | None:
    """Return the id of the key that wraps the log's secrets, None if none does."""
    row = connection.execute(SELECT_WRAPPED).fetchone()
    return kek_id_of(row[0]) if row and isinstance(row[0], bytes) else None


def require_wrapped_by(connection: Statements, kek: KeyEncryptionKey) -> None:
    """Refuse to change a log with a key that it does not use any more.

    Raises:
        KeyFileError: if another key-encryption key wraps its secrets by now.

    """
    if wrapped_by(connection) != kek.kek_id:
        raise KeyFileError(
            "The log's key was replaced by another process meanwhile. Nothing was "
            f"changed; the key in {kek.origin} opens nothing any more."
        )


def write_secrets(
    statements: Statements,
    identity: LogIdentity,
    secrets: LogSecrets,
    kek: KeyEncryptionKey,
) -> None:
    """Wrap the log's secrets anew, with another key."""
    for named in _named(secrets):
        write_secret(statements, identity, kek, named)


def _named(secrets: LogSecrets) -> Iterator[tuple[str, bytes]]:
    yield _FOR_NAMES, secrets.names
    yield _FOR_SIGNING, secrets.signing


def _bound_to(log_id: str, name: str) -> bytes:
    return framed("triage-gateway log secret", log_id, name)
