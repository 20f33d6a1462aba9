"""History of a resource, a type, or everything (FHIR R4, http.html#history)."""

from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from domain.errors import NotFoundError
from domain.values import Reference
from fhir_profiles.instants import Span, span
from gateway.access import Interaction
from gateway.http import replies
from gateway.http.asking import Ask, Reply, answer, ask_of, bundle
from gateway.http.erased import require_not_erased
from gateway.http.paging import Place
from gateway.http.sight import only_visible, require_visible
from gateway.projections import history as histories
from gateway.projections import resources
from gateway.projections.asking import SearchError
from gateway.projections.history import Told, Wanted
from gateway.projections.resources import Version
from gateway.projections.threads import in_thread

DEFAULT_COUNT = 50
LARGEST_COUNT = 1000
_DIGITS = 9
_UNKNOWN = "No such resource is known here."


@dataclass(frozen=True, kw_only=True)
class _Page:
    wanted: Wanted
    count: int
    after: int | None


async def history(request: web.Request) -> web.Response:
    """Return the versions of a resource, of a type, or of all, newest first."""
    kind, identity = (request.match_info.get(name) for name in ("type", "id"))
    return answer(request, await told(ask_of(request), kind, identity))


async def told(ask: Ask, kind: str | None, identity: str | None) -> Reply:
    """Return a page of the history.

    Raises:
        NotFoundError: the resource was never here, or the caller may not see it.
        SearchError: a parameter that is unknown or not understood.

    """
    ask.caller.require(_interaction(kind, identity), kind)
    page = _understood(ask, kind, identity)
    await ask.services.projector.reach_head()
    return await in_thread(_reply, ask, page)


def _interaction(kind: str | None, identity: str | None) -> Interaction:
    if kind is None:
        return Interaction.HISTORY_SYSTEM
    return Interaction.HISTORY if identity else Interaction.HISTORY_TYPE


def _understood(ask: Ask, kind: str | None, identity: str | None) -> _Page:
    given: dict[str, str] = {}
    for name, value in ask.parameters:
        if name in ("_count", "_since", "_at") and name not in given:
            given[name] = value
        elif not ask.lenient:
            raise SearchError(
                name, "A history takes _since, _at and _count, each of them once."
            )
    since = _instant("_since", given.get("_since"))
    wanted = Wanted(
        types=(kind,) if kind else (),
        id=identity,
        since=since.low if since else None,
        stood=_instant("_at", given.get("_at")),
    )
    place = ask.place()
    after = int(str(place[0])) if place else None
    return _Page(wanted=wanted, count=_count(given.get("_count")), after=after)


def _instant(name: str, text: str | None) -> Span | None:
    if not text:
        return None
    found = span(text.replace(" ", "+"))
    if found is None:
        raise SearchError(name, "Send an instant such as 2026-01-31T08:00:00Z.")
    return found


def _count(text: str | None) -> int:
    if not text:
        return DEFAULT_COUNT
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise SearchError("_count", "Send a whole number that is not negative.")
    return min(int(text), LARGEST_COUNT)


def _reply(ask: Ask, page: _Page) -> Reply:
    services, total = ask.services, None
    with services.reader() as connection:
        wanted = _permitted(ask, page.wanted, connection)
        found = histories.tell(
            services.database, connection, wanted, count=page.count, after=page.after
        )
        if wanted.id is not None:
            address = Reference(type=wanted.types[0], id=wanted.id)
            total = histories.size(services.database, connection, address)
    shown = only_visible(ask.caller, found.page)
    if wanted.id is not None and not shown:
        address = Reference(type=wanted.types[0], id=wanted.id)
        _require_known(ask, address, stood=bool(found.page))
    countable = wanted.whole and ask.caller.sees_every(wanted.types[0])
    return bundle(_bundle(ask, found, shown, total if countable else None), shown)


def _permitted(ask: Ask, wanted: Wanted, connection: Connection) -> Wanted:
    """Name the types of a history of all: those that the caller may search."""
    if wanted.types:
        return wanted
    kinds = resources.types(connection)
    holds = ask.caller.holds
    permitted = tuple(each for each in kinds if holds(Interaction.HISTORY_TYPE, each))
    return replace(wanted, types=permitted)


def _require_known(ask: Ask, address: Reference, *, stood: bool) -> None:
    """Refuse what never was, and what the caller may not see.

    `stood` says that there were versions of the time that is asked for, all hidden.
    """
    with ask.services.reader() as connection:
        newest = resources.read(ask.services.database, connection, address)
    if newest is None:
        require_not_erased(ask.services.ledger, address)
    if stood or newest is None:
        raise NotFoundError(_UNKNOWN)
    require_visible(ask.caller, newest)


def _bundle(
    ask: Ask, found: Told, shown: list[Version], total: int | None
) -> dict[str, Any]:
    following: Place | None = [found.following] if found.following else None
    content: dict[str, Any] = {"resourceType": "Bundle", "type": "history"}
    if total is not None:
        content["total"] = total
    content["link"] = ask.links(following)
    if shown:
        content["entry"] = [_entry(each, ask.base) for each in shown]
    return content


def _entry(found: Version, base: str) -> dict[str, Any]:
    current = found.reference.unversioned()
    created = found.reference.version == 1 and not found.deleted
    entry: dict[str, Any] = {"fullUrl": f"{base}/{current}"}
    if not found.deleted:
        entry["resource"] = msgspec.Raw(found.body)
    entry["request"] = _asked(found)
    entry["response"] = {
        "status": "204" if found.deleted else ("201" if created else "200"),
        "etag": replies.etag(found.reference),
        "lastModified": found.at.isoformat(timespec="milliseconds"),
    }
    return entry


def _asked(found: Version) -> dict[str, str]:
    """Return the request that would repeat it; ids that we gave came by a POST."""
    current = found.reference.unversioned()
    if found.deleted:
        return {"method": "DELETE", "url": str(current)}
    if found.reference.version == 1 and _is_ours(current.id):
        return {"method": "POST", "url": current.type}
    return {"method": "PUT", "url": str(current)}


def _is_ours(identity: str) -> bool:
    try:
        return str(UUID(identity)) == identity
    except ValueError:
        return False
