"""What may be quoted and who signed it: read from the log, and as units of work."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import bookshelf
from domain.bookshelf import Bookshelf
from domain.shelved import Edition, KnowledgeCommand, KnowledgeEvent, LoadKnowledge
from gateway.intake.retelling import since
from gateway.intake.streams import KNOWLEDGE
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context, Erased, Recorded
from gateway.store.session import Session
from gateway.store.subjects import NOBODY
from inference.knowledge import Document, index_version


@dataclass(frozen=True, kw_only=True)
class KnowledgeUnit:
    """Lets the bookshelf decide; doing it again changes nothing."""

    command: KnowledgeCommand
    context: Context

    def __call__(self, session: Session) -> Bookshelf:
        """Append what it decides; return it as it is then.

        Raises:
            RuleError: it cannot be loaded or signed.

        """
        state, _ = session.load(KNOWLEDGE, bookshelf.evolve, bookshelf.EMPTY)
        events = bookshelf.decide(self.command, state)
        session.append(KNOWLEDGE, events, subject=NOBODY, context=self.context)
        after, _ = session.load(KNOWLEDGE, bookshelf.evolve, bookshelf.EMPTY)
        return after

    def reads(self, derive: Derive) -> Reads:
        """Foretell what the log will be asked for."""
        _ = derive
        return Reads({KNOWLEDGE}, set())


def told(stream: Callable[[str], Sequence[Recorded | Erased]]) -> Bookshelf:
    """Return the bookshelf as a log has it; `stream` gives the events of a stream."""
    told_of = stream(KNOWLEDGE)
    return since(bookshelf.EMPTY, told_of, bookshelf.evolve, KnowledgeEvent)[0]


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
