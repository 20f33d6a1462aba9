"""Search by type: GET /fhir/{type} and POST /fhir/{type}/_search (R4, search.html)."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from fhir_profiles.lexical import parse
from gateway.access import Permission
from gateway.http import replies
from gateway.http.services import PRINCIPAL, SERVICES, Services
from gateway.problems import UnsupportedMediaError, issue, outcome
from gateway.projections import search as searching
from gateway.projections.search import Found, Search
from gateway.projections.threads import in_thread

Given = list[tuple[str, str]]


async def search(request: web.Request) -> web.Response:
    """Return the matches as a searchset; unknown parameters are refused."""
    request[PRINCIPAL].require(Permission.READ)
    services = request.app[SERVICES]
    kind = request.match_info["type"]
    given: Given = list(request.query.items())
    if request.method == "POST":
        given += await _form(request)
    lenient = "handling=lenient" in request.headers.get("Prefer", "")
    wanted = searching.understand(services.database, kind, given, lenient=lenient)
    await services.projector.reach_head()
    found = await in_thread(_run, services, wanted)
    private = request.method == "POST"
    return replies.body(_searchset(request, wanted, found, given, private=private))


def _run(services: Services, wanted: Search) -> Found:
    with services.reader() as connection:
        return searching.run(services.database, connection, wanted)


async def _form(request: web.Request) -> Given:
    """Read the parameters in the body; any other form would be a search for all."""
    if request.can_read_body and request.content_type != replies.FORM:
        raise UnsupportedMediaError(f"Send the search's parameters as {replies.FORM}.")
    try:
        form = await request.post()
    except (LookupError, UnicodeError):  # a charset that is unknown, or not kept to
        raise UnsupportedMediaError("Send the search's form in UTF-8.") from None
    return [(name, str(value)) for name, value in form.items()]


def _searchset(
    request: web.Request, wanted: Search, found: Found, given: Given, *, private: bool
) -> dict[str, Any]:
    base = replies.base_of(request)
    entries: list[dict[str, Any]] = [
        {
            "fullUrl": f"{base}/{each.reference.unversioned()}",
            "resource": parse(each.body),
            "search": {"mode": "match"},
        }
        for each in found.page
    ]
    if wanted.ignored:
        entries.append(_warning(wanted.ignored))
    content: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.total,
        "link": _links(f"{base}/{wanted.type}", wanted, found, given, private=private),
    }
    if entries:
        content["entry"] = entries
    return content


def _links(
    url: str, wanted: Search, found: Found, given: Given, *, private: bool
) -> list[dict[str, str]]:
    """Return links to this page and the next.

    A search that was posted, so that identifiers need not stand in URLs, gets links
    without its parameters: post it again with `_offset`.
    """
    kept = [] if private else [each for each in given if each[0] != "_offset"]
    links = [{"relation": "self", "url": _url(url, kept, wanted.offset)}]
    following = wanted.offset + wanted.count
    if not wanted.only_count and following < found.total:
        links.append({"relation": "next", "url": _url(url, kept, following)})
    return links


def _url(url: str, given: Given, offset: int) -> str:
    parameters = [*given, *([("_offset", str(offset))] if offset else [])]
    return f"{url}?{urlencode(parameters)}" if parameters else url


def _warning(ignored: tuple[str, ...]) -> dict[str, Any]:
    found = [
        issue("not-supported", f"The parameter {name} was ignored.", severity="warning")
        for name in ignored
    ]
    return {"resource": outcome(found), "search": {"mode": "outcome"}}
