"""Patch: PATCH /fhir/{type}/{id}, or conditionally (R4, http.html#patch)."""

from aiohttp import web

from gateway.access import Interaction
from gateway.http.change import carry_out
from gateway.http.preconditions import target
from gateway.http.rights import require_change
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.intake.single import patch_plan


async def patch(request: web.Request) -> web.Response:
    """Change parts of a resource by JSON Patch or FHIRPath Patch.

    What is stored is what the gateway writes: the parts that the patch does not touch
    keep what they said, decimals to the last digit.
    """
    request[PRINCIPAL].require(Interaction.PATCH, request.match_info["type"])
    plan = patch_plan(
        await request.read(),
        target(request),
        request.app[SERVICES].currency(),
        media_type=request.content_type,
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
    )
    require_change(request[PRINCIPAL], plan.changes[0])
    return await carry_out(request, plan)
