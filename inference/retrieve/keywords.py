"""Keywords: BM25 as one row of numbers a word, added up by numpy.

FTS5 cuts texts into words and stems them; its ranking is not used, because it reads
a filter's passages one by one (docs/retrieval.md has the measurement). The weight
of each word in each passage is computed when the index is built, so that a search
adds a few arrays, and a filter is a mask that can lose no hit.

BM25: Robertson and Zaragoza 2009, https://doi.org/10.1561/1500000019, with the
fields weighted before saturation (section 3.6 there: BM25F).
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inference.minilm import Floats

TABLE = """
CREATE TABLE posting (
    term TEXT PRIMARY KEY, rarity REAL NOT NULL,
    passages BLOB NOT NULL, weights BLOB NOT NULL
) WITHOUT ROWID;
"""
# A heading says what a passage is about: a word of it counts twice.
_BOOSTS = np.array([2.0, 1.0])
_SATURATION, _LENGTH = 1.2, 0.75  # k1 and b, as Lucene and FTS5 have them
_MOST_TERMS = 64
# Of a text with this share of the passages or more, a word says nothing about it.
_COMMON = 0.2
_FEW = 100  # passages, below which every word is kept
_WORDS = "fts5({}, content='', tokenize='porter unicode61 remove_diacritics 2')"

Numbers = NDArray[np.int32]


class _Postings(NamedTuple):
    """Which words stand where: each array has an entry a word of a passage."""

    term: NDArray[np.intp]
    passage: NDArray[np.intp]
    field: NDArray[np.intp]


class Match(NamedTuple):
    """Where the words of a text stand: its BM25 scores, and each word's passages."""

    scores: Floats  # one a passage
    words: tuple[tuple[float, Numbers], ...]  # rarity, and the rows that hold it

    def coverage(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what share of the text's words each of these passages holds.

        From 0 to 1, a rare word counting more; 0 for a text of common words only.
        """
        held = np.zeros(len(rows))
        for rarity, passages in self.words:
            place = np.searchsorted(passages, rows)
            inside = place < len(passages)
            held[inside] += rarity * (passages[place[inside]] == rows[inside])
        return held / (sum(rarity for rarity, _ in self.words) or 1)


def write_postings(
    index: sqlite3.Connection, fields: Sequence[tuple[str, str]]
) -> None:
    """Write the weights of every word; `fields` are headings and texts, in order.

    The row of passage number `i` in the weights is `i - 1`. A common word is kept
    with no passage and no rarity.
    """
    size = len(fields)
    with closing(sqlite3.connect(":memory:")) as words:
        terms, found = _cut(words, fields)
    rows = zip(terms, _weighted(found, len(terms), size), strict=True)
    index.executemany(
        "INSERT INTO posting VALUES (?, ?, ?, ?)",
        (
            (term, _rarity(len(passages), size), passages.tobytes(), weights.tobytes())
            if size < _FEW or len(passages) <= _COMMON * size
            else (term, 0.0, b"", b"")
            for term, (passages, weights) in rows
        ),
    )


def query_terms(texts: Sequence[str]) -> list[list[str]]:
    """Cut each text into its different words, stemmed as the index has them."""
    with closing(sqlite3.connect(":memory:")) as words:
        words.execute(f"CREATE VIRTUAL TABLE words USING {_WORDS.format('text')}")
        words.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(words, instance)")
        words.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", _kept(texts))
        rows = words.execute("SELECT doc, term FROM seen ORDER BY doc, offset")
        found: list[dict[str, None]] = [{} for _ in texts]
        for number, term in rows:
            found[number][term] = None
    return [list(terms)[:_MOST_TERMS] for terms in found]


def match(index: sqlite3.Connection, terms: Sequence[str], size: int) -> Match:
    """Find the words of a text in an index of `size` passages.

    Raises:
        ValueError: the index holds damaged weights.

    """
    scores = np.zeros(size, np.float32)
    words = []
    for term in terms:
        row = index.execute(
            "SELECT rarity, passages, weights FROM posting WHERE term = ?", (term,)
        ).fetchone()
        rarity, where, what = row or (_rarity(0, size), b"", b"")
        passages, weights = _arrays(where, what, size)
        scores[passages] += weights
        words.append((rarity, passages))
    return Match(scores, tuple(words))


def _rarity(many: int, size: int) -> float:
    """Return the inverse document frequency of a word that `many` passages hold."""
    return math.log1p((size - many + 0.5) / (many + 0.5))


def _arrays(passages: bytes, weights: bytes, size: int) -> tuple[Numbers, Floats]:
    where = np.frombuffer(passages, np.int32)
    what = np.frombuffer(weights, np.float32)
    if len(where) != len(what) or (len(where) and not 0 <= where.max() < size):
        raise ValueError("The keywords of the index are damaged.")
    return where, what


def _kept(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each text with its number, without what SQLite cannot store: surrogates."""
    for number, text in enumerate(texts):
        yield number, text.encode("utf-8", "replace").decode()


def _cut(
    words: sqlite3.Connection, fields: Sequence[tuple[str, str]]
) -> tuple[list[str], _Postings]:
    words.execute(f"CREATE VIRTUAL TABLE words USING {_WORDS.format('heading, text')}")
    words.executemany(
        "INSERT INTO words(rowid, heading, text) VALUES (?, ?, ?)",
        ((number, *each) for number, each in enumerate(fields)),
    )
    words.execute("CREATE VIRTUAL TABLE counted USING fts5vocab(words, row)")
    words.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(words, instance)")
    # Both tables go through the words in the same order.
    counted = words.execute("SELECT term, cnt FROM counted").fetchall()
    seen = words.execute("SELECT doc, col = 'text' FROM seen")
    kinds = np.dtype([("passage", np.int32), ("field", np.int8)])
    places = np.fromiter(seen, kinds)
    term = np.repeat(np.arange(len(counted)), [count for _, count in counted])
    passage, field = (places[name].astype(np.intp) for name in ("passage", "field"))
    return [name for name, _ in counted], _Postings(term, passage, field)


def _weighted(
    found: _Postings, terms: int, size: int
) -> Iterator[tuple[Numbers, Floats]]:
    """Give each word's passages, ascending, with its BM25 weight in each."""
    pairs, pair = np.unique(found.term * size + found.passage, return_inverse=True)
    term, passage = pairs // max(size, 1), pairs % max(size, 1)
    frequency = np.bincount(pair, weights=_shares(found, size), minlength=len(pairs))
    many = np.bincount(term, minlength=terms)
    rarity = np.array([_rarity(int(each), size) for each in many])
    weights = rarity[term] * frequency * (_SATURATION + 1) / (frequency + _SATURATION)
    ends = np.cumsum(many)
    for start, end in zip(ends - many, ends, strict=True):
        where = slice(start, end)
        yield passage[where].astype(np.int32), weights[where].astype(np.float32)


def _shares(found: _Postings, size: int) -> NDArray[np.float64]:
    """Return what each occurrence counts: more in a heading, less in a long field."""
    lengths = np.zeros((size, len(_BOOSTS)))
    np.add.at(lengths, (found.passage, found.field), 1)
    usual = np.maximum(lengths.mean(axis=0), 1) if size else np.ones(len(_BOOSTS))
    relative = (lengths / usual)[found.passage, found.field]
    shares: NDArray[np.float64] = _BOOSTS[found.field] / (
        1 - _LENGTH + _LENGTH * relative
    )
    return shares
