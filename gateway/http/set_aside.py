"""Where the site's rules set a request aside: kept durably, answered 202 Accepted."""

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from domain.quarantine import Status
from fhir_profiles.bundle_rules import entries
from fhir_profiles.lexical import parse, serialise
from fhir_profiles.problems import InvalidResourceError, Issue
from fhir_profiles.requests import read_entry
from gateway.access import ForbiddenError
from gateway.http import replies
from gateway.http.middleware import Handler
from gateway.http.rights import require_write
from gateway.http.services import PRINCIPAL, SERVICES, context, path_of
from gateway.intake.admission import QuarantineError
from gateway.intake.bundle import key_of
from gateway.intake.quarantine import Aside, AsideUnit, Held, conditions
from gateway.problems import Outcome, issue, outcome, problem_of
from gateway.projections.threads import in_thread

ACCEPTED = 202
_SAID = {
    Status.WAITING: "Set aside under $quarantine/{}: nothing of it is used until it is "
    "corrected and run again there.",
    Status.RELEASED: "Set aside before under $quarantine/{}, and released since then.",
    Status.DISMISSED: "Set aside before under $quarantine/{}, and dismissed since.",
}


@web.middleware
async def set_aside(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep a request whose content the site's rules set aside; use nothing of it."""
    try:
        return await handler(request)
    except QuarantineError as error:
        aside = await _aside(request, error.issues)
    held = await hold(request, aside)
    base = replies.base_of(request)
    return replies.raw(
        serialise(outcome_of(held, aside.issues)),
        status=ACCEPTED,
        headers={"Location": f"{base}/$quarantine/{held.quarantine_id}"},
    )


async def hold(request: web.Request, aside: Aside) -> Held:
    """Let the log's writer keep what is set aside; return once it is durable."""
    services = request.app[SERVICES]
    held = await services.ledger.submit(
        AsideUnit(aside=aside, context=context(request))
    )
    services.metrics.set_aside.inc()
    return held


async def entry_set_aside(request: web.Request, aside: Aside) -> dict[str, Any]:
    """Set one entry of a batch aside and return its answer."""
    kind = re.split(r"[/?]", aside.url, maxsplit=1)[0]
    try:
        require_write(request[PRINCIPAL], aside.method, kind)
    except ForbiddenError as error:
        said = outcome([issue("forbidden", str(error))])
        return {"response": {"status": "403", "outcome": said}}
    held = await hold(request, aside)
    return {
        "response": {
            "status": f"{ACCEPTED} Accepted",
            "location": f"$quarantine/{held.quarantine_id}",
            "outcome": outcome_of(held, aside.issues),
        }
    }


def outcome_of(held: Held, issues: Iterable[Issue]) -> Outcome:
    """Return where the request is kept, and everything that is wrong with it."""
    said = _SAID[held.status].format(held.quarantine_id)
    first = issue("informational", said, severity="information")
    first["details"] = {"text": f"quarantine.{held.status.value}"}
    listed = problem_of(InvalidResourceError(issues))
    return outcome([first, *(listed.outcome["issue"] if listed else ())])


async def _aside(request: web.Request, issues: tuple[Issue, ...]) -> Aside:
    """Read the request again as it is to be kept.

    Raises:
        ForbiddenError: the caller may not do what an entry of the Bundle asks for.

    """
    body = await request.read()
    url = path_of(request).removeprefix("/fhir").strip("/")
    query = request.rel_url.raw_query_string
    content = await in_thread(parse, body)
    if not url:
        _require_entries(request, content)
    return Aside(
        method=request.method,
        url=f"{url}?{query}" if query else url,
        conditions=conditions(request.headers),
        received=body,
        issues=issues,
        key=key_of(
            content if not url else {},
            request.headers.get("Idempotency-Key"),
            request[PRINCIPAL].name,
        ),
    )


def _require_entries(request: web.Request, content: dict[str, Any]) -> None:
    """Refuse a transaction that holds what its caller may not do.

    What is wrong with a Bundle itself was rejected, so every request can be read.
    """
    for index, entry in entries(content):
        asked = read_entry(index, entry)
        require_write(request[PRINCIPAL], asked.method, asked.type)
