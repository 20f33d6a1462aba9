"""Change the key that signs a log's checkpoints, while no gateway writes it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from gateway.store.database import LogDatabase, Statements
from gateway.store.errors import (
    LogMissingError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.evidence import Checkpoint
from gateway.store.founding import read_head, require_begun
from gateway.store.handover import hand_over
from gateway.store.home import LogHome, home_of
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.lock import lock_for_writing
from gateway.store.log_secrets import require_wrapped_by, write_secret
from gateway.store.opening import Unlocked, unlock
from gateway.store.sealed import require_signed_end, stored_tree
from gateway.store.server import remembered

_SIGNING: Final = "signing"


def change_signing_key(
    folder: Path, *, kek_file: KeySource | None = None, clock: Callable[[], str]
) -> Checkpoint:
    """Let a new key sign from now on; return the first checkpoint that it signed.

    Its row, the wrapped key and the checkpoint are written in one transaction. A
    gateway that shares the log in a server and still runs is refused its next write.

    Raises:
        LogMissingError: if the folder holds no log.
        LogLockedError: if a gateway has the folder.
        KeyFileError: if the key file is missing or another's, or replaced meanwhile.
        LogDamagedError: if the log's end is not what was signed.
        LogUnavailableError: if nothing was changed, as when another process changed
            the signing key meanwhile.
        LogUncertainError: if nobody can tell whether it was.

    """
    home = home_of(folder, remembered(folder))
    if not home.is_there():
        raise LogMissingError(f"There is no log in {folder}. Name its data folder.")
    key_file = kek_file or default_key_file(folder)
    with lock_for_writing(folder):
        log = _unlocked(home, folder, key_file)
        with closing(home.database()) as database:
            return _committed(database, log, clock())


def _unlocked(home: LogHome, folder: Path, key_file: KeySource) -> Unlocked:
    with home.snapshot() as connection:
        identity = require_begun(connection, folder)
        log = unlock(connection, identity, key_file)
        require_signed_end(connection, log.foundation.signer)
    return log


def _committed(database: LogDatabase, log: Unlocked, at: str) -> Checkpoint:
    """Change the key; once this returns, the log's end bears the new signature."""
    made = None
    try:
        with database.writing() as statements:
            made = _changed(statements, log, at)
    except LogUnavailableError:
        # The answer to a commit may be lost, and the commit not.
        if made is None or not _is_there(database, made):
            raise
    return made


def _is_there(database: LogDatabase, made: Checkpoint) -> bool:
    try:
        return database.settled(lambda each: _states(each, made))
    except LogUncertainError as error:
        raise LogUncertainError(
            "The log's database went away while the signing key was changed, and it is "
            "not known whether it was. Look with `triage-gateway audit public-key` "
            "once the database answers, before you repeat the command."
        ) from error


def _states(statements: Statements, made: Checkpoint) -> bool:
    """Tell whether the log reached an end; others may have appended since."""
    there = read_head(statements).size >= made.size
    return there and stored_tree(statements).root(made.size) == made.root


def _changed(statements: Statements, log: Unlocked, at: str) -> Checkpoint:
    # Nobody else writes now; from another folder either key may have been changed.
    require_wrapped_by(statements, log.kek)
    log.foundation.signer.require_own(read_head(statements))
    secret = hand_over(statements, log.foundation, at)
    write_secret(statements, log.foundation.identity, log.kek, (_SIGNING, secret))
    return Checkpoint.parse(read_head(statements).note)
