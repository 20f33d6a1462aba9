"""What surrounds every request: its id, its caller, its answer to errors, one line."""

import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from aiohttp import web

from gateway.http import replies
from gateway.http.limits import IN_FLIGHT
from gateway.http.origin import certificate_of
from gateway.http.services import (
    PRINCIPAL,
    REQUEST_ID,
    SERVICES,
    address_of,
    path_of,
    route_of,
)
from gateway.logs import places
from gateway.problems import problem_of, unexpected

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LOG = structlog.get_logger()
_OPEN = ("/health/", "/metrics")
_PUBLIC = (
    "/fhir/metadata",
    "/fhir/.well-known/smart-configuration",
    "/.well-known/smart-configuration",
    "/auth/token",
)


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, count it, and write its one line."""
    request[REQUEST_ID] = str(uuid4())
    began = time.perf_counter()
    response = await handler(request)
    seconds = time.perf_counter() - began
    response.headers["X-Request-Id"] = request[REQUEST_ID]
    route = route_of(request) or "none"
    metrics = request.app[SERVICES].metrics
    metrics.requests.labels(request.method, route, str(response.status)).inc()
    metrics.request_seconds.labels(route).observe(seconds)
    _LOG.info(
        "http.answered",
        request=request[REQUEST_ID],
        method=request.method,
        route=route,
        status=response.status,
        client=request[PRINCIPAL].name if PRINCIPAL in request else "",
        milliseconds=round(seconds * 1000, 1),
    )
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an OperationOutcome; details of ours stay inside."""
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 (the one place that answers for all)
        problem = problem_of(error)
        if problem is None:
            problem = unexpected(request[REQUEST_ID])
            _LOG.error(
                "http.failed",
                request=request[REQUEST_ID],
                error=type(error).__name__,
                exception=places(error),
            )
        return replies.refused(problem)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let known callers in; health and metrics are open to the network they bind."""
    path = path_of(request)
    if path.startswith(_OPEN):
        return await handler(request)
    if path in _PUBLIC:
        with request.app[IN_FLIGHT].place_of_stranger(address_of(request)):
            return await handler(request)
    _require_text(request)
    doorkeeper = request.app[SERVICES].doorkeeper
    request[PRINCIPAL] = await doorkeeper.admit(
        request.headers.get("Authorization"), certificate_of(request)
    )
    replies.require_json(request)
    return await handler(request)


def _require_text(request: web.Request) -> None:
    """Refuse headers that are no UTF-8: nothing could be kept or compared by them."""
    for value in request.headers.values():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise web.HTTPBadRequest(
                reason="A header is not encoded in UTF-8: send it as plain text."
            ) from None
