"""Create: POST /fhir/{type} (FHIR R4, http.html#create)."""

from aiohttp import web

from gateway.access import Permission
from gateway.http.change import carry_out
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.intake.single import create_plan


async def create(request: web.Request) -> web.Response:
    """Keep a new resource, or find the one that `If-None-Exist` names."""
    request[PRINCIPAL].require(Permission.WRITE)
    plan = create_plan(
        await request.read(),
        kind=request.match_info["type"],
        if_none_exist=request.headers.get("If-None-Exist"),
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
        current=request.app[SERVICES].currency(),
    )
    return await carry_out(request, plan)
