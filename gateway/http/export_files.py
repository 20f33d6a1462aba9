"""The files of a bulk export: made when they are fetched, bound to client and job.

An address holds, sealed, which part of which moment it is. It is good for as long as
the manifest is kept: until it expires, or the client deletes the export.
"""

from typing import Final

import msgspec
from aiohttp import web

from domain.errors import NotFoundError
from gateway.access import ForbiddenError, Principal
from gateway.http import paging
from gateway.http.disclosure import disclose_parameters
from gateway.http.export_request import NDJSON
from gateway.http.jobs import BACKLOG
from gateway.http.services import PRINCIPAL, SERVICES, Services
from gateway.http.sight import only_visible
from gateway.projections import resources, standing
from gateway.projections.asking import SearchError
from gateway.projections.standing import Slice
from gateway.projections.threads import in_thread

FILES: Final = "/$export-file/"
_ROUTE: Final = "$export-file"
_NONE: Final = "No file of an export of yours has this address, or it is gone."


def address_of(services: Services, caller: str, job_id: str, part: Slice) -> str:
    """Return the last step of the address of a part's file."""
    secret = services.ledger.derive("paging")
    return paging.seal(secret, [job_id, *part], caller=caller, route=_ROUTE)


async def export_file(request: web.Request) -> web.Response:
    """Return a part of what stood at the moment of the manifest, one resource a line.

    Raises:
        NotFoundError: the address is not the caller's, or the export is gone.
        ForbiddenError: the caller may not export this type any more.

    """
    services, caller = request.app[SERVICES], request[PRINCIPAL]
    job_id, part = _part(services, caller.name, request.match_info["file"])
    request.app[BACKLOG].place(job_id, caller.name)
    if not caller.exports(part.kind):
        raise ForbiddenError(f"Client '{caller.name}' may not export this any more.")
    disclose_parameters(request, [("_type", part.kind)])
    body = await in_thread(_read, services.holding(part.kind), caller, part)
    return web.Response(body=body, headers={"Content-Type": NDJSON})


def _part(services: Services, caller: str, token: str) -> tuple[str, Slice]:
    secret = services.ledger.derive("paging")
    try:
        place = paging.open(secret, token, caller=caller, route=_ROUTE)
    except SearchError:
        raise NotFoundError(_NONE) from None
    job_id, kind, *numbers = place
    return str(job_id), Slice(str(kind), *msgspec.convert(numbers, list[int]))


def _read(services: Services, caller: Principal, part: Slice) -> bytes:
    with services.reader() as connection:
        found = standing.serials(connection, part)
        stored = resources.all_numbered(services.database, connection, found)
    shown = only_visible(caller, stored)
    return b"".join(each.body + b"\n" for each in shown)
