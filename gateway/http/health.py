"""Whether the gateway lives, whether it is ready, and its metrics."""

from collections.abc import Iterable

from aiohttp import web

from gateway.http.services import SERVICES, Services
from gateway.projections import quarantine, worklist


async def live(_request: web.Request) -> web.Response:
    """Say that the process answers."""
    return web.json_response({"status": "live"})


async def ready(request: web.Request) -> web.Response:
    """Say that every worker runs, or which does not (503)."""
    return readiness(request.app[SERVICES].unready())


async def metrics(request: web.Request) -> web.Response:
    """Return the metrics in Prometheus' text format."""
    services = request.app[SERVICES]
    measure(services)
    return metrics_text(services.metrics.text())


def readiness(why_not: Iterable[str]) -> web.Response:
    """Answer ready where there is no reason against it."""
    reasons = list(why_not)
    status = "not ready" if reasons else "ready"
    return web.json_response(
        {"status": status, "reasons": reasons}, status=503 if reasons else 200
    )


def metrics_text(text: bytes) -> web.Response:
    """Answer in Prometheus' text format."""
    return web.Response(body=text, content_type="text/plain", charset="utf-8")


def measure(services: Services) -> None:
    """Set the gauges to what is the case now."""
    ledger, stats = services.ledger, services.ledger.stats
    with services.reader() as connection:
        waiting = worklist.open_cases(connection)
        late = worklist.overdue_tasks(connection)
        set_aside = quarantine.waiting(connection)
    values = {
        "log_position": ledger.head,
        "log_commits": stats.groups,
        "log_units": stats.units,
        "log_append_seconds": stats.append_seconds,
        "log_commit_seconds": stats.commit_seconds,
        "projection_seconds": services.projector.seconds,
        "projection_lag": ledger.head - services.projector.position,
        "open_cases": waiting,
        "overdue_tasks": late,
        "accesses_waiting": services.accesses.waiting,
        "audit_lag": ledger.head - services.auditing.position,
        "audit_poisoned": services.auditing.poisoned(),
        "quarantine_waiting": set_aside,
    }
    for name, value in values.items():
        services.metrics.gauges[name].set(value)
