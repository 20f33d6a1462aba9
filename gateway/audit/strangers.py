"""Files of a data folder that the gateway did not write, and what they may hide.

A copy of the log may hold a data key that is wrapped otherwise than it was when it was
destroyed: it is known by the key's id. What is compressed cannot be searched at all.
"""

import os
import sqlite3
import stat
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from gateway.access.replay import FILE as ASSERTIONS_FILE
from gateway.projections.database import AUDIT_FILE, FILE, draft_of
from gateway.store.backup import DOCUMENTS
from gateway.store.erasures import FOLDER, SUFFIX
from gateway.store.keyfile import default_key_file, next_key_file
from gateway.store.schema import LOCK_FILE, LOG_FILE, SERVER_FILE
from gateway.store.spool import FILE as JOBS_FILE
from inference.shelf import INDEX

_HERE: Final = Path()
_KEYS: Final = (default_key_file(_HERE), next_key_file(default_key_file(_HERE)))
_MODELS: Final = (Path(FILE), Path(AUDIT_FILE))
_TABLES: Final = (
    *_MODELS,
    *map(draft_of, _MODELS),
    *map(Path, (LOG_FILE, JOBS_FILE, ASSERTIONS_FILE, INDEX)),
)
_PARTS: Final = ("", "-wal", "-shm", "-journal")
_OWN: Final = frozenset(
    {
        *(f"{table}{part}" for table in _TABLES for part in _PARTS),
        *(f"{key}{end}" for key in _KEYS for end in ("", ".new", ".lock")),
        *(LOCK_FILE, SERVER_FILE, f"{SERVER_FILE}.new"),
        *("keys", FOLDER, "knowledge", "knowledge/.lock", "witnesses"),
    }
)
_OWN_KINDS: Final = (
    *(f"{FOLDER}/*{SUFFIX}", f"{FOLDER}/*.new"),
    *(DOCUMENTS, "knowledge/*.sqlite", "knowledge/.kept-*"),
    *("knowledge/.index-*", "knowledge/.index-*/*"),
    *("witnesses/*.checkpoint", "witnesses/*.confirmed", "witnesses/*.new"),
)
_KNOWLEDGE: Final = frozenset({"knowledge", *(f"{INDEX}{part}" for part in _PARTS)})
_TABLES_BEGIN: Final = b"SQLite format 3\0"
_CLOSED_BEGIN: Final = (
    b"\x1f\x8b",  # gzip
    b"PK\x03\x04",  # zip, and what office programs write
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",  # Zstandard
    b"\x04\x22\x4d\x18",  # LZ4
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"%PDF-",
)
_MOST_MAGIC: Final = 16
_SELECT_KEYS: Final = "SELECT key_id FROM data_keys WHERE wrapped IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """Files that hold a destroyed key, and files that cannot be looked into."""

    copies: tuple[Path, ...]
    closed: tuple[Path, ...]


def is_own(relative: PurePath) -> bool:
    """Say whether a place, as seen from the data folder, is one of the gateway's."""
    if str(relative) in _OWN:
        return True
    return any(
        relative.match(kind) and len(relative.parts) == len(PurePath(kind).parts)
        for kind in _OWN_KINDS
    )


def is_knowledge(relative: PurePath) -> bool:
    """Say whether a place of the gateway's own is one of the knowledge base."""
    first, *_ = relative.parts
    return is_own(relative) and first in _KNOWLEDGE


def below(folder: Path) -> list[Path]:
    """Return every file and folder below one, as far as they can be listed.

    Raises:
        OSError: not even the folder itself can be.

    """
    os.scandir(folder).close()
    return sorted(
        Path(parent, name)
        for parent, folders, files in os.walk(folder)
        for name in (*folders, *files)
    )


def strangers(folder: Path) -> list[Path]:
    """Return the files and folders of a data folder that are not the gateway's."""
    return [each for each in below(folder) if not is_own(each.relative_to(folder))]


def is_shut(path: Path) -> bool:
    """Say whether a folder cannot be listed, or a file is none or cannot be read.

    A link to a folder is shut, too: what it leads to is elsewhere.
    """
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            with os.scandir(path):
                return path.is_symlink()
        if stat.S_ISREG(kind):
            with path.open("rb"):
                return False
    except FileNotFoundError:
        return not path.is_symlink()  # which leads nowhere
    except OSError:
        return True
    return True


def hidden(files: Iterable[Path], keys: Collection[bytes]) -> Hidden:
    """Open the copies of logs among files; `keys` are the ids of destroyed ones.

    What cannot be opened, is compressed, or leads into another folder, is closed.
    """
    copies: list[Path] = []
    closed: list[Path] = []
    known = frozenset(keys)
    for file in files:
        ids = None if is_shut(file) else _ids_in(file)
        if ids is None:
            closed.append(file)
        elif not known.isdisjoint(ids):
            copies.append(file)
    return Hidden(copies=tuple(copies), closed=tuple(closed))


def _ids_in(file: Path) -> Collection[bytes] | None:
    """Return the data keys' ids in a file; None if it cannot be looked into."""
    begin = _begin(file)
    if begin == _TABLES_BEGIN:
        return _keys_of(file)
    return None if begin.startswith(_CLOSED_BEGIN) else ()


def _begin(file: Path) -> bytes:
    if not file.is_file():
        return b""
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_MAGIC)
    except OSError:  # it is found to be closed when all of it is read
        return b""


def _keys_of(file: Path) -> set[bytes] | None:
    """Return the keys that a log's file holds; None if it cannot be read."""
    address = file.resolve().as_uri()
    try:
        # Its write-ahead log may lie beside it: only without one nothing is written.
        mode = "mode=ro" if _write_ahead(file).exists() else "mode=ro&immutable=1"
        with closing(sqlite3.connect(f"{address}?{mode}", uri=True)) as tables:
            there = tables.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'data_keys'"
            ).fetchone()
            return (
                {each for (each,) in tables.execute(_SELECT_KEYS)} if there else set()
            )
    except sqlite3.Error:
        return None


def _write_ahead(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")
