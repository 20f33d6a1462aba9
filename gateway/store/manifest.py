"""What a backup says of itself: its files with their hashes, and how far it goes."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from gateway.store.errors import BackupError

FILE: Final = "manifest.json"
CHECKPOINT_FILE: Final = "checkpoint"
_FORMAT: Final = "triage-gateway backup 1"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file of a backup: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file as it is on the disk; raises OSError where it cannot be read."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(size=path.stat().st_size, sha256=digest)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A backup's description.

    `made` is ISO 8601; `size` is the number of events, which is the last position;
    `files` are by their names, relative to the backup.
    """

    made: str
    program: str
    origin: str
    tenant: str
    size: int
    files: dict[str, Kept]

    def write(self, folder: Path) -> None:
        """Write the manifest, which makes a backup of what lies in the folder."""
        content = {"format": _FORMAT, **asdict(self)}
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a backup.

        Raises:
            BackupError: if there is none, or it cannot be understood.

        """
        try:
            content = json.loads((folder / FILE).read_text("utf-8"))
            if content.pop("format") != _FORMAT:
                raise BackupError(
                    f"{folder} was written by another program than this; restore it "
                    "with the program that the manifest names."
                )
            files = {str(k): Kept(**v) for k, v in content.pop("files").items()}
            return cls(**content, files=files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise BackupError(
                f"{folder} is not a whole backup: its {FILE} is missing or unreadable. "
                "Name another backup."
            ) from None

    def require_whole(self, folder: Path) -> None:
        """Compare every file with what was written.

        Raises:
            BackupError: naming the files that differ or are missing.

        """
        bad = [n for n, kept in self.files.items() if _found(folder, n) != kept]
        if bad:
            raise BackupError(
                f"The backup {folder} is damaged: {', '.join(sorted(bad))} is missing "
                "or was changed. Use another backup."
            )


def _found(folder: Path, name: str) -> Kept | None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        return None  # a name that leads elsewhere is nothing of the backup's
    try:
        return Kept.of(path)
    except OSError:
        return None
