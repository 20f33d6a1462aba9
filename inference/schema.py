"""The seams of the pipeline and the closed contract that every model is held to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.answers import Message, ModelIdentity, Sampling

UNDECLARED = "undeclared"  # ModelIdentity.weights where nobody says what is served


class SourceKind(StrEnum):
    """The four kinds of knowledge source."""

    EMERGENCY_PROTOCOL = "emergency-protocol"
    CLINIC_GUIDELINE = "clinic-guideline"
    DRUG_INFORMATION = "drug-information"
    MEDICAL_REFERENCE = "medical-reference"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One citable piece of the knowledge base."""

    id: str
    text: str
    heading: str
    source: str  # citation: author or organisation, title, year
    kind: SourceKind
    date: str  # ISO date of the source
    population: tuple[str, ...]  # of "adult", "child", "pregnant"
    licence: str
    sha256: str
    reviewed: bool  # signed by a clinician
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Query:
    """Short sub-queries made of coded concepts: no name, no identifier."""

    texts: tuple[str, ...]
    population: tuple[str, ...]
    today: date


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """What was found; no passage at all is a valid result."""

    passages: tuple[Passage, ...]
    index: str  # version of the index: hash over passages and embedding model


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


class GeneratorUnavailableError(Exception):
    """The model server is down, slow, full or refuses; the floor stands alone."""


class Generator(Protocol):
    """Speaks to a model server."""

    async def generate(
        self, messages: Sequence[Message], *, schema: dict[str, object]
    ) -> Answer:
        """Return the model's answer to a prompt, constrained to a JSON Schema.

        Raises:
            GeneratorUnavailableError: no complete HTTP answer within the deadline.

        """
        ...
