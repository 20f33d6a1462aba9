"""Update: PUT /fhir/{type}/{id}, or conditionally (R4, http.html#update)."""

from aiohttp import web

from gateway.http.change import carry_out
from gateway.http.preconditions import target
from gateway.http.review import is_review, review
from gateway.http.rights import require_write
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.intake.single import update_plan


async def update(request: web.Request) -> web.Response:
    """Keep a newer version; a PUT of a case's Task is a nurse's step."""
    if await is_review(request):
        return await review(request)
    require_write(request[PRINCIPAL], request.method, request.match_info["type"])
    current = request.app[SERVICES].currency()
    plan = update_plan(
        await request.read(),
        target(request),
        current,
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
    )
    return await carry_out(request, plan)
