"""The figures of a retriever on labelled queries, with intervals, and how long it took.

A document's rank is that of its first passage among the documents found. Recall, MRR
and nDCG with binary gains: Manning, Raghavan, Schütze, Introduction to Information
Retrieval, 2008, chapter 8.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from gateway.evaluation.retrieval import LabelledQuery, Library, document_of
from inference import metrics
from inference.embed import Embedder
from inference.metrics import Counts, Estimate, Proportion
from inference.minilm import Floats
from inference.retrieve.embedded import EmbeddedRetriever, Method, Ranking
from inference.schema import Query, Retrieval

DEPTHS = (1, 3, 5, 10)
DEEPEST = DEPTHS[-1]
UNLIMITED = Ranking(threshold=-1.0, most=100, read=100)
"""Ranks without a threshold, deep enough for ten documents: what is measured here."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a query found: documents in order, and how near the nearest passage was."""

    query: LabelledQuery
    documents: tuple[str, ...]
    best: float
    milliseconds: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The figures of one way to rank; milliseconds are without embedding the query."""

    figures: dict[str, Estimate | None]
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the threshold does to queries with an answer, and without.

    `answered` are queries of which a right document is among the passages shown,
    `silent` those without an answer that are shown nothing.
    """

    answered: Proportion | None
    silent: Proportion | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that an evaluation of retrieval found."""

    library: Library
    index: str
    embedder: str
    version: str  # of the gateway
    at: datetime
    ways: dict[Method, Measured]
    shown: Shown
    missed: tuple[Found, ...]
    embedding_ms: tuple[float, ...]  # of a query: median and 95th percentile


class Remembering:
    """An embedder that knows its queries already: so that only the search is timed."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        self.identity = embedder.identity
        self.embed_passages = embedder.embed_passages
        self.milliseconds: list[float] = []
        self._vectors: dict[str, Floats] = {}
        for text in dict.fromkeys(texts):
            start = time.perf_counter()
            (self._vectors[text],) = embedder.embed_queries([text])
            self.milliseconds.append(1000 * (time.perf_counter() - start))

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts that were given before."""
        return np.stack([self._vectors[text] for text in texts])


async def searched(
    index: Path,
    embedder: Embedder,
    queries: Sequence[LabelledQuery],
    ranking: Ranking,
    *,
    today: date,
    progress: Callable[[int, int], None],
) -> list[Found]:
    """Search an index for each query, as a gateway does for a patient unknown to it."""
    retriever = EmbeddedRetriever(index, embedder, ranking)
    found = []
    for number, query in enumerate(queries):
        asked = Query(texts=(query.text,), population=(), today=today)
        if not number:
            await retriever.retrieve(asked)  # reads the vectors
        start = time.perf_counter()
        retrieval = await retriever.retrieve(asked)
        took = 1000 * (time.perf_counter() - start)
        found.append(_found(query, retrieval, took))
        progress(number + 1, len(queries))
    return found


def measured(found: Sequence[Found], *, seed: int) -> Measured:
    """Return the figures of queries that have an answer."""
    answered = [each for each in found if each.query.documents]
    rows = [_row(each) for each in answered]
    times = [each.milliseconds for each in found]
    return Measured(
        figures={
            name: metrics.bootstrap(rows, _mean(column), seed=seed, total=len(rows))
            for column, name in enumerate(names(), 1)
        },
        median_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )


def shown(found: Iterable[Found]) -> Shown:
    """Return what a search with its threshold showed."""
    kept = list(found)
    return Shown(
        answered=metrics.proportion(
            bool({*each.query.documents} & {*each.documents})
            for each in kept
            if each.query.documents
        ),
        silent=metrics.proportion(
            not each.documents for each in kept if not each.query.documents
        ),
    )


def names() -> list[str]:
    """Return the names of the figures, in the order of the table."""
    return [*(f"recall@{depth}" for depth in DEPTHS), f"nDCG@{DEEPEST}", "MRR"]


def missed(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return what went wrong with the threshold: no right document, or any needless."""
    return tuple(
        each
        for each in found
        if not {*each.query.documents} & {*each.documents}
        and (each.query.documents or each.documents)
    )


def _found(query: LabelledQuery, retrieval: Retrieval, took: float) -> Found:
    documents = dict.fromkeys(document_of(each) for each in retrieval.passages)
    return Found(
        query=query,
        documents=tuple(documents),
        best=retrieval.best,
        milliseconds=took,
    )


def _row(found: Found) -> Counts:
    """Return one, and the figures of one query: of many, sums divided by the first."""
    right = set(found.query.documents)
    hits = [document in right for document in found.documents]
    first = hits.index(True) + 1 if any(hits) else np.inf
    recalls = [sum(hits[:depth]) / len(right) for depth in DEPTHS]
    return np.array([1, *recalls, _ndcg(hits[:DEEPEST], len(right)), 1 / first])


def _ndcg(hits: Sequence[bool], right: int) -> float:
    discounts = 1 / np.log2(np.arange(2, DEEPEST + 2))
    ideal = discounts[: min(right, DEEPEST)].sum()
    return float((discounts[: len(hits)] * hits).sum() / ideal)


def _mean(column: int) -> metrics.Statistic:
    return lambda rows: rows[..., column] / rows[..., 0]
