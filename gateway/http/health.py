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
    ledger, stats = services.ledger, services.ledger.stats
    with services.reader() as connection:
        waiting = worklist.open_cases(connection)
    values = {
        "log_position": ledger.head,
        "log_commits": stats.groups,
        "log_units": stats.units,
        "log_append_seconds": stats.append_seconds,
        "log_commit_seconds": stats.commit_seconds,
        "projection_lag": ledger.head - services.projector.position,
        "open_cases": waiting,
    }
    for name, value in values.items():
        services.metrics.gauges[name].set(value)
    text = services.metrics.text()
    return web.Response(body=text, content_type="text/plain", charset="utf-8")
