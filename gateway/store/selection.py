"""Which rows of a log are a subject's."""

from pathlib import Path

from gateway.store.founding import require_begun
from gateway.store.keyfile import default_key_file
from gateway.store.keysource import KeySource
from gateway.store.opening import unlock
from gateway.store.reading import snapshot
from gateway.store.schema import SELECT_KEYS_OF_MEMBERS, SELECT_POSITIONS_OF_KEYS
from gateway.store.statements import select


def positions_of(
    folder: Path, subject: str, *, kek_file: KeySource | None = None
) -> set[int]:
    """Return the positions of all rows that a subject's data keys protect.

    Those of keys that it shares with others are among them. The names of subjects are
    digests in the log, so its key-encryption key is needed.

    Raises:
        LogMissingError: if the folder holds no log.
        KeyFileError: if the key file is missing or another's.

    """
    with snapshot(folder) as connection:
        identity = require_begun(connection, folder)
        key_file = kek_file or default_key_file(folder)
        tag = unlock(connection, identity, key_file).reader().names.subject(subject)
        keys = connection.execute(SELECT_KEYS_OF_MEMBERS, (tag, tag)).fetchall()
        rows = select(connection, SELECT_POSITIONS_OF_KEYS, [key[0] for key in keys])
    return {position for (position,) in rows}
