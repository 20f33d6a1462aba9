"""Read, vread and history of one resource (FHIR R4, http.html#read, #history)."""

from typing import Any

from aiohttp import web

from domain.errors import GoneError, NotFoundError
from domain.values import Reference
from fhir_profiles.lexical import parse
from gateway.access import Permission
from gateway.http import replies
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.projections import resources
from gateway.projections.resources import Version


async def read(request: web.Request) -> web.Response:
    """Return the current version."""
    found = await _found(request, _address(request))
    if found.deleted:
        raise GoneError("This resource was deleted; its history still tells of it.")
    if request.headers.get("If-None-Match") == replies.etag(found.reference):
        return web.Response(status=304)
    return replies.version(found)


async def vread(request: web.Request) -> web.Response:
    """Return one version."""
    sent = request.match_info["version"]
    if not sent.isdecimal() or len(sent) > 18 or int(sent) == 0:  # noqa: PLR2004
        raise NotFoundError("Versions are numbered from 1.")
    address = Reference(
        type=request.match_info["type"],
        id=request.match_info["id"],
        version=int(sent),
    )
    found = await _found(request, address)
    if found.deleted:
        raise GoneError("This version says that the resource was deleted.")
    return replies.version(found)


async def history(request: web.Request) -> web.Response:
    """Return every version as a Bundle, newest first."""
    request[PRINCIPAL].require(Permission.READ)
    services = request.app[SERVICES]
    await services.projector.reach_head()
    with services.reader() as connection:
        versions = resources.history(services.database, connection, _address(request))
    if not versions:
        raise NotFoundError("No such resource is known here.")
    base = replies.base_of(request)
    entries = [_entry(each, base) for each in versions]
    return replies.body(
        {
            "resourceType": "Bundle",
            "type": "history",
            "total": len(entries),
            "link": [{"relation": "self", "url": f"{base}{request.rel_url.path[5:]}"}],
            "entry": entries,
        }
    )


async def _found(request: web.Request, address: Reference) -> Version:
    request[PRINCIPAL].require(Permission.READ)
    services = request.app[SERVICES]
    await services.projector.reach_head()
    with services.reader() as connection:
        found = resources.read(services.database, connection, address)
    if found is None:
        raise NotFoundError("No such resource is known here.")
    return found


def _address(request: web.Request) -> Reference:
    return Reference(type=request.match_info["type"], id=request.match_info["id"])


def _entry(found: Version, base: str) -> dict[str, Any]:
    current = found.reference.unversioned()
    method = "PUT" if found.reference.version > 1 else "POST"
    entry: dict[str, Any] = {
        "fullUrl": f"{base}/{current}",
        "request": {
            "method": "DELETE" if found.deleted else method,
            "url": current.type if method == "POST" else str(current),
        },
        "response": {
            "status": "204" if found.deleted else "200",
            "etag": replies.etag(found.reference),
            "lastModified": found.at.isoformat(),
        },
    }
    if not found.deleted:
        entry["resource"] = parse(found.body)
    return entry
