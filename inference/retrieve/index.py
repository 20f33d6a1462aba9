"""The embedded index: passages, keywords and vectors in one SQLite file.

A file is written once, under another name, and then put in its place: a reader
sees the old index or the new one, never a half.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from inference.embed import Embedder
from inference.knowledge import KnowledgePassage, index_version
from inference.minilm import Floats

# Raised whenever the tables or what is embedded change: older files are rebuilt.
LAYOUT = 1
_EMBEDDED_AT_ONCE = 8

_TABLES = """
CREATE TABLE about (version TEXT NOT NULL, embedder TEXT NOT NULL);
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, heading TEXT NOT NULL,
    text TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, date TEXT NOT NULL,
    population TEXT NOT NULL, licence TEXT NOT NULL, sha256 TEXT NOT NULL,
    reviewed INTEGER NOT NULL, expires TEXT NOT NULL, vector BLOB NOT NULL);
CREATE TABLE audience (
    population TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (population, number)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    heading, text, content='passage', content_rowid='number',
    tokenize='porter unicode61 remove_diacritics 2');
"""
_INSERT_PASSAGE = "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_WORDS = "INSERT INTO words(words) VALUES ('rebuild')"


def no_progress(done: int, total: int) -> None:
    """Ignore the progress of a build."""


def ensure_index(
    path: Path,
    passages: Sequence[KnowledgePassage],
    embedder: Embedder,
    progress: Callable[[int, int], None] = no_progress,
) -> str:
    """Make the file hold exactly these passages; return the index version.

    An index that is whole and of the same version is left as it is. `progress`
    is told the number of passages embedded and their total.

    Raises:
        OSError: the folder cannot be written.
        sqlite3.Error: the disk is full, or SQLite lacks FTS5.

    """
    version = index_version(passages, embedder=embedder.identity)
    if not _holds(path, version):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".index-", dir=path.parent) as folder:
            building = Path(folder) / path.name
            _build(building, passages, embedder, progress)
            building.replace(path)
    return version


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an index for reading.

    Raises:
        sqlite3.Error: there is no such index, or it is not one.

    """
    # A file in place never changes, which `immutable` tells SQLite: no locks.
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as index:
        yield index


def read_version(index: sqlite3.Connection) -> str:
    """Return the version of an open index.

    Raises:
        ValueError: the index has another layout, or no version.

    """
    (layout,) = index.execute("PRAGMA user_version").fetchone()
    if layout != LAYOUT:
        raise ValueError(f"The index has layout {layout}; this program reads {LAYOUT}.")
    versions = [version for (version,) in index.execute("SELECT version FROM about")]
    if len(versions) != 1:
        raise ValueError("The index has no version.")
    return str(versions[0])


def _holds(path: Path, version: str) -> bool:
    try:
        with opened(path) as index:
            (state,) = index.execute("PRAGMA quick_check(1)").fetchone()
            return bool(state == "ok" and read_version(index) == version)
    except (sqlite3.Error, ValueError):
        return False


def _build(
    path: Path,
    passages: Sequence[KnowledgePassage],
    embedder: Embedder,
    progress: Callable[[int, int], None],
) -> None:
    version = index_version(passages, embedder=embedder.identity)
    with closing(sqlite3.connect(path)) as index, index:
        index.executescript(f"{_TABLES} PRAGMA user_version = {LAYOUT};")
        index.execute("INSERT INTO about VALUES (?, ?)", (version, embedder.identity))
        for start in range(0, len(passages), _EMBEDDED_AT_ONCE):
            part = passages[start : start + _EMBEDDED_AT_ONCE]
            _insert(index, start + 1, part, embedder)
            progress(start + len(part), len(passages))
        index.execute(_INSERT_WORDS)


def _insert(
    index: sqlite3.Connection,
    first: int,
    passages: Sequence[KnowledgePassage],
    embedder: Embedder,
) -> None:
    texts = [f"{passage.heading}\n{passage.text}" for passage in passages]
    vectors = embedder.embed_passages(texts)
    for number, (passage, vector) in enumerate(
        zip(passages, vectors, strict=True), first
    ):
        index.execute(_INSERT_PASSAGE, _row(number, passage, vector))
        index.executemany(
            "INSERT INTO audience VALUES (?, ?)",
            [(population, number) for population in set(passage.population)],
        )


def _row(number: int, passage: KnowledgePassage, vector: Floats) -> tuple[object, ...]:
    return (
        number,
        passage.id,
        passage.heading,
        passage.text,
        passage.source,
        passage.kind.value,
        passage.date,
        json.dumps(passage.population),
        passage.licence,
        passage.sha256,
        passage.reviewed,
        passage.expires,
        vector.tobytes(),
    )
