"""What may be quoted and who signed it: read from the log, and as units of work."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from domain import bookshelf
from domain.bookshelf import Bookshelf
from domain.shelved import Edition, KnowledgeCommand, KnowledgeEvent, LoadKnowledge
from gateway.intake.matter import Matter, MatterUnit
from gateway.intake.streams import KNOWLEDGE
from inference.knowledge import Document, index_version

BOOKSHELF: Final = Matter(
    stream=KNOWLEDGE,
    initial=bookshelf.EMPTY,
    decide=bookshelf.decide,
    evolve=bookshelf.evolve,
    events=KnowledgeEvent,
)
told = BOOKSHELF.told


class KnowledgeUnit(MatterUnit[Bookshelf, KnowledgeCommand]):
    """Lets the bookshelf decide; refused is what cannot be loaded or signed."""

    matter = BOOKSHELF


def loading(
    documents: Sequence[Document],
    *,
    content: str,
    embedder: str,
    instead_of: str,
    by: str,
    at: datetime,
) -> LoadKnowledge:
    """Return the command to quote from documents, kept under a hash, from now on."""
    passages = [passage for each in documents for passage in each.passages]
    return LoadKnowledge(
        index=index_version(passages, embedder=embedder),
        instead_of=instead_of,
        embedder=embedder,
        content=content,
        documents=tuple(map(edition, documents)),
        by=by,
        at=at,
    )


def edition(document: Document) -> Edition:
    """Return what the log says of a document."""
    first = document.passages[0]
    expiries = [each.expires for each in document.passages if each.expires]
    return Edition(
        id=document.id,
        title=document.title,
        sha256=document.sha256,
        passages=len(document.passages),
        kinds=_distinct(each.kind.value for each in document.passages),
        licences=_distinct(each.licence for each in document.passages),
        publisher=first.publisher,
        version=first.version,
        effective=first.effective,
        expires=min(expiries, default=""),
        reviewer=first.reviewer,
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
