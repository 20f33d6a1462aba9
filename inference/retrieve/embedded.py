"""The embedded retriever: keywords and vectors, fused, without a server."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.embed import Embedder
from inference.knowledge import content_hash
from inference.minilm import Floats
from inference.retrieve import keywords
from inference.retrieve.fusion import best_of, reciprocal_rank_fusion
from inference.retrieve.index import embedded_text, opened, read_version
from inference.retrieve.rerank import Reranker
from inference.retrieve.search import (
    Audience,
    Vectors,
    read_passage,
    read_vectors,
    shown,
)
from inference.schema import Passage, Query, Retrieval, RetrievalUnavailableError

MOST_PASSAGES = 6
# How many of each ranking are looked at, for each sub-query.
POOL = 50
# How many of what is fused are read from the index, and by a reranker.
READ = 20
# From this relevance on a passage is shown, and what holding every word of a
# sub-query adds to a cosine: calibrated on the default model, docs/retrieval.md.
RELEVANT = 0.39
WORDS = 0.25
_NOTHING = 0.0
_FEW = 0.3  # of the passages: fewer are sooner gathered than all are compared


class Method(Enum):
    """What ranks: words, meaning, or both. The parts serve to measure the whole."""

    KEYWORD = "keyword"
    VECTOR = "vector"
    HYBRID = "hybrid"


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How passages are chosen; the default is what a gateway does."""

    method: Method = Method.HYBRID
    threshold: float = RELEVANT
    most: int = MOST_PASSAGES
    pool: int = POOL  # of each ranking and sub-query
    read: int = READ  # fused, from which the most are taken


DEFAULT = Ranking()


_Share = TypeVar("_Share", float, NDArray[np.floating])


def relevance(cosine: _Share, coverage: _Share) -> _Share:
    """Return how relevant passages are to a sub-query, by meaning and by its words.

    The share of the words is squared: half of them prove little, all of them much.
    """
    return cosine + WORDS * coverage**2


class EmbeddedRetriever:
    """Searches an index file, which `ensure_index` makes.

    The file may be replaced while this runs: the next query sees the new one.
    Vectors stay in memory (1.5 kB a passage), scores are exact.
    """

    def __init__(
        self,
        index: Path,
        embedder: Embedder,
        ranking: Ranking = DEFAULT,
        reranker: Reranker | None = None,
    ) -> None:
        self._path = index
        self._embedder = embedder
        self._ranking = ranking
        self._reranker = reranker
        self._vectors: Vectors | None = None
        self._loading = Lock()

    async def retrieve(self, query: Query) -> Retrieval:
        """Return at most six passages relevant to the query, best first.

        A passage's score is its fused rank, 1 where it heads every ranking; with a
        reranker what that says. None at all is a valid result; `best` tells how near
        the nearest was.

        Raises:
            RetrievalUnavailableError: the index is missing, corrupt, or made by
                another embedding model.

        """
        return await asyncio.to_thread(self._retrieve, query)

    def _retrieve(self, query: Query) -> Retrieval:
        try:
            with opened(self._path) as index:
                vectors = self._current_vectors(index)
                return self._search(index, vectors, query)
        except (sqlite3.Error, ValueError) as error:
            raise RetrievalUnavailableError(
                "The knowledge index is missing or damaged. Restart the gateway, or"
                " load the knowledge again, to rebuild it."
            ) from error

    def _current_vectors(self, index: sqlite3.Connection) -> Vectors:
        version = read_version(index)
        with self._loading:
            if self._vectors is None or self._vectors.version != version:
                self._vectors = read_vectors(index)
            vectors = self._vectors
        if vectors.embedder != self._embedder.identity:
            raise RetrievalUnavailableError(
                "The knowledge index was made with another embedding model. Restart"
                " the gateway, or load the knowledge again, to rebuild it."
            )
        return vectors

    def _search(
        self, index: sqlite3.Connection, vectors: Vectors, query: Query
    ) -> Retrieval:
        if not query.texts or not len(vectors.rows):
            return Retrieval(passages=(), index=vectors.version)
        visible = shown(index, vectors, Audience.of(query))
        queries = self._embedder.embed_queries(query.texts)
        cosines = _cosines(queries, vectors.rows, visible)
        found = [
            _candidates(
                keywords.match(index, terms, len(visible)), row, visible, self._ranking
            )
            for terms, row in zip(
                keywords.query_terms(query.texts), cosines, strict=True
            )
        ]
        rankings = [ranking for each in found for ranking in each.rankings]
        scores = reciprocal_rank_fusion([ranking.tolist() for ranking in rankings])
        first = sorted(scores, key=lambda row: (-scores[row], row))[
            : self._ranking.read
        ]
        passages = self._reranked(
            query.texts, [_verified(index, row + 1, scores[row]) for row in first]
        )
        return Retrieval(
            passages=best_of(dict(enumerate(passages)), limit=self._ranking.most),
            index=vectors.version,
            best=max(each.best for each in found),
        )

    def _reranked(
        self, texts: Sequence[str], passages: Sequence[Passage]
    ) -> Sequence[Passage]:
        """Score each passage by the sub-query that it answers best."""
        if self._reranker is None or not passages:
            return passages
        pairs = [(text, embedded_text(each)) for each in passages for text in texts]
        found = np.reshape(self._reranker.relevance(pairs), (len(passages), -1))
        return [
            replace(passage, score=float(score))
            for passage, score in zip(passages, found.max(axis=1), strict=True)
        ]


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    """What one sub-query found: rows of relevant passages, ranked in each way."""

    rankings: tuple[NDArray[np.intp], ...]
    best: float  # relevance of the nearest passage, shown or not


def _candidates(
    found: keywords.Match, cosines: Floats, visible: NDArray[np.bool_], how: Ranking
) -> _Candidates:
    """Rank what is relevant to one sub-query by keywords, and by meaning.

    Only relevant passages are ranked: otherwise a sub-query that nothing answers
    would still lift its least bad passages.
    """
    ways = {Method.KEYWORD: found.scores, Method.VECTOR: cosines}
    # Words alone make nothing relevant: what is further away need not be looked at.
    least = {Method.KEYWORD: _NOTHING, Method.VECTOR: how.threshold - WORDS}
    used = [each for each in ways if how.method in (each, Method.HYBRID)]
    rows = np.unique(
        np.concatenate(
            [_highest(ways[each], visible, how.pool, least[each]) for each in used]
        )
    )
    near = relevance(cosines[rows], found.coverage(rows))
    relevant = rows[near >= how.threshold]
    nearest = cosines.max(where=visible, initial=_NOTHING)
    return _Candidates(
        rankings=tuple(_ranked(ways[each], relevant) for each in used),
        best=float(near.max(initial=nearest)),
    )


def _highest(
    scores: Floats, visible: NDArray[np.bool_], many: int, least: float
) -> NDArray[np.intp]:
    """Return the rows of the highest scores, without those that found nothing."""
    rows = np.flatnonzero((scores > max(least, _NOTHING)) & visible)
    if len(rows) > many:
        last = np.partition(scores[rows], -many)[-many]
        rows = rows[scores[rows] >= last]
    return _ranked(scores, rows)[:many]


def _ranked(scores: Floats, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Order rows by their scores; equals as the index has them."""
    found = rows[scores[rows] > _NOTHING]
    return found[np.lexsort((found, -scores[found]))]


def _cosines(queries: Floats, rows: Floats, visible: NDArray[np.bool_]) -> Floats:
    """Compare queries with the visible rows; the others' cosines are nothing."""
    wanted = np.flatnonzero(visible)
    if len(wanted) > _FEW * len(rows):
        return queries @ rows.T
    cosines = np.zeros((len(queries), len(rows)), np.float32)
    cosines[:, wanted] = queries @ rows[wanted].T
    return cosines


def _verified(index: sqlite3.Connection, number: int, score: float) -> Passage:
    passage = read_passage(index, number)
    if content_hash(passage) != passage.sha256:
        raise RetrievalUnavailableError(
            "A passage of the knowledge index does not match its hash. Restart the"
            " gateway, or load the knowledge again, to rebuild it."
        )
    return replace(passage, score=score)
