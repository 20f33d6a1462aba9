"""Every request leaves its trace: recorded once, when its answer is known.

A write is told by the events that it left in the log. All else is recorded here:
reads, searches, writes that changed nothing, and every refusal.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from domain.access import AccessRecorded
from domain.values import Reference
from gateway.http import replies
from gateway.http.disclosure import FAILED, TRAIL, Trail
from gateway.http.interactions import BY_ADDRESS, interaction
from gateway.http.services import PRINCIPAL, SERVICES, context, route_of
from gateway.intake.accesses import Access
from gateway.problems import problem_of
from gateway.store.errors import StoreError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LISTED: Final = 1000  # entries of one Bundle
_UNTOLD: Final = (
    "/health/",
    "/metrics",
    "/fhir/metadata",
    "/.well-known/",
    "/fhir/.well-known/",
)
_TREATMENT: Final = "TREAT"
_WHOM: Final = ("patient", "subject")


@web.middleware
async def audit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Record the request; without room for its record it is refused at once."""
    request[TRAIL] = Trail()
    if not _is_told_of(request):
        return await handler(request)
    accesses = request.app[SERVICES].accesses
    try:
        accesses.require_room()
        response = await handler(request)
        stranger = _is_stranger(request) and response.status >= FAILED
        record = accesses.record_stranger if stranger else accesses.record
        for each in _events(request, response.status):
            await record(Access(event=each, context=context(request)))
    except StoreError as error:
        return _refused(error)
    return response


def _is_told_of(request: web.Request) -> bool:
    """Say whether requests to this address are recorded.

    Health, metrics and capabilities are for machines that watch, hold no patient's
    data and ask for no caller.
    """
    return not route_of(request).startswith(_UNTOLD)


def _is_stranger(request: web.Request) -> bool:
    return PRINCIPAL not in request and not request[TRAIL].client


def _events(request: web.Request, status: int) -> Iterator[AccessRecorded]:
    """Give what there is to tell beside the events that a write left in the log."""
    trail = request[TRAIL]
    told = trail.wrote or trail.refused
    if status >= FAILED or trail.references or trail.patients or not told:
        yield _event(request, status)
    for code, entries in trail.refused.items():
        listed = ",".join(map(str, entries[:_LISTED]))
        yield AccessRecorded(
            interaction=trail.interaction,
            status=code,
            asked=f"{request.raw_path}#Bundle.entry[{listed}]",
        )


def _event(request: web.Request, status: int) -> AccessRecorded:
    trail = request[TRAIL]
    code = trail.interaction or interaction(request)
    caller = request[PRINCIPAL].reviewer if PRINCIPAL in request else None
    references = tuple(trail.references) or tuple(_addressed(request))
    user = caller.reference if caller else ""
    named = _named(request) if caller else ()  # a stranger could invent any number
    asked = status >= FAILED or code in BY_ADDRESS or not references or trail.posted
    return AccessRecorded(
        interaction=code,
        status=status,
        user=user,
        display=caller.display if caller and user else "",
        purpose=_TREATMENT if user else "",
        asked=_asked(request) if asked else "",
        references=references,
        patients=tuple({**trail.patients, **dict.fromkeys(named)}),
    )


def _addressed(request: web.Request) -> Iterator[Reference]:
    """Give the resource that the address names, whether there is one or not."""
    kind, identity = (request.match_info.get(name) for name in ("type", "id"))
    if route_of(request).startswith("/fhir/Patient/"):
        kind = "Patient"
    if kind and identity:
        yield Reference(type=kind, id=identity)


def _named(request: web.Request) -> Iterator[str]:
    """Give the patients whom the request names, by address or parameter."""
    for each in _addressed(request):
        if each.type == "Patient":
            yield str(each)
    for name, value in (*request.query.items(), *request[TRAIL].posted):
        if name in _WHOM:
            yield from _patients(value)


def _patients(value: str) -> Iterator[str]:
    for each in value.split(","):
        kind, _, identity = each.rpartition("/")
        if identity and kind in ("", "Patient"):
            yield f"Patient/{identity}"


def _asked(request: web.Request) -> str:
    """Return path and query as they were sent, and what was posted as a query."""
    posted = urlencode(request[TRAIL].posted)
    joint = "&" if request.query_string else "?"
    return f"{request.raw_path}{joint}{posted}" if posted else request.raw_path


def _refused(error: StoreError) -> web.Response:
    problem = problem_of(error)
    if problem is None:
        raise error
    return replies.refused(problem)
