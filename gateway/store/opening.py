"""Open a log for writing: recognise the one that is there, or found a new one."""

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.store.cipher import KeyEncryptionKey
from gateway.store.datastore import DurableDatastore
from gateway.store.errors import LogDamagedError
from gateway.store.founding import (
    Foundation,
    new_foundation,
    read_head,
    read_identity,
    read_secrets,
    require_own,
    write_foundation,
)
from gateway.store.keyfile import create_key_file, read_key_file, sync_folder
from gateway.store.keyring import Keyring
from gateway.store.lock import lock_for_writing
from gateway.store.names import KeyedNames
from gateway.store.reading import RowReader, snapshot
from gateway.store.recorder import SealedRecorder
from gateway.store.schema import LOG_FILE
from gateway.store.seal import Head, LogIdentity, is_signed

Clock = Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class Unlocked:
    """A log's foundation and the key that opened it."""

    foundation: Foundation
    kek: KeyEncryptionKey

    def reader(self) -> RowReader:
        """Return what decrypts this log's rows."""
        names = KeyedNames(
            tenant=self.foundation.identity.tenant,
            secret=self.foundation.secrets.names,
        )
        return RowReader(names=names, keyring=Keyring(self.kek))


@dataclass(frozen=True, kw_only=True)
class OpenLog:
    """A log that this process alone may write."""

    recorder: SealedRecorder
    reader: RowReader


def open_for_writing(
    folder: Path, *, tenant: str, key_file: Path, clock: Clock, held: ExitStack
) -> OpenLog:
    """Lock and open the log in a folder; `held` gives back what that takes.

    Raises:
        LogLockedError: if another process writes it.
        KeyFileError: if its key is missing or another's; nothing is created then.
        LogFormatError: if it is another tenant's or of another format.
        LogDamagedError: if its end is not what was signed.
        LogUnavailableError: if the disk fails.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held.enter_context(lock_for_writing(folder))
    found = _existing(folder, tenant, key_file)
    log = found or Unlocked(
        foundation=new_foundation(tenant), kek=create_key_file(key_file)
    )
    datastore = DurableDatastore(folder / LOG_FILE)
    held.callback(datastore.close)
    recorder = SealedRecorder(datastore, signer=log.foundation.signer, clock=clock)
    if found is None:
        recorder.create(
            lambda cursor: write_foundation(cursor, log.foundation, log.kek, clock())
        )
        sync_folder(folder)
    return OpenLog(recorder=recorder, reader=log.reader())


def unlock(
    connection: sqlite3.Connection, identity: LogIdentity, key_file: Path
) -> Unlocked:
    """Open a log's secrets with its key file.

    Raises:
        KeyFileError: if the file is missing or another's.
        LogDamagedError: if the secrets were changed or are not this log's.

    """
    kek = read_key_file(key_file)
    secrets = read_secrets(connection, identity, kek)
    foundation = Foundation(identity=identity, secrets=secrets)
    if foundation.signer.public_key != identity.public_key:
        raise LogDamagedError("The log states another public key than its own.")
    return Unlocked(foundation=foundation, kek=kek)


def _existing(folder: Path, tenant: str, key_file: Path) -> Unlocked | None:
    """Read what is there, before anything is created or changed."""
    if not (folder / LOG_FILE).exists():
        return None
    with snapshot(folder) as connection:
        identity = read_identity(connection)
        if identity is None:  # a first start was interrupted before its commit
            return None
        require_own(identity, tenant)
        unlocked = unlock(connection, identity, key_file)
        _require_signed_end(connection, identity)
    return unlocked


def _require_signed_end(connection: sqlite3.Connection, identity: LogIdentity) -> None:
    """Refuse to build on a log whose end was changed: it would hide the change."""
    signed = read_head(connection)
    last = connection.execute(
        "SELECT position, chain FROM stored_events ORDER BY position DESC LIMIT 1"
    ).fetchone()
    end = Head(*(last or (0, identity.genesis())))
    if end != signed.head or not is_signed(signed, identity):
        raise LogDamagedError(
            "The end of the log is not what was signed. Run `triage-gateway audit "
            "verify` to see where it was changed, and restore it from a backup."
        )
