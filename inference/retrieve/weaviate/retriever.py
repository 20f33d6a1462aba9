"""The retriever that asks Weaviate."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from weaviate import WeaviateAsyncClient

from inference.embed import Embedder
from inference.minilm import Floats
from inference.retrieve.embedded import MOST_PASSAGES, POOL, RELEVANT, relevance
from inference.retrieve.fusion import best_of, reciprocal_rank_fusion
from inference.retrieve.weaviate.connection import Connection
from inference.retrieve.weaviate.generations import (
    OtherEmbedderError,
    Standing,
    passages_of,
    standing_of,
    vector_name,
)
from inference.retrieve.weaviate.search import (
    Hit,
    checked,
    hybrid,
    may_be_shown,
    shown_to,
)
from inference.retrieve.weaviate.words import Stems, stems_of
from inference.schema import Passage, Query, Retrieval, RetrievalUnavailableError

_WORD = re.compile(r"\w+")
_MOST_CHARACTERS = 1000  # of a sub-query


class WeaviateRetriever:
    """Searches a tenant's knowledge in Weaviate; the server does the ranking.

    What it brings is checked here: the hash of each passage, whether it may be
    shown, and whether it is relevant at all, by the cosine that the embedded index
    asks for. `wanted` gives the index version in force, where the server may hold
    another. Belongs to one event loop; `close` ends its connection.
    """

    def __init__(
        self,
        connection: Connection,
        embedder: Embedder,
        *,
        tenant: str,
        wanted: Callable[[], str] | None = None,
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._embedder = embedder
        self._tenant = tenant

    async def retrieve(self, query: Query) -> Retrieval:
        """Return at most six passages relevant to the query, best first.

        Raises:
            RetrievalUnavailableError: Weaviate is out of reach, too slow or
                read wrongly, nothing was loaded, or by another embedding model.

        """
        texts = searchable(query.texts)
        vectors = await asyncio.to_thread(self._embedder.embed_queries, texts)
        async with self._connection.lent(self._connection.server.seconds) as client:
            standing, hits = await self._searched(client, query, texts, vectors)
        return await asyncio.to_thread(_answer, texts, hits, query, standing)

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()

    async def _searched(
        self,
        client: WeaviateAsyncClient,
        query: Query,
        texts: Sequence[str],
        vectors: Floats,
    ) -> tuple[Standing, list[list[Hit]]]:
        """Search the generation that is in force, before and afterwards.

        A load deletes the generation that it replaced: what was found in one that
        is no longer in force may lack passages, and is looked for again.
        """
        standing = await self._in_force(client)
        while True:
            among = shown_to(query, standing.version)
            hits = await _together(
                hybrid(
                    passages_of(client, self._tenant),
                    text,
                    vector,
                    among=among,
                    named=vector_name(self._embedder.identity),
                    limit=2 * POOL,  # for the best of either ranking
                )
                for text, vector in zip(texts, vectors, strict=True)
            )
            before, standing = standing, await self._in_force(client)
            if before == standing:
                return standing, hits

    async def _in_force(self, client: WeaviateAsyncClient) -> Standing:
        standing = await standing_of(client, self._tenant)
        if standing is None:
            raise RetrievalUnavailableError(
                "No knowledge was loaded into Weaviate. Load it first."
            )
        if standing.embedder != self._embedder.identity:
            raise OtherEmbedderError
        if self._wanted is not None and standing.version != self._wanted():
            raise RetrievalUnavailableError(
                "Weaviate does not hold the knowledge that is in force (yet)."
            )
        return standing


def searchable(texts: Sequence[str]) -> list[str]:
    """Return the sub-queries that have a word, bounded, and fit for the wire.

    A lone surrogate cannot be sent, and a text without a word finds nothing.
    """
    bounded = (text[:_MOST_CHARACTERS] for text in texts)
    sent = (text.encode("utf-8", "replace").decode("utf-8") for text in bounded)
    return [text for text in sent if _WORD.search(text)]


async def _together(
    searches: Iterable[Coroutine[Any, Any, list[Hit]]],
) -> list[list[Hit]]:
    """Await all; where one fails, end the others and raise what it raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in searches]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _answer(
    texts: Sequence[str],
    hits: Sequence[Sequence[Hit]],
    query: Query,
    standing: Standing,
) -> Retrieval:
    """Fuse the sub-queries' rankings of what is relevant to them."""
    found = [[checked(*each) for each in own] for own in hits]
    shown = [
        [each for each in own if may_be_shown(each.passage, query)] for own in found
    ]
    stems = Stems([each.passage for own in shown for each in own])
    best, passages, rankings = 0.0, dict[str, Passage](), []
    for wanted, candidates in zip(stems_of(texts), shown, strict=True):
        ranking = []
        for each in candidates:
            near = relevance(each.cosine, stems.coverage(wanted, each.passage))
            best = max(best, near)
            if near >= RELEVANT:
                ranking.append(each.passage.id)
                passages[each.passage.id] = each.passage
        rankings.append(ranking)
    return Retrieval(
        passages=_fused(passages, rankings), index=standing.version, best=best
    )


def _fused(
    passages: Mapping[str, Passage], rankings: Sequence[Sequence[str]]
) -> tuple[Passage, ...]:
    numbers = {name: number for number, name in enumerate(sorted(passages))}
    ranked = [[numbers[name] for name in ranking] for ranking in rankings]
    scores = reciprocal_rank_fusion(ranked)
    scored = {
        number: replace(passages[name], score=scores[number])
        for name, number in numbers.items()
    }
    return best_of(scored, limit=MOST_PASSAGES)
