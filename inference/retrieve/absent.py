"""The knowledge base that could not be opened: assessments go on without evidence."""

from dataclasses import dataclass

from inference.schema import Query, Retrieval, RetrievalUnavailableError


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
