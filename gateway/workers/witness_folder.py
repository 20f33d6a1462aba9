"""Checkpoints in a folder: a file each, in a folder for each log."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.store.evidence import Checkpoint
from gateway.store.growth import Growth

_SUFFIX: Final = ".checkpoint"


class WitnessError(Exception):
    """A witness could not be told; the sentence says why, and holds no data."""


class KeptInFolder:
    """A folder, at best on another machine or on a medium that is written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, checkpoint: Checkpoint) -> Path:
        """Return where a checkpoint is kept."""
        return self._of(checkpoint.origin) / f"{checkpoint.size:015}{_SUFFIX}"

    def last(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint of a log that is kept here."""
        files = sorted(self._of(origin).glob(f"*{_SUFFIX}"))
        if not files:
            return None
        return Checkpoint.parse(files[-1].read_text(encoding="utf-8", errors="replace"))

    async def keep(self, told: Growth) -> None:
        """Write the checkpoint's file; one that is there is not replaced.

        Raises:
            WitnessError: if the folder cannot be written.

        """
        try:
            await asyncio.to_thread(self._write, told)
        except OSError as error:
            raise WitnessError(
                f"The folder cannot be written ({error.strerror})."
            ) from None

    def _of(self, origin: str) -> Path:
        return self.folder / origin.rpartition("/")[2]

    def _write(self, told: Growth) -> None:
        file = self.file(told.checkpoint)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}.new")
        try:
            _write_new(draft, told.note, "w")
            with suppress(FileExistsError):  # another gateway of this log was faster
                _name(draft, file, told.note)
        finally:
            draft.unlink(missing_ok=True)


def _name(draft: Path, file: Path, note: str) -> None:
    """Give a draft its name; unlike a rename, this never replaces."""
    try:
        os.link(draft, file)
    except FileExistsError:
        raise
    except OSError:  # the share has no hard links
        _write_new(file, note, "x")


def _write_new(file: Path, note: str, mode: str) -> None:
    with file.open(mode, encoding="utf-8") as writing:
        try:
            writing.write(note)
            writing.flush()
            os.fsync(writing.fileno())
        except OSError:
            file.unlink()  # half a checkpoint would be read as none of ours
            raise
