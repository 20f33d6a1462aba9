"""A folder that is there as a whole or not at all."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.errors import BackupError
from gateway.store.keyfile import sync_folder


@contextmanager
def whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    """Lend a draft beside it, which gets the folder's name once all is on the disk.

    What is interrupted leaves the draft, whose name ends in `.part`; the next attempt
    begins anew.

    Raises:
        BackupError: if the disk refuses; nothing is left then.

    """
    draft = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        yield draft
        _sync(draft)
        draft.rename(folder)  # an empty folder gives way
        sync_folder(folder.parent)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupError(
            f"{folder} cannot be written ({reason}); nothing is left of it. Free some "
            "space, or name another place."
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def copy_private(source: Path, target: Path) -> None:
    """Copy a file into a draft, for its owner only; raises OSError."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)
