"""What create, update and delete share: one change, one append, one answer."""

from aiohttp import web

from gateway.http import replies
from gateway.http.services import SERVICES, Services, context
from gateway.intake.change import Answer, Plan
from gateway.intake.unit import Unit
from gateway.projections import resources
from gateway.projections.projector import ReadModelsBehindError


async def carry_out(request: web.Request, plan: Plan) -> web.Response:
    """Append a plan of one change and answer with what stands now."""
    services = request.app[SERVICES]
    unit = Unit(plan=plan, context=context(request), window=services.settings.window)
    (answer,) = await services.append(unit)
    minimal = "return=minimal" in request.headers.get("Prefer", "")
    wanted = not minimal and answer.status != web.HTTPNoContent.status_code
    content = await _shown(services, answer) if wanted else b""
    return replies.answered(
        answer, content, base=replies.base_of(request), minimal=minimal
    )


async def _shown(services: Services, answer: Answer) -> bytes:
    """Return the stored version; nothing where it is durable and not shown yet."""
    try:
        await services.projector.reach_head()
    except ReadModelsBehindError:
        return b""
    with services.reader() as connection:
        found = resources.read(services.database, connection, answer.reference)
    return found.body if found else b""
