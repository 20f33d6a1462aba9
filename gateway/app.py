"""The composition root: every part, started and stopped in order."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog
from aiohttp import web

from gateway import language_model
from gateway.http import connection
from gateway.http.auditing import audit
from gateway.http.jobs import BACKLOG
from gateway.http.limits import IN_FLIGHT, InFlight, occupy, receive
from gateway.http.middleware import admit, answer_errors, observe
from gateway.http.routes import routes, tenant_routes
from gateway.http.services import SERVICES, Services
from gateway.http.set_aside import set_aside
from gateway.parts import open_backlog, open_parts
from gateway.settings import Settings
from gateway.store.errors import StoreError
from gateway.tenancy import Shared, together
from gateway.workers.admission import Candidate
from gateway.workers.attending import Attending
from gateway.workers.escalation import EscalationWorker
from gateway.workers.floor import FloorWorker
from gateway.workers.model import ModelWorker
from gateway.workers.supervision import Supervisor
from gateway.workers.witnessing import Witnessing, require_keys

Model = Callable[[AsyncExitStack], Awaitable[Candidate | str]]
_LOG = structlog.get_logger()
_MIB = 1024 * 1024


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def build(
    settings: Settings, *, clock: Callable[[], datetime] = now
) -> web.Application:
    """Return the gateway as an application that starts and stops its parts.

    Raises:
        SettingsError: with tenants, where data would be left that nobody serves; a
            witness's key cannot be read.

    """
    require_keys(settings.witnesses)
    model = partial(language_model.candidate, settings)
    if not settings.tenants:
        return _site(settings, clock=clock, model=model)
    shared = Shared(model)

    def tenant(own: Settings, prefix: str) -> web.Application:
        return _site(own, clock=clock, model=lambda _: shared.get(), prefix=prefix)

    return together(settings, site=tenant, close=shared.close)


def _site(
    settings: Settings, *, clock: Callable[[], datetime], model: Model, prefix: str = ""
) -> web.Application:
    """Return the application of one organisation; `prefix` where there are several."""
    app = web.Application(
        middlewares=[observe, audit, answer_errors, occupy, admit, receive, set_aside],
        handler_args=connection.options(settings),
        client_max_size=settings.body_limit_mib * _MIB,
    )
    app[IN_FLIGHT] = InFlight(settings)
    app.add_routes(tenant_routes() if prefix else routes())
    app.cleanup_ctx.append(
        lambda each: _run(each, settings, clock=clock, model=model, prefix=prefix)
    )
    return app


async def _run(
    app: web.Application,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    model: Model,
    prefix: str,
) -> AsyncIterator[None]:
    async with AsyncExitStack() as held:
        supervisor = Supervisor()
        services = open_parts(
            settings,
            clock=clock,
            held=held,
            stopped=supervisor.stopped,
            prefix=prefix,
        )
        app[SERVICES] = services
        app[BACKLOG] = open_backlog(services, held)
        held.push_async_callback(_record_the_rest, services)
        held.push_async_callback(supervisor.stop)
        await services.projector.catch_up()
        supervisor.start("projector", services.projector.run)
        supervisor.start("accesses", services.accesses.run)
        supervisor.start("audit", services.auditing.run)
        supervisor.start("floor", _floor(services).run)
        supervisor.start("escalation", _escalation(services).run)
        supervisor.start("backlog", lambda: app[BACKLOG].run(app))
        if settings.witnesses:
            supervisor.start("witnesses", _witnessing(services).run, vital=False)
        supervisor.start("model", lambda: _assess_by_model(services, model))
        _LOG.info("gateway.started", head=services.ledger.head)
        yield
        _LOG.info("gateway.stopping", head=services.ledger.head)


async def _record_the_rest(services: Services) -> None:
    """Append the accesses that wait, once nobody can make more."""
    try:
        await services.accesses.flush()
    except StoreError as error:
        waiting, name = services.accesses.waiting, type(error).__name__
        _LOG.error("audit.unrecorded", count=waiting, error=name)


def _floor(services: Services) -> FloorWorker:
    return FloorWorker(
        ledger=services.ledger,
        database=services.database,
        projector=services.projector,
        settings=services.settings,
        metrics=services.metrics,
        clock=services.clock,
    )


def _escalation(services: Services) -> EscalationWorker:
    return EscalationWorker(
        ledger=services.ledger,
        database=services.database,
        projector=services.projector,
        metrics=services.metrics,
        clock=services.clock,
    )


def _witnessing(services: Services) -> Witnessing:
    witnessing = Witnessing(services.settings.data, services.settings.witnesses)
    services.metrics.gauges["witness_age_seconds"].set_function(witnessing.age)
    return witnessing


def _attending(services: Services, candidate: Candidate) -> Attending:
    return Attending(
        ledger=services.ledger,
        candidate=candidate,
        checks=services.settings.model_checks,
        metrics=services.metrics,
        clock=services.clock,
    )


async def _knowing(
    services: Services, found: Candidate | str, held: AsyncExitStack
) -> Candidate | str:
    """Give a model the knowledge of this site."""
    # It brings the tokenizer, which a gateway without a model never needs.
    from gateway.knowledge_base import opened  # noqa: PLC0415

    if isinstance(found, str):
        return found
    retriever = await opened(services, held)
    return replace(found, pipeline=replace(found.pipeline, retriever=retriever))


async def _assess_by_model(services: Services, model: Model) -> None:
    """Start the model and its knowledge, then work; the floor never waits for it."""
    async with AsyncExitStack() as held:
        found = await _knowing(services, await model(held), held)
        worker = ModelWorker(
            ledger=services.ledger,
            database=services.database,
            projector=services.projector,
            metrics=services.metrics,
            clock=services.clock,
            model=found if isinstance(found, str) else _attending(services, found),
            concurrency=services.settings.model_concurrency,
        )
        await worker.run()
