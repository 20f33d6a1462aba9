"""The embedded retriever: keywords and vectors, fused, without a server."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from inference.embed import Embedder
from inference.knowledge import content_hash
from inference.minilm import Floats
from inference.retrieve.fusion import best_of, reciprocal_rank_fusion
from inference.retrieve.index import opened, read_version
from inference.retrieve.search import (
    Audience,
    Vectors,
    matching,
    matching_fully,
    read_passage,
    read_vectors,
    shown,
)
from inference.schema import Passage, Query, Retrieval, RetrievalUnavailableError

MOST_PASSAGES = 6
# How many of each ranking are fused, for each sub-query.
POOL = 20
# Cosine from which a passage is relevant to a sub-query by meaning alone.
SIMILAR = 0.36
# Cosine from which it is relevant when it also holds every word of it.
RELATED = 0.20


class EmbeddedRetriever:
    """Searches an index file, which `ensure_index` makes.

    The file may be replaced while this runs: the next query sees the new one.
    Vectors stay in memory (1.5 kB a passage), scores are exact.
    """

    def __init__(self, index: Path, embedder: Embedder) -> None:
        self._path = index
        self._embedder = embedder
        self._vectors: Vectors | None = None
        self._loading = Lock()

    async def retrieve(self, query: Query) -> Retrieval:
        """Return at most six passages relevant to the query, best first.

        A passage's score is its fused rank: 1 where it heads every ranking.
        None at all is a valid result.

        Raises:
            RetrievalUnavailableError: the index is missing, corrupt, or made by
                another embedding model.

        """
        return await asyncio.to_thread(self._retrieve, query)

    def _retrieve(self, query: Query) -> Retrieval:
        try:
            with opened(self._path) as index:
                vectors = self._current_vectors(index)
                passages = self._search(index, vectors, query)
                return Retrieval(passages=passages, index=vectors.version)
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
    ) -> tuple[Passage, ...]:
        if not query.texts:
            return ()
        audience = Audience(query.population, query.today)
        cosines = self._embedder.embed_queries(query.texts) @ vectors.rows.T
        cosines[:, _hidden(index, audience, len(vectors.rows))] = -1
        rankings = [
            ranking
            for text, row in zip(query.texts, cosines, strict=True)
            for ranking in _rankings(index, text, audience, row)
        ]
        scores = reciprocal_rank_fusion(rankings)
        found = {number: _verified(index, number, scores[number]) for number in scores}
        return best_of(found, limit=MOST_PASSAGES)


def _hidden(
    index: sqlite3.Connection, audience: Audience, size: int
) -> NDArray[np.bool_]:
    hidden = np.ones(size, np.bool_)
    hidden[np.array(shown(index, audience), np.intp) - 1] = False
    return hidden


def _rankings(
    index: sqlite3.Connection, text: str, audience: Audience, cosines: Floats
) -> tuple[list[int], list[int]]:
    """Rank what is relevant to one sub-query by keywords, and by meaning.

    Only relevant passages are ranked: otherwise a sub-query that nothing
    answers would still lift its least bad passages.
    """
    complete = matching_fully(index, text, audience, limit=POOL)
    relevant = {number for number in complete if cosines[number - 1] >= RELATED}
    relevant.update(int(row) + 1 for row in np.flatnonzero(cosines >= SIMILAR))
    by_meaning = sorted(relevant, key=lambda number: (-cosines[number - 1], number))
    by_words = matching(index, text, audience, limit=POOL)
    return [number for number in by_words if number in relevant], by_meaning[:POOL]


def _verified(index: sqlite3.Connection, number: int, score: float) -> Passage:
    passage = read_passage(index, number)
    if content_hash(passage) != passage.sha256:
        raise RetrievalUnavailableError(
            "A passage of the knowledge index does not match its hash. Restart the"
            " gateway, or load the knowledge again, to rebuild it."
        )
    return replace(passage, score=score)
