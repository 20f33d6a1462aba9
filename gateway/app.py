"""The composition root: the only file that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from threading import Event

import structlog
from aiohttp import web

from domain.events import REGISTRY
from gateway.access import Doorkeeper
from gateway.http.middleware import admit, answer_errors, observe
from gateway.http.routes import routes
from gateway.http.services import SERVICES, Services
from gateway.metrics import Metrics
from gateway.projections.database import FILE, Database
from gateway.projections.projector import Projector
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.workers.floor import FloorWorker
from gateway.workers.model import NO_MODEL, ModelWorker
from gateway.workers.supervision import Supervisor
from inference.document import UnusableDocumentError
from inference.embedded_model import EmbeddedModelError, start
from inference.generate import OpenAIChat, compact_grammar
from inference.knowledge import load_folder, starter_folder
from inference.pipeline import Pipeline
from inference.retrieve.absent import AbsentRetriever
from inference.schema import Retriever

_LOG = structlog.get_logger()
_MIB = 1024 * 1024
_EMBEDDED_TOKENS = 640


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def build(
    settings: Settings, *, clock: Callable[[], datetime] = now
) -> web.Application:
    """Return the gateway as an application that starts and stops its parts."""
    app = web.Application(
        middlewares=[observe, answer_errors, admit],
        client_max_size=settings.body_limit_mib * _MIB,
    )
    app.add_routes(routes())
    app.cleanup_ctx.append(lambda each: _run(each, settings, clock))
    return app


async def _run(
    app: web.Application, settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    async with AsyncExitStack() as held:
        services, supervisor = _services(settings, clock, held)
        app[SERVICES] = services
        held.push_async_callback(supervisor.stop)
        await services.projector.catch_up()
        supervisor.start("projector", services.projector.run)
        supervisor.start("floor", _floor(services).run)
        supervisor.start("model", lambda: _assess_by_model(services, settings))
        _LOG.info("gateway.started", head=services.ledger.head)
        yield
        _LOG.info("gateway.stopping", head=services.ledger.head)


def _services(
    settings: Settings, clock: Callable[[], datetime], held: AsyncExitStack
) -> tuple[Services, Supervisor]:
    ledger = Ledger.open(
        settings.data,
        registry=REGISTRY,
        tenant=settings.tenant,
        kek_file=settings.key_file,
    )
    held.callback(ledger.close)
    database = Database(settings.data / FILE, ledger.derive("projections"))
    held.callback(database.close)
    projector = Projector(ledger, database)
    supervisor = Supervisor()
    services = Services(
        settings=settings,
        ledger=ledger,
        database=database,
        projector=projector,
        doorkeeper=Doorkeeper(settings.clients, dev=settings.dev),
        metrics=Metrics(),
        clock=clock,
        unready=lambda: _unready(supervisor, projector),
    )
    return services, supervisor


def _unready(supervisor: Supervisor, projector: Projector) -> list[str]:
    poisoned = projector.poisoned()
    skipped = (
        [f"{poisoned} events could not be projected: see the log for their positions."]
        if poisoned
        else []
    )
    return [*supervisor.stopped(), *skipped]


def _floor(services: Services) -> FloorWorker:
    return FloorWorker(
        ledger=services.ledger,
        database=services.database,
        projector=services.projector,
        settings=services.settings,
        metrics=services.metrics,
        clock=services.clock,
    )


async def _assess_by_model(services: Services, settings: Settings) -> None:
    """Start the model and its knowledge, then work; the floor never waits for it."""
    async with AsyncExitStack() as held:
        pipeline = await _pipeline(settings, held)
        worker = ModelWorker(
            ledger=services.ledger,
            database=services.database,
            projector=services.projector,
            metrics=services.metrics,
            clock=services.clock,
            pipeline=pipeline,
            concurrency=settings.model_concurrency,
        )
        await worker.run()


async def _pipeline(settings: Settings, held: AsyncExitStack) -> Pipeline | str:
    try:
        generator = await _generator(settings, held)
    except EmbeddedModelError as error:
        _LOG.error("model.unavailable", reason=str(error))
        return "the embedded language model could not be started"
    if generator is None:
        return NO_MODEL
    stopping = Event()
    held.callback(stopping.set)
    retriever = await asyncio.to_thread(_retriever, settings, stopping)
    _LOG.info("model.ready", model=settings.model_name or "embedded")
    return Pipeline(retriever, generator, shadow=settings.model_shadow)


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
        ensure_index(index, passages, embedder, give_up)
    except (EmbeddingUnavailableError, UnusableDocumentError, OSError) as error:
        _LOG.error("knowledge.unavailable", reason=str(error))
        return AbsentRetriever(str(error))
    return EmbeddedRetriever(index, embedder)


async def _generator(settings: Settings, held: AsyncExitStack) -> OpenAIChat | None:
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
    server = await start()
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
