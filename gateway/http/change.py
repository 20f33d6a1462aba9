"""What create, update, patch and delete share: one change, one append, one answer."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import structlog
from aiohttp import web

from fhir_profiles.lexical import serialise
from gateway.access import Principal
from gateway.http import replies
from gateway.http.disclosure import TRAIL, disclose_standing
from gateway.http.outcomes import told
from gateway.http.preferences import preferences
from gateway.http.rights import permit
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.http.sight import visible
from gateway.intake.change import Answer, Plan
from gateway.intake.unit import Unit
from gateway.projections import resources
from gateway.projections.projector import ReadModelsBehindError
from gateway.projections.threads import in_thread
from gateway.store.errors import StoreError

_UNREAD: Final = (sqlite3.Error, StoreError, OSError, MemoryError)
_LOG = structlog.get_logger()


async def carry_out(request: web.Request, plan: Plan) -> web.Response:
    """Append a plan of one change and answer as the caller prefers (R4, #ops)."""
    services = request.app[SERVICES]
    unit = Unit(
        plan=plan,
        context=context(request),
        window=services.settings.window,
        permit=permit(request[PRINCIPAL]),
    )
    (answer,) = await services.append(unit)
    base = replies.base_of(request)
    match preferences(request).returned:
        case "minimal":
            content = b""
        case "OperationOutcome":
            content = serialise(told(answer, plan.changes[0].warnings))
        case _:
            (content,) = await shown(request, [answer])
    if not request[TRAIL].wrote:
        disclose_standing(request, answer.reference, content)
    return replies.answered(answer, content, base=base)


async def shown(request: web.Request, answers: Sequence[Answer]) -> list[bytes]:
    """Return the stored versions; nothing for those that may not be shown.

    Nor is anything shown that is durable and not in the read models yet, or that these
    do not give: a caller who got an error for it would send it again.
    """
    services = request.app[SERVICES]
    if not any(map(_is_there, answers)):
        return [b"" for _ in answers]
    try:
        await services.projector.reach_head()
        return await in_thread(_stored, services, request[PRINCIPAL], answers)
    except (ReadModelsBehindError, *_UNREAD) as error:
        _LOG.warning("write.unshown", error=type(error).__name__)
        return [b"" for _ in answers]


def _stored(
    services: Services, caller: Principal, answers: Sequence[Answer]
) -> list[bytes]:
    return [_body(services, caller, each) for each in answers]


def _body(services: Services, caller: Principal, answer: Answer) -> bytes:
    if answer.reference is None or not _is_there(answer):
        return b""
    with services.reader() as connection:
        found = resources.read(services.database, connection, answer.reference)
    return found.body if found is not None and visible(caller, found) else b""


def _is_there(answer: Answer) -> bool:
    return answer.status != web.HTTPNoContent.status_code
