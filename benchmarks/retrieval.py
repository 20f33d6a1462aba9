"""How long a search of the embedded index takes, without embedding the query.

    python benchmarks/retrieval.py                    # 10,000 passages, about a minute
    python benchmarks/retrieval.py --passages 100000  # a guideline service

The passages are synthetic: 80 words by Zipf's law and a vector near one of 500 topics,
in 40 facets of which a filter leaves four (a tenth of the passages). A query is made
of words and the vector of a passage, as one and as eight sub-queries.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy: one core is what is measured

import numpy as np  # noqa: E402

from inference.knowledge import content_hash  # noqa: E402
from inference.minilm import Floats  # noqa: E402
from inference.retrieve.embedded import EmbeddedRetriever  # noqa: E402
from inference.retrieve.index import ensure_index  # noqa: E402
from inference.schema import Passage, Query, SourceKind  # noqa: E402

WIDTH, WORDS, TOPICS, LENGTH = 384, 30_000, 500, 80
JURISDICTIONS = ("", "GB", "FR", "DE", "US")
POPULATIONS = (("adult",), ("child",), ("pregnant",), ("adult", "child"))
TODAY = date(2026, 6, 1)
FILTERED = {"jurisdiction": "GB", "population": ("pregnant",)}


class Synthetic:
    """An embedder that gives each text the vector that was drawn for it."""

    identity = "synthetic@1"

    def __init__(self, size: int, random: np.random.Generator) -> None:
        topics = random.standard_normal((TOPICS, WIDTH), np.float32)
        rows = topics[random.integers(0, TOPICS, size)]
        rows += random.standard_normal((size, WIDTH), np.float32)
        self.rows: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Return the rows whose numbers the headings end with."""
        numbers = [int(text.partition("\n")[0].split()[-1]) for text in texts]
        return self.rows[numbers]

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Return the rows whose numbers the texts end with."""
        return self.rows[[int(text.split()[-1]) for text in texts]]


def drawn(size: int, random: np.random.Generator) -> list[Passage]:
    """Draw passages, each with a facet of forty."""
    shares = 1 / np.arange(1, WORDS + 1)
    words = random.choice(WORDS, (size, LENGTH), p=shares / shares.sum())
    return [_passage(number, row) for number, row in enumerate(words)]


def _passage(number: int, words: Sequence[int]) -> Passage:
    passage = Passage(
        id=f"d#{number}",
        text=" ".join(f"w{word}" for word in words),
        heading=f"Passage {number}",
        source="Synthetic",
        kind=tuple(SourceKind)[number % 2],
        date="2026",
        population=POPULATIONS[number // 2 % 4],
        licence="none",
        sha256="",
        jurisdiction=JURISDICTIONS[number // 8 % 5],
    )
    return replace(passage, sha256=content_hash(passage))


def asked(
    passages: Sequence[Passage], texts: int, random: np.random.Generator
) -> tuple[str, ...]:
    """Make sub-queries of six words of a passage each, and its number."""
    chosen = random.integers(0, len(passages), texts)
    return tuple(
        f"{' '.join(random.choice(passages[number].text.split(), 6))} {number}"
        for number in chosen
    )


async def timed(
    retriever: EmbeddedRetriever, queries: Sequence[Query]
) -> tuple[list[float], list[float]]:
    """Search one after another; return wall and CPU milliseconds of each."""
    await retriever.retrieve(queries[0])  # reads the vectors
    walls, cpus = [], []
    for query in queries:
        wall, cpu = time.perf_counter(), time.process_time()
        await retriever.retrieve(query)
        cpus.append(1000 * (time.process_time() - cpu))
        walls.append(1000 * (time.perf_counter() - wall))
    return walls, cpus


def main() -> None:
    """Build an index, search it, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passages", type=int, default=10_000)
    options.add_argument("--queries", type=int, default=200)
    wanted = options.parse_args()
    random = np.random.default_rng(1)
    embedder = Synthetic(wanted.passages, random)
    passages = drawn(wanted.passages, random)
    with TemporaryDirectory() as folder:
        index = Path(folder) / "knowledge.sqlite"
        start = time.perf_counter()
        ensure_index(index, passages, embedder)
        print(
            f"{wanted.passages} passages: built in {time.perf_counter() - start:.1f} s,"
            f" {index.stat().st_size / 1e6:.0f} MB; {wanted.queries} queries each, ms"
        )
        measure(EmbeddedRetriever(index, embedder), passages, wanted.queries, random)


def measure(
    retriever: EmbeddedRetriever,
    passages: Sequence[Passage],
    queries: int,
    random: np.random.Generator,
) -> None:
    """Print wall and CPU time for each kind of query."""
    print("sub-queries  filter   wall p50    p95    p99    CPU p50    p95    p99")
    for texts in (1, 4, 8):
        for name, facts in (("none", {"population": ()}), ("tenth", FILTERED)):
            many = [
                Query(texts=asked(passages, texts, random), today=TODAY, **facts)
                for _ in range(queries)
            ]
            took = asyncio.run(timed(retriever, many))
            wall, cpu = (np.percentile(each, (50, 95, 99)) for each in took)
            figures = "".join(f"{each:7.1f}" for each in (*wall, *cpu))
            print(f"{texts:11}  {name:6} {figures}")


if __name__ == "__main__":
    main()
