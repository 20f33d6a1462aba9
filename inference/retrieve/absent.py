"""The knowledge base that could not be opened: assessments go on without evidence."""

from dataclasses import dataclass

from inference.schema import (
    Query,
    Retrieval,
    RetrievalUnavailableError,
    Retriever,
)


@dataclass(frozen=True)
class AbsentRetriever:
    """Refuses every search, with the reason why there is no knowledge base."""

    reason: str

    async def retrieve(self, query: Query) -> Retrieval:
        """Refuse.

        Raises:
            RetrievalUnavailableError: always.

        """
        _ = query
        raise RetrievalUnavailableError(self.reason)


@dataclass
class AwaitedRetriever:
    """Stands for knowledge that may come later: whoever opens it sets `found`."""

    found: Retriever

    async def retrieve(self, query: Query) -> Retrieval:
        """Search what is there by now; raises as that does."""
        return await self.found.retrieve(query)
