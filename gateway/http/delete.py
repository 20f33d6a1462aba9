"""Delete: DELETE /fhir/{type}/{id}, or conditionally (R4, http.html#delete)."""

from aiohttp import web

from gateway.access import Interaction
from gateway.http.change import carry_out
from gateway.http.preconditions import target
from gateway.http.services import PRINCIPAL
from gateway.intake.single import delete_plan


async def delete(request: web.Request) -> web.Response:
    """Withdraw a resource; its history stays, and so does the log."""
    request[PRINCIPAL].require(Interaction.DELETE, request.match_info["type"])
    plan = delete_plan(
        target(request),
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
    )
    return await carry_out(request, plan)
