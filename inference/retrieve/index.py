"""The embedded index: passages, keywords and vectors in one SQLite file.

A file is written once, under another name, and then put in its place: a reader
sees the old index or the new one, never a half.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from inference.embed import Embedder
from inference.knowledge import index_version
from inference.retrieve import keywords
from inference.schema import Passage

# Raised whenever the tables or what is embedded change: older files are rebuilt.
LAYOUT = 3
_EMBEDDED_AT_ONCE = 8

_TABLES = f"""
CREATE TABLE about (version TEXT NOT NULL, embedder TEXT NOT NULL);
CREATE TABLE facet (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, population TEXT NOT NULL,
    effective TEXT NOT NULL, expires TEXT NOT NULL, jurisdiction TEXT NOT NULL);
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, facet INTEGER NOT NULL REFERENCES facet,
    id TEXT NOT NULL UNIQUE, heading TEXT NOT NULL, text TEXT NOT NULL,
    source TEXT NOT NULL, date TEXT NOT NULL, licence TEXT NOT NULL,
    sha256 TEXT NOT NULL, publisher TEXT NOT NULL, version TEXT NOT NULL,
    reviewer TEXT NOT NULL, vector BLOB NOT NULL);
{keywords.TABLE}
"""
_INSERT_FACET = "INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_PASSAGE = "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def no_progress(done: int, total: int) -> None:
    """Ignore the progress of a build."""


class IndexMismatchError(Exception):
    """An index was made with another embedding model, and cannot be made anew."""


def ensure_index(
    path: Path,
    passages: Sequence[Passage],
    embedder: Embedder,
    progress: Callable[[int, int], None] = no_progress,
) -> str:
    """Make the file hold exactly these passages; return the index version.

    An index that is whole and of the same version is left as it is. Of another one
    by the same embedding model, the vectors of unchanged passages are kept.
    `progress` is told the number of passages done and their total.

    Raises:
        OSError: the folder cannot be written.
        sqlite3.Error: the disk is full, or SQLite lacks FTS5.

    """
    version = index_version(passages, embedder=embedder.identity)
    if not _holds(path, version):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".index-", dir=path.parent) as folder:
            building = Path(folder) / path.name
            kept = _kept(path, embedder.identity)
            _build(building, passages, _Reusing(embedder, kept), progress)
            building.replace(path)
    return version


def require_index(path: Path, embedder: Embedder) -> str:
    """Return the version of an index that somebody else made for this embedder.

    Raises:
        IndexMismatchError: it was made with another embedding model.
        ValueError: the index has another layout, or no version.
        sqlite3.Error: there is no such index, or it is not one.

    """
    with opened(path) as index:
        version = read_version(index)
        (made_by,) = index.execute("SELECT embedder FROM about").fetchone()
    if made_by != embedder.identity:
        raise IndexMismatchError(
            f"The knowledge index {path.name} was made with the embedding model"
            f" {made_by}; the settings name {embedder.identity}. Vectors of two models"
            " cannot be compared: load the knowledge again with this model, or name"
            " the former one."
        )
    return version


def embedded_text(passage: Passage) -> str:
    """Return what of a passage is embedded: its heading, and its text."""
    return f"{passage.heading}\n{passage.text}"


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


def _kept(path: Path, identity: str) -> dict[str, bytes]:
    """Return the vectors of an index by the same model, by their passages' hashes."""
    wanted = "SELECT sha256, vector FROM passage WHERE (SELECT embedder FROM about) = ?"
    try:
        with opened(path) as index:
            read_version(index)
            kept = dict(index.execute(wanted, (identity,)))
    except (sqlite3.Error, ValueError):
        return {}
    return kept if len({len(vector) for vector in kept.values()}) == 1 else {}


@dataclass(frozen=True)
class _Reusing:
    """Embeds only the passages whose vector is not known: embedding is what is slow."""

    embedder: Embedder
    kept: Mapping[str, bytes]

    def vectors(self, passages: Sequence[Passage]) -> list[bytes]:
        """Return the vector of each passage as it is stored."""
        new = [each for each in passages if each.sha256 not in self.kept]
        rows = self.embedder.embed_passages([embedded_text(each) for each in new])
        made = {e.sha256: row.tobytes() for e, row in zip(new, rows, strict=True)}
        return [made.get(each.sha256) or self.kept[each.sha256] for each in passages]


def _build(
    path: Path,
    passages: Sequence[Passage],
    embedder: _Reusing,
    progress: Callable[[int, int], None],
) -> None:
    identity = embedder.embedder.identity
    version = index_version(passages, embedder=identity)
    facets = {each: n for n, each in enumerate(dict.fromkeys(map(_facet, passages)), 1)}
    with closing(sqlite3.connect(path)) as index, index:
        index.executescript(f"{_TABLES} PRAGMA user_version = {LAYOUT};")
        index.execute("INSERT INTO about VALUES (?, ?)", (version, identity))
        index.executemany(_INSERT_FACET, ((n, *each) for each, n in facets.items()))
        for start in range(0, len(passages), _EMBEDDED_AT_ONCE):
            part = passages[start : start + _EMBEDDED_AT_ONCE]
            vectors = embedder.vectors(part)
            index.executemany(
                _INSERT_PASSAGE,
                (
                    (number, facets[_facet(each)], *_row(each), vector)
                    for number, (each, vector) in enumerate(
                        zip(part, vectors, strict=True), start + 1
                    )
                ),
            )
            progress(start + len(part), len(passages))
        fields = [(passage.heading, passage.text) for passage in passages]
        keywords.write_postings(index, fields)


def _facet(passage: Passage) -> tuple[str, ...]:
    """Return all that a filter asks about; many passages share it."""
    return (
        passage.kind.value,
        json.dumps(passage.population),
        passage.effective,
        passage.expires,
        passage.jurisdiction,
    )


def _row(passage: Passage) -> tuple[str, ...]:
    return (
        passage.id,
        passage.heading,
        passage.text,
        passage.source,
        passage.date,
        passage.licence,
        passage.sha256,
        passage.publisher,
        passage.version,
        passage.reviewer,
    )
