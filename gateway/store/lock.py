"""One writer for each log: an advisory lock that dies with its process."""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path

from gateway.store.errors import LogLockedError
from gateway.store.schema import LOCK_FILE


def lock_for_writing(folder: Path) -> ExitStack:
    """Take the log for this process; closing the result gives it back.

    The kernel releases a `flock` when its holder ends, however it ends, so a
    crash leaves nothing to clean up.

    Raises:
        LogLockedError: if another writer, in this process or another, has it.

    """
    path = folder / LOCK_FILE
    return locked(
        path,
        f"Another process is writing the log in {folder} (it holds {path}). Stop it "
        "first, or choose another folder.",
    )


def locked(path: Path, otherwise: str) -> ExitStack:
    """Lock a file, made for it; raises LogLockedError with a sentence as above."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with ExitStack() as held:
        held.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogLockedError(otherwise) from None
        return held.pop_all()
