"""The knowledge in a Weaviate server: kept as the log says, and asked.

What speaks to Weaviate is imported here when it is needed: it takes a second of
processor time, and few gateways have such a server.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from domain.shelved import KnowledgeLoaded
from gateway.intake.streams import KNOWLEDGE
from gateway.settings import Settings
from gateway.store.errors import StoreError
from gateway.store.ledger import Ledger
from gateway.store.records import Erased
from inference.retrieve.absent import AbsentRetriever
from inference.schema import RetrievalUnavailableError, Retriever

if TYPE_CHECKING:
    from inference.embed import Embedder
    from inference.retrieve.weaviate.connection import Connection
    from inference.retrieve.weaviate.mirror import Mirror
    from inference.retrieve.weaviate.store import WeaviateStore

_LOG = structlog.get_logger()


async def opened(
    settings: Settings,
    index: Path,
    embedder: "Embedder",
    held: AsyncExitStack,
    *,
    ledger: Ledger,
) -> Retriever:
    """Return the retriever of the server that the settings name; `held` ends it.

    The server is filled from the index file, now and whenever it does not hold the
    version in force, as the log says. Until it does, searches say that they
    are not possible, and cases are assessed without evidence; for good where its
    tenant holds what another gateway has put there.
    """
    connection = await _connection(settings)
    held.push_async_callback(connection.close)
    store = _store(settings, connection, embedder)
    mirror = _mirror(store, index, partial(_versions, ledger))
    trouble = await _first_look(mirror)
    if trouble:
        return AbsentRetriever(trouble)
    keeping = asyncio.create_task(mirror.keep(_tell))
    held.push_async_callback(ended, keeping)
    return _retriever(settings, connection, embedder, mirror)


async def _first_look(mirror: "Mirror") -> str:
    """Fill the server; say what no later look can mend."""
    from inference.retrieve.weaviate.mirror import (  # noqa: PLC0415
        ForeignKnowledgeError,
    )

    try:
        await mirror.look()
    except ForeignKnowledgeError as error:
        _LOG.error("knowledge.unavailable", reason=str(error))
        return str(error)
    except RetrievalUnavailableError as error:
        _tell(str(error))
    return ""


async def _connection(settings: Settings) -> "Connection":
    """Make the connection, which is opened when it is first used."""
    connection = await asyncio.to_thread(_made, settings)
    if connection.server.shows_its_key:
        _LOG.warning("knowledge.plain", reason="Weaviate's API key travels in clear")
    return connection


def _made(settings: Settings) -> "Connection":
    from inference.retrieve.weaviate.connection import Connection  # noqa: PLC0415
    from inference.retrieve.weaviate.server import WeaviateServer  # noqa: PLC0415

    key = settings.weaviate_api_key
    return Connection(
        WeaviateServer(
            url=str(settings.weaviate_url),
            grpc_port=settings.weaviate_grpc_port,
            api_key=key.get_secret_value() if key else None,
            seconds=settings.weaviate_timeout_seconds,
        )
    )


def _store(
    settings: Settings, connection: "Connection", embedder: "Embedder"
) -> "WeaviateStore":
    from inference.retrieve.weaviate.store import WeaviateStore  # noqa: PLC0415

    return WeaviateStore(
        connection,
        tenant=settings.tenant_in_weaviate,
        embedder=embedder.identity,
        replicas=settings.weaviate_replicas,
    )


def _mirror(
    store: "WeaviateStore", index: Path, versions: Callable[[], Sequence[str]]
) -> "Mirror":
    from inference.retrieve.weaviate.mirror import Mirror  # noqa: PLC0415

    return Mirror(store, index, versions)


def _retriever(
    settings: Settings, connection: "Connection", embedder: "Embedder", mirror: "Mirror"
) -> Retriever:
    from inference.retrieve.weaviate.retriever import (  # noqa: PLC0415
        WeaviateRetriever,
    )

    tenant = settings.tenant_in_weaviate
    return WeaviateRetriever(connection, embedder, tenant=tenant, wanted=mirror.wanted)


def _versions(ledger: Ledger) -> list[str]:
    """Return every index version that was in force, in order."""
    try:
        recorded = ledger.stream(KNOWLEDGE)
    except StoreError as error:
        raise RetrievalUnavailableError("The log cannot be read.") from error
    events = (each.event for each in recorded if not isinstance(each, Erased))
    return [each.index for each in events if isinstance(each, KnowledgeLoaded)]


def _tell(trouble: str) -> None:
    _LOG.warning("knowledge.unavailable", reason=trouble)


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task, and wait until it is over."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
