"""Read and vread, also only if changed (FHIR R4, http.html#read, #cread, #vread)."""

import re
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from domain.errors import GoneError, NotFoundError
from domain.values import Reference
from fhir_profiles.lexical import parse, serialise
from fhir_profiles.syntax import ID
from gateway.access import Interaction
from gateway.http.asking import Ask, Reply, answer, ask_of
from gateway.http.disclosure import patients_of
from gateway.http.erased import require_not_erased
from gateway.http.sight import require_visible
from gateway.http.subset import is_whole, subset
from gateway.intake.versions import is_version
from gateway.projections import resources
from gateway.projections.asking import SearchError
from gateway.projections.controls import Controls, controls
from gateway.projections.resources import Version
from gateway.projections.threads import in_thread

_ETAG = re.compile(rf'\s*(?:W/)?"?({ID}|\*)"?\s*')
_UNKNOWN = "No such resource is known here."


async def read(request: web.Request) -> web.Response:
    """Return the current version."""
    return answer(request, await newest(ask_of(request), _address(request)))


async def vread(request: web.Request) -> web.Response:
    """Return one version."""
    sent = request.match_info["version"]
    return answer(request, await exactly(ask_of(request), _address(request), sent))


async def newest(ask: Ask, address: Reference) -> Reply:
    """Return the current version of a resource.

    Raises:
        GoneError: it was deleted.
        NotFoundError: there was never one, or none that the caller may see.

    """
    ask.caller.require(Interaction.READ, address.type)
    part = _part(ask, address.type)
    gone = "This resource was deleted; its history still tells of it."
    await ask.services.projector.reach_head()
    return await in_thread(_reply, ask, address, part, gone=gone)


async def exactly(ask: Ask, address: Reference, version: str) -> Reply:
    """Return the version of a resource that has this number.

    Raises:
        GoneError: it says that the resource was deleted.
        NotFoundError: there was never one, or none that the caller may see.

    """
    ask.caller.require(Interaction.VREAD, address.type)
    if not is_version(version):
        raise NotFoundError("Versions are numbered from 1.")
    part = _part(ask, address.type)
    exact = Reference(type=address.type, id=address.id, version=int(version))
    gone = "This version says that the resource was deleted."
    await ask.services.projector.reach_head()
    return await in_thread(_reply, ask, exact, part, gone=gone)


def _reply(ask: Ask, address: Reference, part: Controls, *, gone: str) -> Reply:
    found = _visible(ask, address)
    if found.deleted:
        raise GoneError(gone)
    return _shown(ask, found, part)


def _visible(ask: Ask, address: Reference) -> Version:
    with ask.services.reader() as connection:
        found = resources.read(ask.services.database, connection, address)
    if found is None:
        require_not_erased(ask.services.ledger, address)
        raise NotFoundError(_UNKNOWN)
    require_visible(ask.caller, found)
    return found


def _part(ask: Ask, kind: str) -> Controls:
    """Read which part of the resource is wanted; other parameters mean nothing here.

    Raises:
        SearchError: a part that there is not.

    """
    given = [each for each in ask.parameters if each[0] in ("_summary", "_elements")]
    wanted, _ = controls(kind, given, lenient=ask.lenient)
    if wanted.only_count:
        raise SearchError("_summary", "A read has no count: leave _summary=count out.")
    return wanted


def _shown(ask: Ask, found: Version, part: Controls) -> Reply:
    told = Reply(reference=found.reference, at=found.at, patients=patients_of([found]))
    if _is_known(ask, found):
        return replace(told, status=304)
    if is_whole(part):
        return replace(told, body=found.body)
    return replace(told, body=serialise(subset(parse(found.body), part)))


def _is_known(ask: Ask, found: Version) -> bool:
    """Say whether the caller has it; If-None-Match alone counts where it is sent."""
    if ask.if_none_match is not None:
        named = [_ETAG.fullmatch(each) for each in ask.if_none_match.split(",")]
        known = {each[1] for each in named if each}
        return bool(known & {"*", str(found.reference.version)})
    since = ask.if_modified_since
    return since is not None and _cut(found.at, since) <= since


def _cut(at: datetime, like: datetime) -> datetime:
    """Cut an instant to what was shown of it: seconds in headers, else thousandths."""
    whole = at.microsecond // 1000 * 1000 if like.microsecond else 0
    return at.replace(microsecond=whole)


def _address(request: web.Request) -> Reference:
    return Reference(type=request.match_info["type"], id=request.match_info["id"])
