"""The file with the key-encryption key: 32 bytes, readable by its owner only."""

import os
from pathlib import Path

from gateway.store.cipher import KEY_BYTES, KeyEncryptionKey, random_key
from gateway.store.errors import KeyFileError


def default_key_file(folder: Path) -> Path:
    """Return where the key of a log lies unless the operator says otherwise."""
    return folder / "keys" / "kek"


def next_key_file(path: Path) -> Path:
    """Return where the next key lies while it replaces the one in a file."""
    return path.with_name(path.name + ".next")


def replace_key_file(path: Path) -> None:
    """Let the next key be the key, and the old one be gone."""
    next_key_file(path).replace(path)
    sync_folder(path.parent)


def make_next_key_file(path: Path) -> KeyEncryptionKey:
    """Write a new key beside the one in a file, whole and on the disk; return it.

    Raises:
        KeyFileError: if it cannot be written.

    """
    following = next_key_file(path)
    try:
        write_durably(following, random_key())
    except OSError as error:
        raise KeyFileError(
            f"The key file {following} cannot be created ({error.strerror}). Name a "
            "place that this process may write."
        ) from error
    return read_key_file(following)


def read_key_file(path: Path) -> KeyEncryptionKey:
    """Read the key-encryption key.

    Raises:
        KeyFileError: if the file is missing, unreadable or not 32 bytes long.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} cannot be read ({error.strerror}). Without it this "
            "log cannot be opened: put the file back from your backup, or name "
            "the place where it lies."
        ) from error
    if len(content) != KEY_BYTES:
        raise KeyFileError(
            f"The key file {path} holds {len(content)} bytes instead of {KEY_BYTES}. "
            "Put the file back from your backup."
        )
    return KeyEncryptionKey(content, origin=str(path))


def create_key_file(path: Path) -> KeyEncryptionKey:
    """Create the key file, whole and on the disk, or read it if it is there.

    Raises:
        KeyFileError: if it cannot be written, or is there and cannot be read.

    """
    if path.exists():
        return read_key_file(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path, random_key())
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} cannot be created ({error.strerror}). Name a place "
            "that this process may write."
        ) from error
    return read_key_file(path)


def write_durably(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that half of it is never found."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder as durable as the files they name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
