"""Files of a data folder that the gateway did not write, and what they may hide.

A copy of the log may hold a data key that is wrapped otherwise than it was when it was
destroyed: it is known by the key's id. What is compressed cannot be searched at all.
"""

import sqlite3
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


def strangers(folder: Path) -> list[Path]:
    """Return the files and folders of a data folder that are not the gateway's."""
    return [
        each
        for each in sorted(folder.rglob("*"))
        if not is_own(each.relative_to(folder))
    ]


def hidden(files: Iterable[Path], keys: Collection[bytes]) -> Hidden:
    """Open the copies of logs among files; `keys` are the ids of destroyed ones.

    What cannot be opened, is compressed, or leads into another folder, is closed.
    """
    copies: list[Path] = []
    closed: list[Path] = []
    for file in files:
        begin = _begin(file)
        if begin == _TABLES_BEGIN:
            ids = _keys_of(file)
            if ids is None:
                closed.append(file)
            elif not ids.isdisjoint(keys):
                copies.append(file)
        elif begin.startswith(_CLOSED_BEGIN) or (file.is_symlink() and file.is_dir()):
            closed.append(file)
    return Hidden(copies=tuple(copies), closed=tuple(closed))


def _begin(file: Path) -> bytes:
    if not file.is_file():
        return b""
    with file.open("rb") as opened:
        return opened.read(_MOST_MAGIC)


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
