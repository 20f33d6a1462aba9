"""What a start looks at, in bounded time, beside the end of the log.

What makes the log untrustworthy refuses the start; what an operator should know of, and
patients need not wait for, is a warning.
"""

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.store.evidence import Checkpoint
from gateway.store.founding import read_head
from gateway.store.reading import snapshot

_MIB: Final = 1024 * 1024
_LEAST_MIB: Final = 1024
_TOLERATED: Final = timedelta(seconds=5)
_UNFINISHED: Final = (".new", ".part")


def warnings(folder: Path, *, key_file: Path | None, now: datetime) -> list[str]:
    """Return what an operator should know of, a sentence each.

    Raises:
        StoreError: the log cannot be read.

    """
    with snapshot(folder) as log:
        signed = Checkpoint.parse(read_head(log).note).at
    return [
        *_clock(signed, now),
        *_room(folder),
        *_leftovers(folder),
        *_guarded(key_file),
    ]


def _clock(signed: str, now: datetime) -> Iterator[str]:
    last = datetime.fromisoformat(signed)
    if now + _TOLERATED < last:
        behind = round((last - now).total_seconds())
        yield (
            f"The clock is {behind} s behind the log's last entry: what is recorded "
            "now will seem to be older. Set the clock."
        )


def _room(folder: Path) -> Iterator[str]:
    free = shutil.disk_usage(folder).free // _MIB
    if free < _LEAST_MIB:
        yield (
            f"The data folder's disk has {free} MiB left. Writes are refused when it "
            "is full: make room."
        )


def _leftovers(folder: Path) -> Iterator[str]:
    names = sorted(each.name for each in folder.rglob("*") if _unfinished(each))
    if names:
        yield (
            f"Something was interrupted and left {', '.join(names)} in the data "
            "folder. Nothing uses it: remove it once you know what it was."
        )


def _unfinished(path: Path) -> bool:
    return path.suffix in _UNFINISHED


def _guarded(key_file: Path | None) -> Iterator[str]:
    if key_file is None or not key_file.exists():
        return
    mode = stat.S_IMODE(key_file.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield "Others than its owner can read the key file: chmod 600 it."
