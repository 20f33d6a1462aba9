"""A file that only its owner may read, whatever was there before."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


def private(path: Path) -> BinaryIO:
    """Open a file to write, which its owner alone reads.

    An older file is removed first: who has it open does not see what is written now.
    A link, a device or a pipe is written to where it leads; what somebody else puts
    there at this moment is not.

    Raises:
        OSError: it cannot be written, or not be kept private.

    """
    if path.is_file() and not path.is_symlink():
        path.unlink()
    new = 0 if os.path.lexists(path) else os.O_EXCL
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | new, 0o600), "wb")
    try:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fchmod(file.fileno(), 0o600)  # what a link led to may be open to others
            file.truncate()
    except OSError:
        file.close()
        raise
    return file
