"""The language model and its knowledge, started as the settings say."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import structlog

from gateway.settings import Settings
from gateway.workers.admission import Candidate
from gateway.workers.model import NO_MODEL
from inference import embedded_adapter, embedded_model
from inference.embedded_model import EmbeddedModelError, Lora
from inference.generate import OpenAIChat, addresses, compact_grammar
from inference.listing import objections
from inference.pipeline import Pipeline
from inference.retrieve.absent import AbsentRetriever
from inference.schema import UNDECLARED
from inference.showing import SHORT

_LOG = structlog.get_logger()
_EMBEDDED_TOKENS = 640
_UNOPENED = AbsentRetriever("The knowledge base was not opened yet.")


async def start(settings: Settings, held: AsyncExitStack) -> Pipeline | str:
    """Start the model with the settings' knowledge, which no log tells of.

    `held` stops them. Where there is no model, or it cannot be started, a sentence
    says so instead.
    """
    # It brings the tokenizer, which a gateway without a model never needs.
    from gateway.knowledge_base import unlogged  # noqa: PLC0415

    pipeline = await _started(settings, held)
    if isinstance(pipeline, str):
        return pipeline
    return replace(pipeline, retriever=await unlogged(settings, held))


async def _started(settings: Settings, held: AsyncExitStack) -> Pipeline | str:
    try:
        found = await generator(settings, held)
    except EmbeddedModelError as error:
        _LOG.error("model.unavailable", reason=str(error))
        return "the embedded language model could not be started"
    if found is None:
        return NO_MODEL
    _LOG.info("model.ready", model=settings.model_name or "embedded")
    pipeline = Pipeline(
        _UNOPENED,
        found,
        shadow=settings.model_shadow,
        jurisdiction=settings.jurisdiction or "",
    )
    short = settings.model_requests.short or not settings.model_url
    return replace(pipeline, showing=SHORT) if short else pipeline


async def candidate(settings: Settings, held: AsyncExitStack) -> Candidate | str:
    """Start the model, which has to pass its self-test to answer.

    Its knowledge is that of each site, so that the pipeline has none yet.
    """
    pipeline = await _started(settings, held)
    if isinstance(pipeline, str):
        return pipeline
    url, name = settings.model_url, settings.model_name
    adapter = await adapter_sha256(settings)
    if url is None or name is None:
        return Candidate(
            pipeline=pipeline,
            misnamed=_ours,
            adapter_sha256=adapter,
            cases=1,
            watched=False,
        )
    key = settings.model_api_key
    return Candidate(
        pipeline=pipeline,
        misnamed=partial(
            objections,
            addresses(url),
            name,
            weights=settings.model_weights or UNDECLARED,
            api_key=key.get_secret_value() if key else None,
        ),
        adapter_sha256=adapter,
    )


async def _ours() -> tuple[str, ...]:
    """Object to nothing: we started the server, and have hashed its weights."""
    return ()


async def generator(settings: Settings, held: AsyncExitStack) -> OpenAIChat | None:
    """Return the model that the settings name, None for none; `held` ends it.

    Raises:
        EmbeddedModelError: the embedded model cannot run.

    """
    if settings.model_url and settings.model_name:
        return _remote(settings, settings.model_url, settings.model_name, held)
    if settings.model == "none":
        return None
    return await _embedded(settings, held)


async def adapter_sha256(settings: Settings) -> str:
    """Return the hash of the files of the model's adapter, "" where none is known.

    Of a model server's it is what the settings declare.

    Raises:
        EmbeddedModelError: the adapter that comes with the program was changed.

    """
    if settings.model_url and settings.model_name:
        return settings.model_adapter_sha256 or ""
    lora = await _lora(settings)
    return lora.sha256 if lora else ""


async def _lora(settings: Settings) -> Lora | None:
    """Return the embedded model's adapter, which is hashed each time."""
    if not settings.embedded_adapter:
        return None
    return await asyncio.to_thread(embedded_adapter.shipped)


def _remote(
    settings: Settings, url: str, name: str, held: AsyncExitStack
) -> OpenAIChat:
    key = settings.model_api_key
    remote = OpenAIChat(
        url,
        name,
        api_key=key.get_secret_value() if key else None,
        weights=settings.model_weights,
        timeout_s=settings.model_timeout_seconds,
        concurrency=settings.model_concurrency,
        probabilities=settings.model_requests.probabilities,
        calibration=settings.model_requests.calibration,
        priorities=settings.model_requests.priorities,
    )
    held.push_async_callback(remote.close)
    return remote


async def _embedded(settings: Settings, held: AsyncExitStack) -> OpenAIChat:
    server = await embedded_model.start(
        lora=await _lora(settings), threads=settings.embedded_threads
    )
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
