"""A request that was accepted for later, as handlers see it when it is carried out.

It passes the same middlewares as when it came, but those that let it in: who asks, and
with which scopes, was decided when it was accepted.
"""

import asyncio
from collections.abc import Iterable
from functools import partial, reduce
from typing import Any, Final, cast

import msgspec
from aiohttp import http, web

from domain.answers import Reviewer
from gateway.access import Principal
from gateway.http.limits import occupy, receive
from gateway.http.middleware import Handler, admit, observe
from gateway.http.services import PRINCIPAL, REQUEST_ID, address_of
from gateway.problems import Problem, issue, outcome
from gateway.settings.scopes import Scope

JOB = web.RequestKey("job", str)
_ENTRANCE = (observe, occupy, admit, receive)
_KEPT: Final = (
    "Accept",
    "Content-Type",
    "Host",
    "Idempotency-Key",
    "Prefer",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
)
ATTEMPTS: Final = 10
_LONGEST = 1 << 20  # bytes of a line; it was within the server's limits when it came


class Head(msgspec.Struct, frozen=True):
    """A request without its body, and who asks."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    scheme: str
    remote: str
    request_id: str
    reviewer: Reviewer
    scopes: tuple[Scope, ...]

    @property
    def changes_nothing(self) -> bool:
        """Say whether it only reads, so that it may end at any time."""
        return self.target.partition("?")[0].endswith("/$export")


class _Resumed(web.Request):
    """A request that no connection waits for."""

    def lead(self, app: web.Application, found: web.UrlMappingMatchInfo) -> None:
        """Say which handler the request is for."""
        found.add_app(app)
        self._match_info = found

    def fill(self, body: bytes) -> None:
        """Give the request its body."""
        self._read_bytes = body


def head_of(request: web.Request) -> Head:
    """Return what has to be kept of a request beside its body."""
    caller = request[PRINCIPAL]
    return Head(
        method=request.method,
        target=request.raw_path,
        headers=[
            each for each in plain(request.headers.items()) if each[0].title() in _KEPT
        ],
        scheme=request.scheme,
        remote=address_of(request),
        request_id=request[REQUEST_ID],
        reviewer=caller.reviewer,
        scopes=caller.scopes,
    )


def plain(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers as mere text, which JSON can hold."""
    return [(f"{name}", value) for name, value in headers]


async def carried_out(
    app: web.Application, job_id: str, head: Head, body: bytes
) -> web.Response:
    """Carry a request out, and return what would have been answered."""
    request = await _request(app, head, body)
    request[JOB] = job_id
    request[REQUEST_ID] = head.request_id
    request[PRINCIPAL] = Principal(reviewer=head.reviewer, scopes=head.scopes)
    answer = await _inside(app, request.match_info.handler)(request)
    return cast("web.Response", answer)  # no handler of ours streams


def _inside(app: web.Application, handler: Handler) -> Handler:
    """Return a handler within the middlewares that are not about being let in."""
    surrounding: Iterable[Any] = reversed(app.middlewares)
    kept = [each for each in surrounding if each not in _ENTRANCE]
    return reduce(lambda inner, each: partial(each, handler=inner), kept, handler)


async def _request(app: web.Application, head: Head, body: bytes) -> web.Request:
    loop = asyncio.get_running_loop()
    protocol = web.Server(_nobody)()  # of a connection that is never made
    parser = http.HttpRequestParser(
        protocol, loop, _LONGEST, max_line_size=_LONGEST, max_field_size=_LONGEST
    )
    lines = [f"{head.method} {head.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in head.headers]
    received = "\r\n".join([*lines, "", ""]).encode()
    ((message, payload),), _, _ = parser.feed_data(received)
    request = _Resumed(
        message,
        payload,
        protocol,
        http.StreamWriter(protocol, loop),
        cast("asyncio.Task[None]", asyncio.current_task()),
        loop,
        client_max_size=len(body) + 1,
        scheme=head.scheme,
        remote=head.remote,
    )
    request.fill(body)
    request.lead(app, await app.router.resolve(request))
    return request


async def _nobody(_request: web.BaseRequest) -> web.StreamResponse:
    raise web.HTTPNotFound


GIVEN_UP: Final = Problem(
    500,
    outcome(
        [
            issue(
                "exception",
                f"The gateway stopped {ATTEMPTS} times while it carried this request "
                "out, and tries no more. Send it again in smaller parts, with "
                "identifiers, so that nothing is stored twice.",
                severity="fatal",
            )
        ]
    ),
    {},
)
