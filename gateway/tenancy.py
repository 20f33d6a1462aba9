"""Several organisations behind one gateway, each an application of its own.

A tenant has its own log, keys, read models, clients and workers, below `/t/NAME`: a
handler reaches no parts but those of the application that the request was routed to.
Shared are the port, the limits of a request's size, and the language model, which is
handed one case at a time and keeps nothing of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Generic, TypeVar

from aiohttp import web

from gateway.http import connection, health, replies
from gateway.http.middleware import Handler
from gateway.http.services import SERVICES
from gateway.metrics import labelled
from gateway.problems import problem_of
from gateway.settings import Settings, SettingsError, Tenant
from gateway.store.schema import LOG_FILE, SERVER_FILE

T = TypeVar("T")
_MIB = 1024 * 1024
Sites = Mapping[str, web.Application]


class Shared(Generic[T]):
    """What all tenants use: started for the first who asks, stopped after the last."""

    def __init__(self, start: Callable[[AsyncExitStack], Awaitable[T]]) -> None:
        self._start = start
        self._held = AsyncExitStack()
        self._starting: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return it, once it is there; whoever fails to start it may try again."""
        if self._starting is None or _failed(self._starting):
            self._starting = asyncio.create_task(self._started())
        return await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Stop it."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._held.aclose()

    async def _started(self) -> T:
        return await self._start(self._held)


def prefix_of(tenant: Tenant) -> str:
    """Return where the paths of a tenant begin."""
    return f"/t/{tenant.name}"


def together(
    settings: Settings,
    *,
    site: Callable[[Settings, str], web.Application],
    close: Callable[[], Awaitable[None]],
) -> web.Application:
    """Return one application that serves every tenant of the settings.

    `site` makes the application of one tenant, `close` ends what all of them use.

    Raises:
        SettingsError: there is a log of a gateway without tenants, which nobody serves.

    """
    _require_served(settings)
    root = web.Application(
        middlewares=[answer_outside],
        handler_args=connection.options(settings),
        client_max_size=settings.body_limit_mib * _MIB,
    )
    sites = {
        tenant.name: site(settings.of(tenant), prefix_of(tenant))
        for tenant in settings.tenants
    }
    root.add_routes(_routes(sites))
    for tenant in settings.tenants:
        root.add_subapp(prefix_of(tenant), sites[tenant.name])

    async def ended(_: web.Application) -> None:
        await close()

    root.on_cleanup.append(ended)  # after those of the tenants, which came before
    return root


@web.middleware
async def answer_outside(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what is at no tenant's address as a tenant's gateway would."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return replies.refused(problem)


def _routes(sites: Sites) -> list[web.AbstractRouteDef]:
    async def ready(_: web.Request) -> web.Response:
        """Say that every worker of every tenant runs, or which does not (503)."""
        return health.readiness(
            f"{name}: {reason}"
            for name, each in sites.items()
            for reason in each[SERVICES].unready()
        )

    async def metrics(_: web.Request) -> web.Response:
        """Return the metrics of all tenants, each with the label `tenant`."""
        for each in sites.values():
            health.measure(each[SERVICES])
        named = {name: each[SERVICES].metrics for name, each in sites.items()}
        return health.metrics_text(labelled(named))

    return [
        web.get("/health/live", health.live),
        web.get("/health/ready", ready),
        web.get("/metrics", metrics),
    ]


def _require_served(settings: Settings) -> None:
    """Refuse to pass over data that were kept before there were tenants."""
    folders = [tenant.folder(settings.data) for tenant in settings.tenants]
    files = (settings.data / LOG_FILE, settings.data / SERVER_FILE)
    if any(each.exists() for each in files) and settings.data not in folders:
        raise SettingsError(
            f"{settings.data} holds the log of a gateway without tenants: name it as "
            "the data of one of the tenants, or choose another data folder."
        )


def _failed(task: "asyncio.Task[T]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
