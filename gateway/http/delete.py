"""Delete: DELETE /fhir/{type}/{id} (FHIR R4, http.html#delete)."""

from aiohttp import web

from gateway.access import Permission
from gateway.http.change import carry_out
from gateway.http.preconditions import if_match
from gateway.http.services import PRINCIPAL
from gateway.intake.single import delete_plan


async def delete(request: web.Request) -> web.Response:
    """Withdraw a resource; its history stays, and so does the log."""
    request[PRINCIPAL].require(Permission.WRITE)
    plan = delete_plan(
        kind=request.match_info["type"],
        identity=request.match_info["id"],
        if_match=if_match(request),
    )
    return await carry_out(request, plan)
