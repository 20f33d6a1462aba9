"""What a request is about, and on what it depends (R4, http.html#concurrency)."""

from aiohttp import web

from gateway.intake.conditions import UnsupportedConditionError
from gateway.intake.single import Target
from gateway.intake.versions import version_of


def if_match(request: web.Request) -> int | None:
    """Return the version that the caller believes in, or None where none is sent.

    Raises:
        StaleVersionError: the header holds no version of ours.

    """
    sent = request.headers.get("If-Match")
    return None if sent is None else version_of(sent)


def target(request: web.Request) -> Target:
    """Return the resource that an update, patch or delete names.

    Raises:
        StaleVersionError: If-Match holds no version of ours.
        UnsupportedConditionError: If-None-Match holds something else than a star.
        HTTPMethodNotAllowed: the address is that of a type, without a condition.

    """
    identity = request.match_info.get("id")
    condition = None if identity else request.rel_url.raw_query_string
    if condition == "":
        raise web.HTTPMethodNotAllowed(request.method, ("GET", "POST"))
    return Target(
        kind=request.match_info["type"],
        id=identity,
        condition=condition,
        if_match=if_match(request),
        if_absent=_if_absent(request),
    )


def _if_absent(request: web.Request) -> bool:
    sent = request.headers.get("If-None-Match")
    if request.method != "PUT" or sent is None:
        return False
    if sent.strip() != "*":
        raise UnsupportedConditionError(
            "A PUT takes If-None-Match only as *: it creates what is not there."
        )
    return True
