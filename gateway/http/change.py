"""What create, update and delete share: one change, one append, one answer."""

from aiohttp import web

from gateway.http import replies
from gateway.http.services import SERVICES, context
from gateway.intake.change import Plan
from gateway.intake.unit import Unit
from gateway.projections import resources


async def carry_out(request: web.Request, plan: Plan) -> web.Response:
    """Append a plan of one change and answer with what stands now."""
    services = request.app[SERVICES]
    unit = Unit(plan=plan, context=context(request), window=services.settings.window)
    (answer,) = await services.append(unit)
    minimal = "return=minimal" in request.headers.get("Prefer", "")
    content = b""
    if not minimal and answer.status != web.HTTPNoContent.status_code:
        await services.projector.reach_head()
        with services.reader() as connection:
            found = resources.read(services.database, connection, answer.reference)
        content = found.body if found else b""
    return replies.answered(
        answer, content, base=replies.base_of(request), minimal=minimal
    )
