"""Which passages are shown with a case: relevant, mixed, foreign, none, conflicting.

Relevant ones are found by the retriever of the service in the knowledge that comes with
the package. A model must also learn what to do where they miss the point, contradict
each other, or are not there.
"""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import numpy as np

from domain.answers import PassageShown
from domain.values import Acuity, Case, Floor
from inference.collection import load_folder
from inference.embed import Embedder, open_embedder
from inference.knowledge import starter_folder
from inference.minilm import Floats
from inference.pipeline import query
from inference.prompt import shown
from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.index import ensure_index
from inference.schema import Passage, Query
from inference.showing import FULL, Showing

INDEX: Final = "evidence.sqlite"


class Shown(StrEnum):
    """What kind of evidence a prompt shows."""

    RELEVANT = "relevant"
    MIXED = "mixed"  # the best one among others that miss the point
    IRRELEVANT = "irrelevant"
    ABSENT = "absent"
    CONFLICTING = "conflicting"  # beside the best one a note that speaks against it


SHARES: Final = {
    Shown.RELEVANT: 0.65,
    Shown.MIXED: 0.15,
    Shown.IRRELEVANT: 0.06,
    Shown.CONFLICTING: 0.14,
}
"""Of the prompts that are to show evidence."""
# Less is found for calm complaints (measured: for 2 % of level 1 nothing, for 45 % of
# level 5). So that no evidence is no sign of calm, it is left out the more often the
# more urgent a case is.
_ABSENT: Final = {
    Acuity.RESUSCITATION: 0.44,
    Acuity.EMERGENT: 0.38,
    Acuity.URGENT: 0.18,
    Acuity.LESS_URGENT: 0.07,
    Acuity.NON_URGENT: 0.02,
}
# Notes that calm. None of their sentences may be quoted (`inference.quoting`): a model
# can see them, and has to rest on the other passage.
_CONTRARY: Final = (
    "Most patients with {0} have a harmless cause. It settles on its own.",
    "Ward note on {0}: this is not an emergency. The lowest urgency suffices.",
    "There is no need to hurry in {0}. It clears within a few days.",
    "Older teaching held that {0} is not serious and is seen without hurry.",
)


class RememberingEmbedder:
    """An embedder that embeds each text once: many cases ask for the same rules."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Floats] = {}

    @property
    def identity(self) -> str:
        """Name the model and its weights."""
        return self._embedder.identity

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed texts that will be searched, anew each time."""
        return self._embedder.embed_passages(texts)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed texts to search with: one float32 row each."""
        new = [each for each in dict.fromkeys(texts) if each not in self._known]
        if new:
            rows = self._embedder.embed_queries(new)
            self._known.update(zip(new, rows, strict=True))
        return np.stack([self._known[each] for each in texts])


class Library:
    """The knowledge base, searched for one case after the other.

    Args:
        passages: what may be shown.
        embedder: by which they are found.
        folder: where the index is kept, to be used again.
        showing: what a prompt shows of what is found.

    """

    def __init__(
        self,
        passages: Sequence[Passage],
        embedder: Embedder,
        folder: Path,
        showing: Showing = FULL,
    ) -> None:
        self._passages = tuple(passages)
        self._showing, self._most = showing, showing.most
        index = folder / INDEX
        self.version = ensure_index(index, self._passages, embedder)
        self._retriever = EmbeddedRetriever(index, RememberingEmbedder(embedder))

    @classmethod
    def starter(cls, folder: Path, showing: Showing = FULL) -> Self:
        """Open the knowledge that comes with the package."""
        return cls(load_folder(starter_folder()), open_embedder(), folder, showing)

    @property
    def licences(self) -> tuple[str, ...]:
        """Return the licences of what may be shown."""
        return tuple(sorted({passage.licence for passage in self._passages}))

    def possible(self, kind: Shown) -> Shown:
        """Return a kind that can be shown: one passage alone contradicts nothing."""
        several = kind in {Shown.MIXED, Shown.CONFLICTING}
        return Shown.RELEVANT if several and self._most == 1 else kind

    def evidence(
        self, case: Case, floor: Floor, kind: Shown, *, seed: str, skip: int = 0
    ) -> tuple[PassageShown, ...]:
        """Return the passages of one kind for a case, as a prompt shows them.

        What cannot be had is not made up: where nothing relevant is found, none is
        shown as relevant. `skip` passes over as many prompts' worth of the best.
        """
        if kind is Shown.ABSENT:
            return ()
        asked = query(case, floor)
        found = self._found(asked)[skip * self._most :]
        chance = random.Random(seed)  # noqa: S311 (which passage is shown is no secret)
        if kind is Shown.RELEVANT:
            return self._showing.of(found, case, floor)
        chosen = self._chosen(found, asked, kind, chance)
        return shown(chosen, most=self._most, length=self._showing.length)

    def _found(self, asked: Query) -> tuple[Passage, ...]:
        return asyncio.run(self._retriever.retrieve(asked)).passages

    def _chosen(
        self,
        found: Sequence[Passage],
        asked: Query,
        kind: Shown,
        chance: random.Random,
    ) -> Sequence[Passage]:
        if not found:
            return ()
        best = found[0]
        if kind is Shown.CONFLICTING:
            return _ordered(chance, [best, _contrary(best, chance)])
        foreign = self._foreign(found, asked, chance)
        if kind is Shown.IRRELEVANT:
            return foreign[: self._most]
        return _ordered(chance, [best, *foreign[: self._most - 1]])

    def _foreign(
        self, found: Sequence[Passage], asked: Query, chance: random.Random
    ) -> list[Passage]:
        """Return passages for such a patient, of documents in which nothing was found.

        `found` holds the six best only; they are far from all that bears on a case.
        """
        near = {_document(passage) for passage in found}
        may = [
            passage
            for passage in self._passages
            if _document(passage) not in near
            and {*passage.population} & {*asked.population}
        ]
        return chance.sample(may, min(len(may), self._most))


def kind_for(chance: random.Random, acuity: Acuity) -> Shown:
    """Draw a kind of evidence by its share."""
    if chance.random() < _ABSENT[acuity]:
        return Shown.ABSENT
    return chance.choices(list(SHARES), weights=list(SHARES.values()))[0]


def _ordered(chance: random.Random, passages: Sequence[Passage]) -> list[Passage]:
    return chance.sample(list(passages), len(passages))


def _contrary(best: Passage, chance: random.Random) -> Passage:
    topic = best.heading.rpartition(": ")[2].casefold() or "this complaint"
    text = chance.choice(_CONTRARY).format(topic)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Passage(
        id=f"contrary-{sha256[:12]}",
        text=text,
        heading=best.heading,
        source="Made for training: contradicts another passage",
        kind=best.kind,
        date=best.date,
        population=best.population,
        licence="Apache-2.0",
        sha256=sha256,
    )


def _document(passage: Passage) -> str:
    return passage.id.partition("#")[0]
