"""The knowledge base of a gateway, opened as its log says."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from threading import Event
from uuid import uuid4

import structlog

from domain.bookshelf import Bookshelf
from gateway import knowledge_server
from gateway.http.services import Services
from gateway.intake.bookshelf import KnowledgeUnit, loading, told
from gateway.knowledge_server import ended
from gateway.settings import Settings
from gateway.store.errors import StoreError
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from inference.collection import collect
from inference.document import UnusableDocumentError
from inference.embed import Embedder, EmbeddingUnavailableError, open_embedder
from inference.knowledge import Document, starter_folder
from inference.retrieve.absent import AbsentRetriever, AwaitedRetriever
from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.rerank import CrossEncoderReranker, RerankerUnavailableError
from inference.schema import Retriever
from inference.shelf import (
    INDEX,
    ShelfError,
    alone,
    keep,
    kept,
    prepare,
    put_in_place,
    version_of,
)
from inference.tokens import counter

FIRST = "the gateway, at its first start"
AGAIN_S = 5.0  # until knowledge that could not be opened is tried again; then longer
_SELDOM_S = 600.0
_LOG = structlog.get_logger()
_REASONS = (
    *(EmbeddingUnavailableError, UnusableDocumentError, ShelfError, StoreError),
    *(OSError, sqlite3.Error, RerankerUnavailableError),
)
Progress = Callable[[int, int], None]


async def opened(services: Services, held: AsyncExitStack) -> Retriever:
    """Open what the log says was loaded; at the first start that is the starter base.

    Where it cannot be opened, the retriever says why, there is no evidence, and it is
    tried again until it can: a load that was running then ends, a file comes back.
    """
    found = await _once(services, held)
    if not isinstance(found, AbsentRetriever):
        return found
    awaited = AwaitedRetriever(found)
    opening = asyncio.create_task(_until_there(awaited, services, held))
    held.push_async_callback(ended, opening)
    return awaited


async def _until_there(
    awaited: AwaitedRetriever, services: Services, held: AsyncExitStack
) -> None:
    pause = AGAIN_S
    while isinstance(awaited.found, AbsentRetriever):
        await asyncio.sleep(pause)
        awaited.found = await _once(services, held)
        pause = min(2 * pause, _SELDOM_S)
    _LOG.info("knowledge.opened")


async def _once(services: Services, held: AsyncExitStack) -> Retriever:
    def open_it(progress: Progress) -> Retriever:
        return _opened(services.settings, services.ledger, services.clock(), progress)

    found = await _apart(open_it, held)
    if services.settings.weaviate_url and isinstance(found, EmbeddedRetriever):
        return await _in_server(services, held)
    return found


async def unlogged(settings: Settings, held: AsyncExitStack) -> Retriever:
    """Open the documents of the settings for an evaluation, which has no log."""

    def open_it(progress: Progress) -> Retriever:
        embedder = embedder_of(settings.embedding_folder)
        documents = first_documents(settings)
        version = _prepared(settings.data, documents, embedder, progress)
        put_in_place(settings.data, version)
        return _retriever(settings, embedder)

    return await _apart(open_it, held)


def embedder_of(folder: Path | None) -> Embedder:
    """Return the embedding model of a folder; without one, that of the wheel.

    Raises:
        EmbeddingUnavailableError: there is none.

    """
    return open_embedder(str(folder) if folder else "")


async def _in_server(services: Services, held: AsyncExitStack) -> Retriever:
    """Ask a Weaviate server instead of the index, from which it is filled."""
    settings = services.settings
    return await knowledge_server.opened(
        settings,
        settings.data / INDEX,
        await asyncio.to_thread(embedder_of, settings.embedding_folder),
        held,
        ledger=services.ledger,
    )


async def _apart(
    open_it: Callable[[Progress], Retriever], held: AsyncExitStack
) -> Retriever:
    """Open a knowledge base in a thread, which ends early where the gateway does."""
    stopping = Event()
    held.callback(stopping.set)

    def give_up(_done: int, _total: int) -> None:
        if stopping.is_set():
            raise InterruptedError("The gateway stops before the index is built.")

    try:
        return await asyncio.to_thread(open_it, give_up)
    except _REASONS as error:
        _LOG.error("knowledge.unavailable", reason=str(error))
        return AbsentRetriever(str(error))


def _opened(
    settings: Settings, ledger: Ledger, at: datetime, progress: Progress
) -> Retriever:
    embedder = embedder_of(settings.embedding_folder)
    book = told(ledger.stream)
    if not book.index:
        book = _begin(settings, ledger, embedder, at, progress)
    _require_same(book, embedder)
    if version_of(settings.data / INDEX) != book.index:
        with alone(settings.data):
            _restore(settings, book, embedder, progress)
    return _retriever(settings, embedder)


def _retriever(settings: Settings, embedder: Embedder) -> EmbeddedRetriever:
    folder = settings.reranker_folder
    return EmbeddedRetriever(
        settings.data / INDEX,
        embedder,
        reranker=CrossEncoderReranker(folder) if folder else None,
    )


def _begin(
    settings: Settings,
    ledger: Ledger,
    embedder: Embedder,
    at: datetime,
    progress: Progress,
) -> Bookshelf:
    """Load the first knowledge; another gateway of the same log may have been first."""
    with alone(settings.data):
        documents = first_documents(settings)
        content = keep(settings.data, documents)
        _prepared(settings.data, documents, embedder, progress)
        command = loading(
            documents,
            content=content,
            embedder=embedder.identity,
            instead_of="",
            by=FIRST,
            at=at,
        )
        context = Context(at=at, actor=settings.tenant, request=str(uuid4()))
        book = told(ledger.stream)
        if book.index:
            return book
        return ledger.submit_sync(KnowledgeUnit(command=command, context=context))


def _restore(
    settings: Settings, book: Bookshelf, embedder: Embedder, progress: Progress
) -> None:
    """Make the index of the log be the one in use, after whatever came between."""
    if put_in_place(settings.data, book.index):
        return
    try:
        documents = kept(settings.data, book.content)
    except ShelfError:
        documents = first_documents(settings)
        if keep(settings.data, documents) != book.content:
            raise
    _prepared(settings.data, documents, embedder, progress)
    if not put_in_place(settings.data, book.index):
        raise ShelfError(
            "The documents in this data folder do not give the index of the log: load"
            " them again (triage-gateway knowledge load)."
        )


def _prepared(
    data: Path, documents: list[Document], embedder: Embedder, progress: Progress
) -> str:
    passages = [passage for each in documents for passage in each.passages]
    data.mkdir(parents=True, exist_ok=True)
    (data / "knowledge").mkdir(exist_ok=True)
    return prepare(data, passages, embedder, progress)


def first_documents(settings: Settings) -> list[Document]:
    """Read the documents that a gateway begins with.

    Raises:
        UnusableDocumentError: one of them is refused.

    """
    folder = settings.knowledge or starter_folder()
    found = collect([folder], count=counter(settings.embedding_folder))
    if found.refused:
        raise UnusableDocumentError(found.refused[0])
    return list(found.documents)


def _require_same(book: Bookshelf, embedder: Embedder) -> None:
    if book.embedder != embedder.identity:
        raise ShelfError(
            f"The knowledge was embedded by {book.embedder}, and the settings name"
            f" {embedder.identity}: vectors of two models cannot be compared. Name the"
            " former, or load again with this one (triage-gateway knowledge load)."
        )
