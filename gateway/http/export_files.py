"""The files of a bulk export: made when they are fetched, bound to client and job.

An address holds, sealed, which part of which moment it is. It is good for as long as
the manifest is kept: until it expires, or the client deletes the export.
"""

from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from domain.errors import NotFoundError
from gateway.access import ForbiddenError, Principal
from gateway.http import paging
from gateway.http.disclosure import disclose_parameters
from gateway.http.export_lines import lines
from gateway.http.export_request import NDJSON
from gateway.http.jobs import BACKLOG
from gateway.http.services import PRINCIPAL, SERVICES, Services
from gateway.projections import resources, standing
from gateway.projections.asking import SearchError
from gateway.projections.standing import Slice
from gateway.projections.threads import in_thread

FILES: Final = "/$export-file/"
_ROUTE: Final = "$export-file"
_NONE: Final = "No file of an export of yours has this address, or it is gone."


class File(NamedTuple):
    """A part of what an export gives, and whether only what concerns a patient is."""

    job_id: str
    of_patients: bool
    part: Slice


def address_of(services: Services, caller: str, file: File) -> str:
    """Return the last step of a file's address."""
    secret = services.ledger.derive("paging")
    place: paging.Place = [file.job_id, file.of_patients, *file.part]
    return paging.seal(secret, place, caller=caller, route=_ROUTE)


async def export_file(request: web.Request) -> web.Response:
    """Return a part of what stood, or was gone, at the moment of the manifest.

    Raises:
        NotFoundError: the address is not the caller's, or the export is gone.
        ForbiddenError: the caller may not export this type any more.

    """
    services, caller = request.app[SERVICES], request[PRINCIPAL]
    file = _opened(services, caller.name, request.match_info["file"])
    request.app[BACKLOG].place(file.job_id, caller.name)
    kind = file.part.kind
    if not caller.exports(kind):
        raise ForbiddenError(f"Client '{caller.name}' may not export this any more.")
    disclose_parameters(request, [("_type", kind)])
    body = await in_thread(_read, services.holding(kind), caller, file)
    return web.Response(body=body, headers={"Content-Type": NDJSON})


def _opened(services: Services, caller: str, token: str) -> File:
    secret = services.ledger.derive("paging")
    try:
        place = paging.open(secret, token, caller=caller, route=_ROUTE)
    except SearchError:
        raise NotFoundError(_NONE) from None
    job_id, of_patients, *part = place
    try:
        return File(str(job_id), bool(of_patients), msgspec.convert(part, Slice))
    except msgspec.ValidationError:  # an older program sealed other parts
        raise NotFoundError(_NONE) from None


def _read(services: Services, caller: Principal, file: File) -> bytes:
    with services.reader() as connection:
        found = standing.serials(connection, file.part)
        stored = resources.all_numbered(services.database, connection, found)
        shown = lines(
            services.database,
            connection,
            stored,
            caller=caller,
            of_patients=file.of_patients,
        )
        return b"".join(each + b"\n" for each in shown)
