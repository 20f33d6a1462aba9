"""The seams of the pipeline and the closed contract that every model is held to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.answers import NO_USAGE, Message, ModelIdentity, Sampling, Usage
from domain.values import Acuity

UNDECLARED = "undeclared"  # ModelIdentity.weights where nobody says what is served


class SourceKind(StrEnum):
    """The four kinds of knowledge source."""

    EMERGENCY_PROTOCOL = "emergency-protocol"
    CLINIC_GUIDELINE = "clinic-guideline"
    DRUG_INFORMATION = "drug-information"
    MEDICAL_REFERENCE = "medical-reference"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One citable piece of the knowledge base.

    `effective` and `expires` are the first and the last day on which it may be
    shown (ISO dates; "" where there is none). `jurisdiction` is a country or a
    region by ISO 3166 ("" where it holds anywhere), `reviewer` the clinician who
    answers for it ("" where none does).
    """

    id: str
    text: str
    heading: str
    source: str  # citation: author or organisation, title, year
    kind: SourceKind
    date: str  # ISO date of the source
    population: tuple[str, ...]  # of "adult", "child", "pregnant"
    licence: str
    sha256: str
    publisher: str = ""
    version: str = ""  # of the document, as its publisher counts
    effective: str = ""
    expires: str = ""
    jurisdiction: str = ""
    reviewer: str = ""
    score: float = 0.0

    @property
    def reviewed(self) -> bool:
        """Say whether a clinician answers for it."""
        return bool(self.reviewer)


@dataclass(frozen=True, kw_only=True)
class Query:
    """Short sub-queries made of coded concepts: no name, no identifier."""

    texts: tuple[str, ...]
    population: tuple[str, ...]
    today: date
    jurisdiction: str = ""  # of the site; "" where nobody said
    kinds: tuple[SourceKind, ...] = ()  # that are wanted; () for all


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """What was found; no passage at all is a valid result."""

    passages: tuple[Passage, ...]
    index: str  # version of the index: hash over passages and embedding model
    best: float = 0.0  # relevance of the best passage, shown or not (docs/retrieval.md)


class RetrievalUnavailableError(Exception):
    """The knowledge base cannot be searched; the assessment goes on without it."""


class Retriever(Protocol):
    """Finds passages for a query."""

    async def retrieve(self, query: Query) -> Retrieval:
        """Return the relevant passages, best first.

        Raises:
            RetrievalUnavailableError: the index is missing, corrupt or out of reach.

        """
        ...


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model server sent back, unread."""

    text: str
    finish: str  # OpenAI's finish_reason: "stop" is the only complete one
    model: ModelIdentity
    sampling: Sampling
    milliseconds: int
    usage: Usage = NO_USAGE
    probabilities: tuple[float, ...] = ()  # of levels 1 to 5, () where not told
    calibration: float = 1.0  # temperature that scaled them; 1.0: as the model told


class GeneratorUnavailableError(Exception):
    """The model server is down, slow, full or refuses; the floor stands alone."""


class Generator(Protocol):
    """Speaks to a model server."""

    async def generate(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, object],
        urgency: Acuity | None = None,
    ) -> Answer:
        """Return the model's answer to a prompt, constrained to a JSON Schema.

        `urgency` is how urgent the floor found the case: a server may let the more
        urgent go first.

        Raises:
            GeneratorUnavailableError: no complete HTTP answer within the deadline.

        """
        ...
