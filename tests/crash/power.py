"""What a power loss may do to a SQLite file after `kill -9`, and nothing more.

SQLite writes a transaction's frames to the write-ahead log, syncs them where the mode
says so (FULL), and only then counts them in the header of the shared-memory index
(`mxFrame`; sqlite.org/walformat.html, section 2.1). That index is in the page cache and
outlives the process. So after a kill, in FULL mode, the frames up to `mxFrame` are on
the disk; whatever stands behind them may be lost, in parts or as garbage. In NORMAL
mode the frames up to `nBackfillAttempted` are, since they are synced before any is
copied into the database. A power loss also takes the index itself.
"""

import struct
from dataclasses import dataclass

_HEADER_BYTES = 32  # of the write-ahead log
_FRAME_HEADER_BYTES = 24
_TORN_BYTES = 9000


@dataclass(frozen=True)
class Index:
    """What the shared-memory index says."""

    frames: int
    attempted: int
    page: int


def lose_power(file, chance, *, synced):
    """Take the index, and tear what no sync has put on the disk.

    `synced` says that every commit was (`synchronous=FULL`). Return in a word what
    was done.
    """
    log = file.with_name(f"{file.name}-wal")
    shared = file.with_name(f"{file.name}-shm")
    if not log.exists() or not shared.exists():
        return "nothing to tear"
    index = _index(shared)
    shared.unlink()
    if index is None or log.stat().st_size < _HEADER_BYTES:
        return "nothing to tear"
    kept = index.frames if synced else index.attempted
    return _torn(log, _place(kept, index.page), chance)


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
    (attempted,) = struct.unpack_from("=I", content, 128)
    return Index(frames=frames, attempted=attempted, page=65536 if page == 1 else page)


def _torn(log, safe, chance):
    size = log.stat().st_size
    manner = chance.choice(("cut", "zeros", "garbage", "half", "nothing"))
    farthest = safe + chance.choice((1, _TORN_BYTES, max(size - safe, 1)))
    place = chance.randrange(safe, farthest)
    with log.open("r+b") as file:
        file.seek(place)
        match manner:
            case "cut":
                file.truncate(place)
            case "zeros":
                file.write(bytes(chance.randrange(1, _TORN_BYTES)))
            case "garbage":
                file.write(chance.randbytes(chance.randrange(1, _TORN_BYTES)))
            case "half":
                file.write(_half_a_frame(file, place, chance))
            case _:
                pass
    return f"{manner} at {place} of {size}, {safe} safe"


def _half_a_frame(file, place, chance):
    """Return the beginning of a frame with this log's salts, as a write cut off."""
    file.seek(16)
    salts = file.read(8)
    file.seek(place)
    return struct.pack(">II", chance.randrange(1, 99), 1) + salts + bytes(800)
