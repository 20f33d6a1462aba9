"""Connections: how many, how long they may be silent, how broken requests are answered.

What the HTTP parser refuses (an unknown method, a line or a header beyond 8 KiB, more
than 128 headers) never becomes a request that a handler or the log could see.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Any, cast

import structlog
from aiohttp import web

from fhir_profiles.lexical import serialise
from gateway.http import replies
from gateway.logs import places
from gateway.problems import issue, outcome
from gateway.settings import Settings

_SILENT = logging.getLogger("gateway.http.connection")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False  # what it would say quotes addresses and headers
_LOG = structlog.get_logger()
_LEAST = 64 * 1024  # bytes of an answer that are taken while the patience lasts
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
_BROKEN = (
    "This is no HTTP/1.1 request that the gateway reads: an unknown method, or a line "
    "or header that is too long or broken."
)


class Connections:
    """The open connections of a gateway: so many at most.

    Where there is no room for another, the oldest that asks for nothing makes room, so
    that nobody keeps others out by holding connections; where all are in use, the new
    one is answered 503.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[Connection, None] = {}

    def enter(self, new: "Connection") -> bool:
        """Say whether there is room for a new connection, and make some."""
        if len(self._open) >= self._most:
            oldest = next((each for each in self._open if each.idle), None)
            if oldest is None:
                return False
            self.leave(oldest)
            oldest.force_close()
        self._open[new] = None
        return True

    def leave(self, one: "Connection") -> None:
        """Forget a connection that is closed."""
        self._open.pop(one, None)


class Connection(web.RequestHandler):
    """Answers what is no request with an OperationOutcome, and waits for nobody long.

    `patience_s` is how long a caller may take for a part of an answer.
    """

    def __init__(
        self,
        server: web.Server,
        *,
        among: Connections,
        patience_s: float,
        **options: Any,  # noqa: ANN401 (aiohttp's own)
    ) -> None:
        super().__init__(server, **options)
        self._among = among
        self._patience_s = patience_s
        self._watch: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Say whether nothing was asked that is not answered."""
        return self._current_request is None and not (self._messages or self._paused)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        super().connection_made(transport)
        writing = cast("asyncio.WriteTransport", transport)
        # Whatever is not taken at once is watched, also once all was handed over.
        writing.set_write_buffer_limits(high=0)
        if not self._among.enter(self):
            writing.write(_FULL)
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room."""
        self._among.leave(self)
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to watch whether the caller takes its answer."""
        super().pause_writing()
        if self.transport is not None:
            self._look_again(self.transport, math.inf)

    def resume_writing(self) -> None:
        """Stop watching: the caller has taken all of it."""
        self._stop_watching()
        super().resume_writing()

    def _look_again(self, transport: asyncio.Transport, before: float) -> None:
        self._watch = self._loop.call_later(
            self._patience_s, self._require_taken, transport, before
        )

    def _require_taken(self, transport: asyncio.Transport, before: float) -> None:
        """Cut off whoever reads so slowly that it only keeps an answer in memory."""
        left = transport.get_write_buffer_size()
        if left > before - _LEAST:
            transport.abort()
        elif left:
            self._look_again(transport, left)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def finish_response(
        self,
        request: web.BaseRequest,
        resp: web.StreamResponse,
        start_time: float | None,
    ) -> tuple[web.StreamResponse, bool]:
        """Answer; what is left of a packed body is not unpacked to be thrown away."""
        if "Content-Encoding" in request.headers:
            self._lingering_time = 0.0
        return await super().finish_response(request, resp, start_time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return an outcome without any part of what was sent, and close."""
        _ = request, message
        if exc is not None and status >= 500:  # noqa: PLR2004
            _LOG.error("http.failed", error=type(exc).__name__, exception=places(exc))
        code = "structure" if status < 500 else "exception"  # noqa: PLR2004
        said = _BROKEN if status < 500 else "The gateway failed."  # noqa: PLR2004
        answer = web.Response(
            status=status,
            body=serialise(outcome([issue(code, said)])),
            headers={"Content-Type": f"{replies.FHIR_JSON}; charset=utf-8"},
        )
        answer.force_close()
        return answer


def connections_of(
    runner: web.AppRunner, settings: Settings
) -> Callable[[], Connection]:
    """Return what makes the protocol of each new connection to a running application.

    Raises:
        RuntimeError: the application is not set up.

    """
    server = runner.server
    if server is None:
        raise RuntimeError("Set the application up before it is served.")
    among = Connections(settings.connections)

    def made() -> Connection:
        return Connection(
            server,
            among=among,
            patience_s=settings.idle_timeout_seconds,
            loop=asyncio.get_running_loop(),
            **options(settings),
        )

    return made


def options(settings: Settings) -> dict[str, Any]:
    """Return what every connection is made with.

    The time-out counts from the end of the answer before, or from the connection's
    begin: whoever has not sent all headers by then is cut off.
    """
    return {
        "access_log": None,
        "keepalive_timeout": settings.idle_timeout_seconds,
        "lingering_time": 5.0,
        "logger": _SILENT,
    }
