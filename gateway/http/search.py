"""Search by type: GET /fhir/{type} and POST /fhir/{type}/_search (R4, search.html)."""

from dataclasses import replace

from aiohttp import web

from gateway.http import replies
from gateway.http.asking import answer, ask_of
from gateway.http.disclosure import disclose_parameters
from gateway.http.searchset import searchset
from gateway.http.services import SERVICES
from gateway.problems import UnsupportedMediaError

_CHARSETS = ("utf-8", "utf8", "us-ascii")  # others may hold what no text can


async def search(request: web.Request) -> web.Response:
    """Return the matches as a searchset; unknown parameters are refused."""
    ask = replace(ask_of(request), services=request.app[SERVICES])
    posted = await _form(request) if request.method == "POST" else ()
    disclose_parameters(request, posted)
    reply = await searchset(
        replace(ask, given=(*ask.given, *posted)),
        request.match_info["type"],
        private=request.method == "POST",
    )
    return answer(request, reply)


async def _form(request: web.Request) -> tuple[tuple[str, str], ...]:
    """Read the parameters in the body; any other form would be a search for all."""
    if request.body_exists and request.content_type != replies.FORM:
        raise UnsupportedMediaError(f"Send the search's parameters as {replies.FORM}.")
    if (request.charset or "utf-8").lower() not in _CHARSETS:
        raise UnsupportedMediaError("Send the search's form in UTF-8.")
    try:
        form = await request.post()
    except UnicodeError:  # it is not what it says
        raise UnsupportedMediaError("Send the search's form in UTF-8.") from None
    return tuple((name, str(value)) for name, value in form.items())
