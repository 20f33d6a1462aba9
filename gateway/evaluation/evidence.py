"""Evidence that a model is given in place of what it would find: none, or the right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from gateway.evaluation.cases import CasesError, LabelledCase
from inference.schema import Passage, Query, Retrieval, Retriever

NONE, GOLD = "none", "gold"  # Retrieval.index, which the record of a run repeats


@dataclass(frozen=True, kw_only=True)
class GivenRetriever:
    """Finds the same passages whatever is asked."""

    passages: tuple[Passage, ...]
    index: str

    async def retrieve(self, query: Query) -> Retrieval:
        """Return the passages."""
        _ = query
        return Retrieval(passages=self.passages, index=self.index)


@dataclass(frozen=True, kw_only=True)
class TodaysRetriever:
    """Finds what is in force on the day of the evaluation.

    The days of labelled cases are past, shifted or made up: by them, knowledge would
    have expired or not begun that a patient of today is assessed with.
    """

    retriever: Retriever
    today: date

    async def retrieve(self, query: Query) -> Retrieval:
        """Search as if the case was of today.

        Raises:
            RetrievalUnavailableError: the index is missing, corrupt or out of reach.

        """
        return await self.retriever.retrieve(replace(query, today=self.today))


def withheld(cases: Iterable[LabelledCase]) -> dict[str, Retriever]:
    """Return no evidence at all for each case."""
    nothing = GivenRetriever(passages=(), index=NONE)
    return {case.id: nothing for case in cases}


def gold(
    cases: Iterable[LabelledCase], known: Mapping[str, Passage]
) -> dict[str, Retriever]:
    """Return the passages that cases name, for those that name any.

    Raises:
        CasesError: a passage is not in the knowledge base; its id is named.

    """
    return {
        case.id: GivenRetriever(
            passages=tuple(_passage(case, name, known) for name in case.gold),
            index=GOLD,
        )
        for case in cases
        if case.gold
    }


def _passage(case: LabelledCase, name: str, known: Mapping[str, Passage]) -> Passage:
    if name not in known:
        raise CasesError(
            f"Case {case.id} names the passage {name}, which the knowledge base does"
            " not hold: take an id that `triage-gateway knowledge list` shows."
        )
    return known[name]
