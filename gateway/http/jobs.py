"""`Prefer: respond-async`: accepted now, carried out later (FHIR R4, async.html).

Only the client that asked may look, fetch or cancel. What it asked for is audited and
limited by its scopes as if it had waited.
"""

from email.utils import format_datetime
from typing import Final

from aiohttp import web

from fhir_profiles.lexical import serialise
from gateway.http import replies
from gateway.http.backlog import Backlog
from gateway.http.resumption import JOB, head_of
from gateway.http.services import PRINCIPAL
from gateway.intake.once import Once
from gateway.intake.unit import Unit
from gateway.problems import issue, outcome

BACKLOG = web.AppKey("backlog", Backlog)
_ACCEPTED: Final = 202
_LOOK_AGAIN_S = "1"


async def accepted(request: web.Request) -> web.Response:
    """Keep a request for later; say where its answer will be."""
    job_id = await request.app[BACKLOG].accept(head_of(request), await request.read())
    address = f"{replies.base_of(request)}/$job/{job_id}"
    said = issue(
        "informational",
        "The request is kept and will be carried out. Its answer will be at the "
        "Content-Location.",
        severity="information",
    )
    return replies.raw(
        serialise(outcome([said])),
        status=_ACCEPTED,
        headers={"Content-Location": address, "Retry-After": _LOOK_AGAIN_S},
    )


async def job(request: web.Request) -> web.Response:
    """Return the answer of an accepted request, or say how far it is."""
    backlog, job_id = request.app[BACKLOG], request.match_info["job"]
    before = backlog.place(job_id, request[PRINCIPAL].name)
    if before is not None:
        progress = f"{before} requests are before it" if before else "in progress"
        headers = {"X-Progress": progress, "Retry-After": _LOOK_AGAIN_S}
        return web.Response(status=_ACCEPTED, headers=headers)
    answer, body, until = await backlog.answer(job_id)
    headers = {**dict(answer.headers), "Expires": format_datetime(until, usegmt=True)}
    return web.Response(status=answer.status, body=body, headers=headers)


async def cancel(request: web.Request) -> web.Response:
    """Forget an accepted request that has not begun, or an answer that was fetched."""
    await request.app[BACKLOG].cancel(
        request.match_info["job"], request[PRINCIPAL].name
    )
    return web.Response(status=_ACCEPTED)


def once(request: web.Request, unit: Unit) -> Unit | Once:
    """Let a unit of an accepted request be carried out once, whatever happens."""
    job_id = request.get(JOB)
    if job_id is None:
        return unit
    first = min((each.index for each in unit.plan.changes), default=0)
    return Once(unit=unit, name=f"job/{job_id}/{first}")
