"""Give a log another key-encryption key; no event is rewritten, no seal changes.

Every data key and every secret of the log is wrapped anew in one transaction: before
its commit the old key opens the log, after it only the new one. A new key in a file
lies beside the old one until the commit is known; a start in between takes whichever
fits.
"""

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

from gateway.store.cipher import KeyEncryptionKey
from gateway.store.database import LogDatabase, Statements
from gateway.store.errors import (
    KeyFileError,
    LogUnavailableError,
    LogUncertainError,
)
from gateway.store.founding import require_begun
from gateway.store.home import LogHome, home_of
from gateway.store.keyfile import (
    default_key_file,
    make_next_key_file,
    next_key_file,
    replace_key_file,
)
from gateway.store.keyring import Keyring
from gateway.store.keysource import KeySource, read_key
from gateway.store.lock import lock_for_writing, locked
from gateway.store.log_secrets import (
    read_secrets,
    require_wrapped_by,
    wrapped_by,
    write_secrets,
)
from gateway.store.opening import Unlocked, unlock
from gateway.store.schema import SELECT_KEYS, KeyRow
from gateway.store.server import remembered

_AT_ONCE: Final = 1000  # a server counts each statement, and all of them in one row
_REWRAP: Final = """
    UPDATE data_keys SET kek_id = ?, wrapped = given.column2
    FROM (VALUES {}) AS given WHERE data_keys.key_id = given.column1"""


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """How many data keys were wrapped anew, and where the key in force is.

    `completed` says that an earlier rotation had been cut off after its commit. `left`
    is a sentence where what the old key had wrapped is still in the log's files.
    """

    keys: int
    origin: str
    completed: bool = False
    left: str = ""


def rotate(
    folder: Path, *, source: KeySource | None, target: KeySource | None = None
) -> Rotated:
    """Wrap everything with a new key; without a target, one in the same file.

    Raises:
        LogMissingError: if the folder holds no log.
        LogLockedError: if a gateway writes it, or the same key is being replaced.
        KeyFileError: if the old key does not fit, or the new one is the same or none.
        LogUnavailableError: if nothing was changed.
        LogUncertainError: if nobody can tell which of both keys opens the log.

    """
    old = source or default_key_file(folder)
    home = home_of(folder, remembered(folder))
    with lock_for_writing(folder), _alone_beside(old, target):
        log = _unlocked(home, folder, old)
        if target is not None:
            return _rewrapped(home, log, read_key(target))
        if not isinstance(old, Path):
            raise KeyFileError(
                "Say where the new key is: --to FILE, env:NAME or command:WORDS. It is "
                "32 random bytes, such as 'head -c 32 /dev/urandom' gives."
            )
        return _in_its_file(home, log, old)


def _alone_beside(source: KeySource, target: KeySource | None) -> ExitStack:
    """Let no other rotation put its next key beside the same file meanwhile."""
    if target is not None or not isinstance(source, Path) or not source.exists():
        return ExitStack()  # no file is to be replaced, or it is missed later
    file = source.with_name(source.name + ".lock")
    try:
        return locked(
            file,
            f"The key in {source} is being replaced by another process. Wait for its "
            "end, and see whether that was all you wanted.",
        )
    except OSError as error:
        raise KeyFileError(
            f"The file {file} cannot be made ({error.strerror}). Name a key in a "
            "folder that this process may write, or say --to where the new key is."
        ) from None


def _in_its_file(home: LogHome, log: Unlocked, path: Path) -> Rotated:
    if log.kek.origin == str(next_key_file(path)):  # an earlier one was cut off
        with closing(home.database()) as database:
            left = _left(database)
        replace_key_file(path)
        return Rotated(keys=0, origin=str(path), completed=True, left=left)
    done = _rewrapped(home, log, make_next_key_file(path))
    replace_key_file(path)
    return replace(done, origin=str(path))


def _unlocked(home: LogHome, folder: Path, source: KeySource) -> Unlocked:
    with home.snapshot() as connection:
        return unlock(connection, require_begun(connection, folder), source)


def _rewrapped(home: LogHome, log: Unlocked, kek: KeyEncryptionKey) -> Rotated:
    if kek.kek_id == log.kek.kek_id:
        raise KeyFileError(f"The key in {kek.origin} is the one in force already.")
    with closing(home.database()) as database:
        count = _committed(database, log, kek)
        return Rotated(keys=count, origin=kek.origin, left=_left(database))


def _committed(database: LogDatabase, log: Unlocked, kek: KeyEncryptionKey) -> int:
    """Wrap everything anew; once this returns, the new key opens the log."""
    count = None
    try:
        with database.writing() as statements:
            require_wrapped_by(statements, log.kek)
            identity = log.foundation.identity
            # As they are now: the signing key may have been changed meanwhile.
            secrets = read_secrets(statements, identity, log.kek)
            write_secrets(statements, identity, secrets, kek)
            count = _rewrap_keys(statements, log.kek, kek)
    except LogUnavailableError:
        # The answer to a commit may be lost, and the commit not.
        if count is None or not _is_in_force(database, log.kek, kek):
            raise
    return count


def _is_in_force(
    database: LogDatabase, old: KeyEncryptionKey, new: KeyEncryptionKey
) -> bool:
    try:
        return database.settled(lambda each: wrapped_by(each) == new.kek_id)
    except LogUncertainError as error:
        raise LogUncertainError(
            "The log's database went away while its keys were wrapped anew, and it is "
            f"not known which key opens it: that in {old.origin} or that in "
            f"{new.origin}. Keep both. Repeat the command once the database answers: "
            "where it does not take the old key, the new one is in force."
        ) from error


def _left(database: LogDatabase) -> str:
    """Take what the old key had wrapped out of the files; say why, if that fails."""
    try:
        database.shed()
    except LogUnavailableError as error:
        return str(error)
    return ""


def _rewrap_keys(
    statements: Statements, old: KeyEncryptionKey, new: KeyEncryptionKey
) -> int:
    before, after = Keyring(old), Keyring(new)
    rows = [KeyRow._make(row) for row in statements.execute(SELECT_KEYS).fetchall()]
    there = [(row, row.wrapped) for row in rows if row.wrapped is not None]
    for start in range(0, len(there), _AT_ONCE):
        again = [
            (row.key_id, after.wrapped(row, before.unwrapped(row, wrapped)))
            for row, wrapped in there[start : start + _AT_ONCE]
        ]
        given = ", ".join(["(?, ?)"] * len(again))
        values = (new.kek_id, *chain.from_iterable(again))
        statements.execute(_REWRAP.format(given), values)
    return len(there)
