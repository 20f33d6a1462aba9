"""The language model and its knowledge, started as the settings say."""

import asyncio
from contextlib import AsyncExitStack
from threading import Event

import structlog

from gateway.settings import Settings
from gateway.workers.model import NO_MODEL
from inference import embedded_model
from inference.document import UnusableDocumentError
from inference.embedded_model import EmbeddedModelError
from inference.generate import OpenAIChat, compact_grammar
from inference.knowledge import load_folder, starter_folder
from inference.pipeline import Pipeline
from inference.retrieve.absent import AbsentRetriever
from inference.schema import Retriever

_LOG = structlog.get_logger()
_EMBEDDED_TOKENS = 640


async def start(settings: Settings, held: AsyncExitStack) -> Pipeline | str:
    """Start the model and open its knowledge; `held` stops them.

    Where there is no model, or it cannot be started, a sentence says so instead.
    """
    try:
        found = await generator(settings, held)
    except EmbeddedModelError as error:
        _LOG.error("model.unavailable", reason=str(error))
        return "the embedded language model could not be started"
    if found is None:
        return NO_MODEL
    stopping = Event()
    held.callback(stopping.set)
    retriever = await asyncio.to_thread(_retriever, settings, stopping)
    _LOG.info("model.ready", model=settings.model_name or "embedded")
    return Pipeline(retriever, found, shadow=settings.model_shadow)


def _retriever(settings: Settings, stopping: Event) -> Retriever:
    # These bring numpy and the tokenizer: a fifth of the start, and not all need them.
    from inference.embed import (  # noqa: PLC0415
        EmbeddingUnavailableError,
        MiniLmEmbedder,
    )
    from inference.retrieve.embedded import EmbeddedRetriever  # noqa: PLC0415
    from inference.retrieve.index import ensure_index  # noqa: PLC0415

    index = settings.data / "knowledge.sqlite"

    def give_up(_done: int, _total: int) -> None:
        if stopping.is_set():
            raise InterruptedError("The gateway stops before the index is built.")

    try:
        embedder = (
            MiniLmEmbedder(settings.embedding_folder)
            if settings.embedding_folder
            else MiniLmEmbedder.packaged()
        )
        passages = load_folder(settings.knowledge or starter_folder())
        index.parent.mkdir(parents=True, exist_ok=True)
        ensure_index(index, passages, embedder, give_up)
    except (EmbeddingUnavailableError, UnusableDocumentError, OSError) as error:
        _LOG.error("knowledge.unavailable", reason=str(error))
        return AbsentRetriever(str(error))
    return EmbeddedRetriever(index, embedder)


async def generator(settings: Settings, held: AsyncExitStack) -> OpenAIChat | None:
    """Return the model that the settings name, None for none; `held` ends it.

    Raises:
        EmbeddedModelError: the embedded model cannot run.

    """
    if settings.model_url and settings.model_name:
        remote = OpenAIChat(
            settings.model_url,
            settings.model_name,
            api_key=(
                settings.model_api_key.get_secret_value()
                if settings.model_api_key
                else None
            ),
            weights=settings.model_weights,
            timeout_s=settings.model_timeout_seconds,
            concurrency=settings.model_concurrency,
        )
        held.push_async_callback(remote.close)
        return remote
    if settings.model == "none":
        return None
    server = await embedded_model.start()
    held.push_async_callback(server.stop)
    local = OpenAIChat(
        server.url,
        server.identity.name,
        weights=server.identity.weights,
        server=server.identity.server,
        timeout_s=settings.model_timeout_seconds,
        max_tokens=_EMBEDDED_TOKENS,
        concurrency=1,
        constrain=compact_grammar,
    )
    held.push_async_callback(local.close)
    return local
