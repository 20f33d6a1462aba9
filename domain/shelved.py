"""What a gateway may quote: what is asked to be loaded and signed, and what was."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One version of a document, as it was loaded.

    Its hash is over everything of its passages that a reader is shown.
    """

    id: str
    title: str
    sha256: str
    passages: int
    kinds: tuple[str, ...]
    licences: tuple[str, ...]
    publisher: str = ""
    version: str = ""  # as the publisher counts
    effective: str = ""  # ISO dates; "" where there is none
    expires: str = ""  # the earliest of its passages
    reviewer: str = ""  # as the document says; a signature is an event


@dataclass(frozen=True, kw_only=True)
class KnowledgeLoaded:
    """From here on the gateway may quote other documents, from an index of a version.

    `content` is the hash of the file that keeps all passages. Documents that are
    neither new nor retired stay as they were.
    """

    topic: ClassVar[str] = "knowledge.loaded.v1"
    index: str
    embedder: str
    content: str
    passages: int  # of the whole index
    loaded: tuple[Edition, ...]
    retired: tuple[Edition, ...]
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KnowledgeSigned:
    """A clinician answers for documents, each as its hash says."""

    topic: ClassVar[str] = "knowledge.signed.v1"
    index: str  # which one was read
    documents: tuple[tuple[str, str], ...]  # id and hash
    by: str
    role: str
    registration: str  # with a professional register; "" where none was given
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LoadKnowledge:
    """Quote from these documents from here on; `instead_of` is the index before."""

    index: str
    instead_of: str
    embedder: str
    content: str
    documents: tuple[Edition, ...]
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SignKnowledge:
    """Answer for documents of an index, all of them where none is named."""

    index: str
    documents: tuple[str, ...]
    by: str
    role: str
    registration: str
    at: datetime


KnowledgeEvent = KnowledgeLoaded | KnowledgeSigned
KnowledgeCommand = LoadKnowledge | SignKnowledge
