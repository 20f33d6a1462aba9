"""Which of FHIR's interactions a request is, by its route."""

from typing import Final

from aiohttp import web

from gateway.http.services import route_of

SEARCHES: Final = frozenset({"search-type", "search-system", "history-type"})
TOKEN: Final = "token"  # noqa: S105 (an interaction, no secret)
_BY_METHOD: Final = {
    "GET": "read",
    "HEAD": "read",
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
_OTHER: Final = "operation"
BY_ADDRESS: Final = SEARCHES | {_OTHER}
"""Of which only path and query tell what was asked for."""


def interaction(request: web.Request) -> str:
    """Return a code of http://hl7.org/fhir/restful-interaction, or "token".

    What is at no route is an operation that does not exist.
    """
    route = route_of(request)
    return _of(request.method, route) if route else _OTHER


def _of(method: str, route: str) -> str:
    steps = route.strip("/").split("/")
    kinds, last = len(steps), steps[-1]
    if last == TOKEN:
        return TOKEN
    if steps[0] != "fhir" or any(each.startswith("$") for each in steps):
        return _OTHER
    if "_history" in steps:
        return _history(steps)
    if last == "_search" or (method in ("GET", "HEAD") and "{id}" not in steps):
        return "search-type" if "{type}" in steps else "search-system"
    if kinds == 1:
        return "transaction"
    return _BY_METHOD.get(method, _OTHER)


def _history(steps: list[str]) -> str:
    if steps[-1] != "_history":
        return "vread"
    if "{id}" in steps:
        return "history-instance"
    return "history-type" if "{type}" in steps else "history-system"
