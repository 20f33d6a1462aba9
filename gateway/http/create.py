"""Create: POST /fhir/{type} (FHIR R4, http.html#create)."""

from aiohttp import web

from gateway.access import Interaction
from gateway.http.change import carry_out
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.intake.single import create_plan


async def create(request: web.Request) -> web.Response:
    """Keep a new resource, or find the one that `If-None-Exist` names."""
    request[PRINCIPAL].require(Interaction.CREATE, request.match_info["type"])
    condition = request.headers.get("If-None-Exist")
    plan = create_plan(
        await request.read(),
        kind=request.match_info["type"],
        if_none_exist=_in_address(request) if condition is None else condition,
        key=request.headers.get("Idempotency-Key"),
        actor=request[PRINCIPAL].name,
        current=request.app[SERVICES].currency(),
    )
    return await carry_out(request, plan)


def _in_address(request: web.Request) -> str | None:
    """Return a condition that stands behind the address.

    R4 has the header for it, but some clients (fhirpy, for one) write it there; passed
    over, it would make a duplicate.
    """
    asked = [each for each in request.query if each not in ("_format", "_pretty")]
    return request.rel_url.raw_query_string if asked else None
