"""A log's identity and head: made once, recognised at every start."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.store.cipher import KeyEncryptionKey, random_key
from gateway.store.database import Statements
from gateway.store.errors import (
    LogDamagedError,
    LogFormatError,
    LogMissingError,
)
from gateway.store.evidence import Tree
from gateway.store.log_secrets import LogSecrets, insert_secrets
from gateway.store.notes import SigningKey
from gateway.store.seal import FORMAT_VERSION, Head, LogIdentity, Signer

_PUBLIC_KEY_BYTES: Final = 32
_CHANGED: Final = "The log's own description was changed."


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Everything a writer must know before the first row."""

    identity: LogIdentity
    secrets: LogSecrets

    @property
    def signer(self) -> Signer:
        """Return what signs this log's heads."""
        origin = self.identity.origin
        return Signer(origin, (SigningKey(origin, self.secrets.signing),))


def new_foundation(tenant: str) -> Foundation:
    """Invent a log."""
    secrets = LogSecrets(names=random_key(), signing=random_key())
    log_id = uuid.uuid4().hex
    identity = LogIdentity(
        log_id=log_id,
        tenant=tenant,
        public_key=SigningKey("", secrets.signing).public,
    )
    return Foundation(identity=identity, secrets=secrets)


def write_foundation(
    statements: Statements, foundation: Foundation, kek: KeyEncryptionKey, at: str
) -> None:
    """Write a new log's identity, wrapped secrets and empty head."""
    identity = foundation.identity
    for name, value in (
        ("format", identity.format_version),
        ("log_id", identity.log_id),
        ("tenant", identity.tenant),
        ("public_key", identity.public_key.hex()),
    ):
        statements.execute("INSERT INTO log_info VALUES (?, ?)", (name, value))
    insert_secrets(statements, identity, foundation.secrets, kek)
    write_head(statements, foundation.signer.head(Tree(), at))


def write_head(statements: Statements, head: Head) -> None:
    """Replace the one head."""
    statements.execute(
        "INSERT OR REPLACE INTO log_head VALUES (1, ?, ?, ?)",
        (head.size, head.edge, head.note),
    )


def read_head(connection: Statements) -> Head:
    """Read the head.

    Raises:
        LogDamagedError: if there is none, or none that can be read.
        LogUnavailableError: if nothing of the log can be read now.

    """
    row = connection.execute("SELECT size, edge, note FROM log_head").fetchone()
    if row is None or not all(map(isinstance, row, (int, bytes, str))):
        raise LogDamagedError("The log's head is missing or was changed.")
    return Head(*row)


def read_identity(connection: Statements) -> LogIdentity | None:
    """Read what the log says of itself; None if it was never finished.

    Raises:
        LogDamagedError: if a part of it is missing or unreadable.
        LogFormatError: if this program does not read logs of its format.
        LogUnavailableError: if nothing of the log can be read now.

    """
    if not connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'log_info'"
    ).fetchone():
        return None
    info = dict(connection.execute("SELECT name, value FROM log_info"))
    try:
        identity = LogIdentity(
            log_id=info["log_id"],
            tenant=info["tenant"],
            public_key=bytes.fromhex(info["public_key"]),
            format_version=info["format"],
        )
    except (KeyError, ValueError, TypeError):
        raise LogDamagedError(_CHANGED) from None
    if not _is_well_formed(identity):
        raise LogDamagedError(_CHANGED)
    if identity.public_key.hex() != info["public_key"]:  # capitals read the same
        raise LogDamagedError("The log's public key is not written as it was.")
    _require_known_format(identity)
    return identity


def require_begun(connection: Statements, folder: Path) -> LogIdentity:
    """Read what the log of a folder says of itself.

    Raises:
        LogMissingError: if it was never finished.
        LogDamagedError: if a part of it is missing or unreadable.
        LogFormatError: if this program does not read logs of its format.
        LogUnavailableError: if nothing of the log can be read now.

    """
    identity = read_identity(connection)
    if identity is None:
        raise LogMissingError(
            f"The log in {folder} was never begun. Start its gateway once, or name "
            "another folder."
        )
    return identity


def require_own(identity: LogIdentity, tenant: str) -> None:
    """Refuse a log that this tenant cannot continue.

    Raises:
        LogFormatError: naming whose it is.

    """
    if identity.tenant != tenant:
        raise LogFormatError(
            f"The log belongs to the tenant {identity.tenant}, not to {tenant}. "
            "Name that tenant, or another folder."
        )


def _require_known_format(identity: LogIdentity) -> None:
    if identity.format_version != FORMAT_VERSION:
        raise LogFormatError(
            f"The log is of format {identity.format_version}, and this program reads "
            f"format {FORMAT_VERSION} only. Run the version of the program that wrote "
            "it, or begin a new log in another folder (CHANGELOG.md says what changed)."
        )


def _is_well_formed(identity: LogIdentity) -> bool:
    texts = (identity.log_id, identity.tenant, identity.format_version)
    whole = len(identity.public_key) == _PUBLIC_KEY_BYTES
    return whole and all(isinstance(each, str) for each in texts)
