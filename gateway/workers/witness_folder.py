"""Checkpoints in a folder: a file each, in a folder for each log."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Final

from gateway.store.evidence import Checkpoint, EvidenceError
from gateway.store.growth import Growth

SUFFIX: Final = ".checkpoint"


class WitnessError(Exception):
    """A witness could not be told; the sentence says why, and holds no data."""


class KeptInFolder:
    """A folder, at best on another machine or on a medium that is written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, checkpoint: Checkpoint) -> Path:
        """Return where a checkpoint is kept."""
        return self._of(checkpoint.origin) / f"{checkpoint.size:015}{SUFFIX}"

    def last(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint of a log that is kept here.

        Raises:
            WitnessError: if it cannot be read.

        """
        files = sorted(self._of(origin).glob(f"*{SUFFIX}"))
        if not files:
            return None
        try:
            kept = files[-1].read_text(encoding="utf-8", errors="replace")
            return Checkpoint.parse(kept)
        except (EvidenceError, OSError) as error:
            raise WitnessError(
                f"What it kept cannot be read ({type(error).__name__}): {files[-1]}. "
                "If it was damaged, move it away: the one before it counts then."
            ) from None

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
        draft = drafted(file, told.note)
        try:
            _name(draft, file)
        finally:
            draft.unlink(missing_ok=True)


def drafted(file: Path, note: str) -> Path:
    """Write a note to the disk, beside a file, under a name that nobody else gives."""
    draft = file.with_suffix(f".{secrets.token_hex(8)}.new")
    with draft.open("x", encoding="utf-8") as writing:
        try:
            writing.write(note)
            writing.flush()
            os.fsync(writing.fileno())
        except OSError:
            draft.unlink()
            raise
    return draft


def _name(draft: Path, file: Path) -> None:
    """Give a draft its name, unless another gateway of this log was faster."""
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    except OSError:  # the share has no hard links
        if not file.exists():
            draft.replace(file)
