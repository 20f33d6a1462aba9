"""What a power loss may leave of files, as far as it is known what was synced.

`unsynced.c` is loaded into a program and its children and notes what stood in a file
before each write, until a sync (fsync, fdatasync) of the file. After a kill of all of
them, each sector that differs from what was synced may be the older or the newer one,
and beyond the older end also zeros or, where that has to be borne, anything. SQLite's
shared-memory index is gone.

Not lost: names. A file that was made, renamed or removed stays so without a sync of its
folder; nor what was copied by the kernel (sendfile) or cut by opening a file anew.
"""

import struct
import subprocess
from dataclasses import dataclass
from itertools import count
from pathlib import Path

DIES_AT = "CRASH_DIES_AT"
"""Names a variable: at the how manieth sync a process's group is killed."""
_SOURCE = Path(__file__).with_name("unsynced.c")
COMPILER = "cc"
_NOTE = struct.Struct("=qqq")  # place, length, size of the file
_SECTOR_BYTES = 512
_NAMED = 4
_HEADER_BYTES = 32  # of the write-ahead log
_FRAME_HEADER_BYTES = 24


@dataclass(frozen=True)
class Index:
    """What the shared-memory index says."""

    frames: int
    page: int


class NoCompilerError(Exception):
    """Nothing can be known of syncs."""


class Syncs:
    """What is known of the syncs of files, where a folder's name begins with data.

    Where `stale`, what nobody wrote may stand beyond a file's older end, as ext4 may
    leave it with data=writeback.
    """

    def __init__(self, folder, *, stale=True):
        self._data = folder / "data"  # and what begins like it
        self._stale = stale
        self.notes = folder / "unsynced"
        self.notes.mkdir()
        self._library = compiled(folder)

    @property
    def variables(self):
        """What the environment of a process says that is to be watched."""
        return {
            "LD_PRELOAD": str(self._library),
            "CRASH_DATA": str(self._data),
            "CRASH_UNSYNCED": str(self.notes),
        }

    def lose_power(self, chance):
        """Tear each file that was not synced; say in a word what was done."""
        done = []
        for file in self._files():
            if file.name.endswith("-shm"):
                file.unlink()
            elif notes := self._notes_of(file):
                torn = _torn(file, notes, chance, stale=self._stale)
                done.append(f"{file.name} {torn}")
        for each in self.notes.iterdir():
            each.unlink()
        others = [f"{len(done) - _NAMED} others"] if len(done) > _NAMED else []
        return ", ".join([*done[:_NAMED], *others]) or "nothing to tear"

    def _files(self):
        folders = self._data.parent.glob(f"{self._data.name}*")
        among = (each for folder in folders for each in folder.rglob("*"))
        return sorted(each for each in among if each.is_file())

    def _notes_of(self, file):
        notes = self.notes / str(file.stat().st_ino)
        return list(_read(notes.read_bytes())) if notes.exists() else []


def compiled(folder):
    """Return the library that notes; cc makes it.

    Raises:
        NoCompilerError: there is no cc.

    """
    made = folder / "unsynced.so"
    flags = ("-O2", "-shared", "-fPIC", "-o", made)
    try:
        subprocess.run((COMPILER, *flags, _SOURCE, "-ldl"), check=True)
    except FileNotFoundError:
        said = "A power loss needs cc, which says what was synced: install gcc."
        raise NoCompilerError(said) from None
    return made


def _read(content):
    at = 0
    while at + _NOTE.size <= len(content):
        place, length, size = _NOTE.unpack_from(content, at)
        at += _NOTE.size + length
        yield place, content[at - length : at], size


def _synced(content, notes):
    """Return what a file held at its last sync."""
    held = bytearray(content)
    for place, before, size in reversed(notes):
        held.extend(bytes(max(0, place - len(held))))
        held[place : place + len(before)] = before
        del held[size:]
        held.extend(bytes(size - len(held)))
    return bytes(held)


def _torn(file, notes, chance, *, stale):
    """Let each sector, and the size, be the older or the newer one."""
    newer = file.read_bytes()
    older = _synced(newer, notes)
    shortest, longest = sorted((len(older), len(newer)))
    manner = chance.choice(("all", "end", "parts", "nothing"))
    size = chance.choice((len(older), len(newer), chance.randint(shortest, longest)))
    if manner == "nothing":
        return f"kept {len(newer)}"
    fill = chance.choice((bytes, chance.randbytes) if stale else (bytes,))
    lost = _lost(manner, longest, chance)
    both = older + fill(longest - len(older)), newer + bytes(longest - len(newer))
    sectors = (
        both[not goes][start : start + _SECTOR_BYTES]
        for start, goes in zip(count(0, _SECTOR_BYTES), lost, strict=False)
    )
    with file.open("r+b") as torn:
        torn.write(b"".join(sectors)[:size])
        torn.truncate(size)
    return f"lost {manner} of {len(newer)}, {size} left"


def _lost(manner, size, chance):
    """Say of each sector whether what was not synced is lost."""
    sectors = -(-size // _SECTOR_BYTES)
    first = {"all": 0, "end": chance.randrange(sectors + 1), "parts": sectors}[manner]
    return [
        number >= first or (manner == "parts" and chance.random() < 0.5)
        for number in range(sectors)
    ]


def written_to_log(file):
    """Return where the next commit goes in a file's write-ahead log."""
    shared = file.with_name(f"{file.name}-shm")
    index = _index(shared) if shared.exists() else None
    return _place(index.frames, index.page) if index else 0


def _place(frames, page):
    return _HEADER_BYTES + frames * (_FRAME_HEADER_BYTES + page)


def _index(shared):
    content = shared.read_bytes()[:136]
    if len(content) < 136 or content[:48] != content[48:96] or not content[12]:
        return None  # half written: the process died in it, so nothing is known
    page, frames = struct.unpack_from("=HI", content, 14)
    return Index(frames=frames, page=65536 if page == 1 else page)
