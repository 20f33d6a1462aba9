"""Reading an open index: who may see what, and what matches."""

import json
import re
import sqlite3
from datetime import date
from typing import NamedTuple

import numpy as np

from inference.minilm import Floats
from inference.schema import Passage, SourceKind

_TERM = re.compile(r"\w+")
_MAX_TERMS = 64
# Words that say nothing about relevance in any medical text.
_STOP_WORDS = frozenset(
    _TERM.findall(
        "a after an and any are as at be been before but by can could did do does for"
        " from had has have he her him his how i if in into is it its me my no not of"
        " on or our she since so some than that the their them then there these they"
        " this to was we were what when where which who why will with would you your"
    )
)
# What may be shown: not expired, and meant for one of the populations asked
# for. No population asked for means that it is unknown, and excludes nothing.
_SHOWN = """
SELECT number FROM passage
WHERE (expires = '' OR expires >= :today)
  AND (:populations = '[]' OR number IN (
      SELECT audience.number FROM audience
      JOIN json_each(:populations) ON audience.population = json_each.value))
"""
# The unary plus keeps SQLite from looking up each shown passage in the word index
# one by one, which took several times as long with a thousand passages.
_MATCHING = f"""
SELECT rowid FROM words WHERE words MATCH :terms AND +rowid IN ({_SHOWN})
ORDER BY bm25(words, 2.0, 1.0), rowid LIMIT :limit
"""  # noqa: S608 - both halves are constants of this file
_PASSAGE = """
SELECT id, text, heading, source, kind, date, population, licence, sha256, reviewed
FROM passage WHERE number = ?
"""


class Audience(NamedTuple):
    """For whom, and on which day, passages are wanted."""

    population: tuple[str, ...]
    today: date


class Vectors(NamedTuple):
    """Every vector of an index; row `i` belongs to passage number `i + 1`."""

    version: str
    embedder: str
    rows: Floats


def read_vectors(index: sqlite3.Connection) -> Vectors:
    """Read every vector into memory: 1.5 kB a passage at a width of 384.

    Raises:
        ValueError: passages are missing, or a vector has another width.

    """
    version, embedder = index.execute("SELECT version, embedder FROM about").fetchone()
    rows = index.execute(
        "SELECT number, vector FROM passage ORDER BY number"
    ).fetchall()
    if [number for number, _ in rows] != list(range(1, len(rows) + 1)):
        raise ValueError("The index lacks passages.")
    vectors = b"".join(vector for _, vector in rows)
    return Vectors(
        version, embedder, np.frombuffer(vectors, np.float32).reshape(len(rows), -1)
    )


def shown(index: sqlite3.Connection, audience: Audience) -> list[int]:
    """Return the numbers of the passages that the audience may be shown."""
    return [number for (number,) in index.execute(_SHOWN, _parameters(audience))]


def matching(
    index: sqlite3.Connection, text: str, audience: Audience, *, limit: int
) -> list[int]:
    """Rank the passages that share a word with a text, by BM25, best first."""
    return _match(index, " OR ".join(_terms(text)), audience, limit)


def matching_fully(
    index: sqlite3.Connection, text: str, audience: Audience, *, limit: int
) -> list[int]:
    """Rank the passages that hold every word of a text, by BM25, best first."""
    return _match(index, " AND ".join(_terms(text)), audience, limit)


def read_passage(index: sqlite3.Connection, number: int) -> Passage:
    """Read a passage, without a score.

    Raises:
        ValueError: the row does not hold a passage.

    """
    row = index.execute(_PASSAGE, (number,)).fetchone()
    identifier, text, heading, source, kind, day, population, *rest = row
    licence, sha256, reviewed = rest
    return Passage(
        id=identifier,
        text=text,
        heading=heading,
        source=source,
        kind=SourceKind(kind),
        date=day,
        population=tuple(json.loads(population)),
        licence=licence,
        sha256=sha256,
        reviewed=bool(reviewed),
    )


def _match(
    index: sqlite3.Connection, terms: str, audience: Audience, limit: int
) -> list[int]:
    parameters = {**_parameters(audience), "terms": terms, "limit": limit}
    if not terms:
        return []
    return [number for (number,) in index.execute(_MATCHING, parameters)]


def _terms(text: str) -> list[str]:
    """Quote each word, so that no text can be read as FTS5 syntax."""
    words = dict.fromkeys(_TERM.findall(text.casefold()))
    return [f'"{word}"' for word in words if word not in _STOP_WORDS][:_MAX_TERMS]


def _parameters(audience: Audience) -> dict[str, object]:
    return {
        "today": audience.today.isoformat(),
        "populations": json.dumps(audience.population),
    }
