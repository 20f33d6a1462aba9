"""Open a log for writing: recognise the one that is there, or found a new one."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.store.cipher import KeyEncryptionKey
from gateway.store.database import Statements
from gateway.store.errors import LogDamagedError
from gateway.store.founding import (
    Foundation,
    new_foundation,
    read_identity,
    require_own,
    write_foundation,
)
from gateway.store.handover import newest_key
from gateway.store.home import LogHome, home_of
from gateway.store.keyring import Keyring
from gateway.store.keysource import KeySource, made_key, read_key
from gateway.store.lock import lock_for_writing
from gateway.store.log_secrets import read_secrets, wrapped_by
from gateway.store.names import KeyedNames
from gateway.store.reading import RowReader
from gateway.store.recorder import SealedRecorder
from gateway.store.seal import LogIdentity
from gateway.store.sealed import require_signed_end
from gateway.store.server import Server, remember, require_one_home

Clock = Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class Unlocked:
    """A log's foundation and the key that opened it."""

    foundation: Foundation
    kek: KeyEncryptionKey

    def reader(self, rewrapped: Callable[[], bool] | None = None) -> RowReader:
        """Return what decrypts this log's rows.

        `rewrapped` says whether another key-encryption key is in force by now; without
        it the rows are of one moment, at which this one is.
        """
        names = KeyedNames(
            tenant=self.foundation.identity.tenant,
            secret=self.foundation.secrets.names,
        )
        keyring = Keyring(self.kek)
        return RowReader(names=names, keyring=keyring, rewrapped=rewrapped or _never)


@dataclass(frozen=True, kw_only=True)
class OpenLog:
    """A log that this process may write."""

    recorder: SealedRecorder
    reader: RowReader


def open_for_writing(
    folder: Path,
    *,
    tenant: str,
    key_file: KeySource,
    clock: Clock,
    held: ExitStack,
    server: Server | None = None,
) -> OpenLog:
    """Open the log of a folder, which this process has alone; `held` closes both.

    The log is in the folder, or in a `server`, where other processes may write it, each
    with a folder of its own.

    Raises:
        LogLockedError: if another process has the folder.
        KeyFileError: if its key is missing or another's; nothing is created then.
        LogFormatError: if it is another tenant's or of another format.
        LogDamagedError: if its end is not what was signed.
        LogUnavailableError: if the disk fails.

    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held.enter_context(lock_for_writing(folder))
    require_one_home(folder, server)
    home = home_of(folder, server)
    with home.alone():
        log = _existing(home, tenant, key_file) or _founded(
            home, tenant, key_file, clock
        )
    if server is not None:
        remember(folder, server)
    database = home.database()
    held.callback(database.close)
    signer, kek_id = log.foundation.signer, log.kek.kek_id
    recorder = SealedRecorder(database, signer=signer, kek_id=kek_id, clock=clock)
    return OpenLog(recorder=recorder, reader=log.reader(recorder.is_rewrapped))


def unlock(
    connection: Statements, identity: LogIdentity, key_file: KeySource
) -> Unlocked:
    """Open a log's secrets with its key-encryption key.

    Raises:
        KeyFileError: if the file is missing or another's.
        LogDamagedError: if the secrets were changed or are not this log's.

    """
    kek = read_key(key_file, wrapped_by(connection))
    secrets = read_secrets(connection, identity, kek)
    foundation = Foundation(identity=identity, secrets=secrets)
    if foundation.signer.public_key != newest_key(connection, foundation):
        raise LogDamagedError("The log states another public key than its own.")
    return Unlocked(foundation=foundation, kek=kek)


def _never() -> bool:
    return False


def _founded(home: LogHome, tenant: str, key_file: KeySource, clock: Clock) -> Unlocked:
    log = Unlocked(foundation=new_foundation(tenant), kek=made_key(key_file))
    home.found(lambda each: write_foundation(each, log.foundation, log.kek, clock()))
    return log


def _existing(home: LogHome, tenant: str, key_file: KeySource) -> Unlocked | None:
    """Read what is there, before anything is created or changed."""
    if not home.is_there():
        return None
    with home.snapshot() as connection:
        identity = read_identity(connection)
        if identity is None:  # a first start was interrupted before its commit
            return None
        require_own(identity, tenant)
        home.require_guarded(connection)
        unlocked = unlock(connection, identity, key_file)
        require_signed_end(connection, unlocked.foundation.signer)
    return unlocked
