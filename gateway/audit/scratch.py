"""Where a replay makes read models anew: patient data that nobody keeps."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "triage-gateway-replay-"
_LOCK: Final = "lock"
_MODELS: Final = "models"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a new folder among the temporary files, and remove it afterwards.

    Nobody but the user of this process can open it. What killed replays left is removed
    first.
    """
    sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        models = Path(name, _MODELS)
        with _opened(Path(name, _LOCK), os.O_RDWR | os.O_CREAT) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            models.mkdir()
            try:
                yield models
            finally:
                shutil.rmtree(models)  # before its lock: else no sweep would find it


def sweep() -> None:
    """Remove what replays left among the temporary files that were killed.

    A replay that runs holds a lock beside its folder, which the kernel releases when
    its process ends, however it ends. What this user may not remove stays.
    """
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # in use, just begun, another's, or already removed
            _remove_left(place)


def _remove_left(place: Path) -> None:
    """Remove by descriptors: a name among the temporary files may turn into a link."""
    with (
        _opened(place, os.O_RDONLY | os.O_DIRECTORY) as inside,
        _opened(Path(_LOCK), os.O_RDWR, inside) as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(_MODELS, dir_fd=inside)
        shutil.rmtree(place)


@contextmanager
def _opened(path: Path, flags: int, inside: int | None = None) -> Iterator[int]:
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
