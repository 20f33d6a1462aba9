"""Whether the gateway lives, whether it is ready, and its metrics."""

from aiohttp import web

from gateway.http.services import SERVICES
from gateway.projections import worklist


async def live(_request: web.Request) -> web.Response:
    """Say that the process answers."""
    return web.json_response({"status": "live"})


async def ready(request: web.Request) -> web.Response:
    """Say that every worker runs, or which does not (503)."""
    reasons = request.app[SERVICES].unready()
    status = "not ready" if reasons else "ready"
    return web.json_response(
        {"status": status, "reasons": reasons}, status=503 if reasons else 200
    )


async def metrics(request: web.Request) -> web.Response:
    """Return the metrics in Prometheus' text format."""
    services = request.app[SERVICES]
    known, stats = services.metrics, services.ledger.stats
    known.head.set(services.ledger.head)
    known.groups.set(stats.groups)
    known.units.set(stats.units)
    known.lag.set(services.ledger.head - services.projector.position)
    with services.reader() as connection:
        known.open_cases.set(worklist.open_cases(connection))
    return web.Response(body=known.text(), content_type="text/plain", charset="utf-8")
