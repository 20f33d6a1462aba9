"""Update: PUT /fhir/{type}/{id} (FHIR R4, http.html#update)."""

from aiohttp import web

from gateway.access import Permission
from gateway.http.change import carry_out
from gateway.http.preconditions import if_match
from gateway.http.review import is_review, review
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.intake.single import update_plan


async def update(request: web.Request) -> web.Response:
    """Keep a newer version; a PUT of a case's Task is a nurse's step."""
    if await is_review(request):
        return await review(request)
    request[PRINCIPAL].require(Permission.WRITE)
    plan = update_plan(
        await request.read(),
        kind=request.match_info["type"],
        identity=request.match_info["id"],
        if_match=if_match(request),
        current=request.app[SERVICES].currency(),
    )
    return await carry_out(request, plan)
