"""Keeping a server filled with the knowledge that is in force."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from inference.minilm import Floats
from inference.retrieve.index import opened, read_version
from inference.retrieve.search import read_passage, read_vectors
from inference.retrieve.weaviate.store import WeaviateStore
from inference.schema import Passage, RetrievalUnavailableError

_AGAIN_S = 10.0


class ForeignKnowledgeError(RetrievalUnavailableError):
    """A server's tenant holds what another gateway has put there."""

    def __init__(self) -> None:
        super().__init__(
            "Weaviate's tenant holds knowledge that was never loaded into this"
            " gateway. Give weaviate_tenant another name, or delete the tenant there."
        )


class Mirror:
    """Fills a server from an index file, whenever it does not hold what it should.

    `versions` returns every index version that was ever in force, the one that is
    now as the last: what is not among them was put there by somebody else, and is
    not touched.
    """

    def __init__(
        self, store: WeaviateStore, index: Path, versions: Callable[[], Sequence[str]]
    ) -> None:
        self._store = store
        self._index = index
        self._versions = versions
        self._wanted = ""

    def wanted(self) -> str:
        """Return the version in force, as of the last look."""
        return self._wanted

    async def look(self) -> None:
        """Fill the server if it does not hold the version in force; check its health.

        Raises:
            ForeignKnowledgeError: it holds what another gateway has put there.
            RetrievalUnavailableError: it is out of reach, read-only, does not find
                what it holds, or has not taken every passage; or the index file is of
                another version.

        """
        versions = await asyncio.to_thread(self._versions)
        self._wanted = versions[-1] if versions else ""
        if not self._wanted:
            return
        if not await self._store.holds(self._wanted):
            await self._fill(versions)
        await self._store.health()

    async def keep(self, tell: Callable[[str], None]) -> None:
        """Look every few seconds until cancelled; tell each new trouble once."""
        told = ""
        while True:
            await asyncio.sleep(_AGAIN_S)
            trouble = ""
            try:
                await self.look()
            except RetrievalUnavailableError as error:
                trouble = str(error)
            if trouble and trouble != told:
                tell(trouble)
            told = trouble

    async def _fill(self, versions: Sequence[str]) -> None:
        standing = await self._store.standing()
        if standing is not None and standing.version not in versions:
            raise ForeignKnowledgeError
        passages, vectors = await asyncio.to_thread(_read, self._index, self._wanted)
        await self._store.load(passages, vectors, version=self._wanted)


def _read(index: Path, version: str) -> tuple[list[Passage], Floats]:
    try:
        with opened(index) as file:
            if read_version(file) != version:
                raise RetrievalUnavailableError(
                    "The index in the data folder is not the one in force. Weaviate is"
                    " filled by the gateway that it was loaded into."
                )
            vectors = read_vectors(file)
            numbers = range(1, len(vectors.rows) + 1)
            return [read_passage(file, number) for number in numbers], vectors.rows
    except (sqlite3.Error, ValueError) as error:
        raise RetrievalUnavailableError(
            "The index in the data folder is damaged. Load the knowledge again."
        ) from error
