"""What is refused before any work is done: too much at once, too large, too slow.

Refusing is cheap and says when to come back; what was acknowledged is not touched.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from gateway.http.origin import is_local
from gateway.http.services import PRINCIPAL, SERVICES
from gateway.problems import ClientBusyError
from gateway.settings import Settings
from gateway.store.errors import OverloadedError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_HEALTH = ("/health/", "/metrics")
_SHARE_OF_STRANGERS = 4  # of the places, a quarter
_MOST_OF_ADDRESS = 16
_ENCODINGS = ("", "identity", "gzip", "deflate")  # unpacked up to the body's limit


class InFlight:
    """Counts the requests that are being answered, in all and of each client."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.in_flight
        self._most_of_one = settings.in_flight_of_client
        self._most_of_strangers = max(1, settings.in_flight // _SHARE_OF_STRANGERS)
        self._all = 0
        self._strangers = 0
        self._of: Counter[str] = Counter()
        self._of_address: Counter[str] = Counter()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the gateway's places.

        Raises:
            OverloadedError: all are taken.

        """
        if self._all >= self._most:
            raise OverloadedError(
                "The gateway is busy; nothing of the request was done. Try again."
            )
        self._all += 1
        try:
            yield
        finally:
            self._all -= 1

    @contextmanager
    def place_of(self, client: str) -> Iterator[None]:
        """Hold one of a client's places.

        Raises:
            ClientBusyError: it has as many requests under way as it may.

        """
        if self._of[client] >= self._most_of_one:
            raise ClientBusyError(
                "Too many requests of this client are under way; nothing of this one "
                "was done. Try again, with fewer at once."
            )
        with _counted(self._of, client):
            yield

    @contextmanager
    def place_of_stranger(self, address: str) -> Iterator[None]:
        """Hold one of the places for callers who are not known, by network address.

        They have a part of the places, so that they cannot take those of clients.

        Raises:
            ClientBusyError: strangers, or those of this address, have all of theirs.

        """
        if (
            self._strangers >= self._most_of_strangers
            or self._of_address[address] >= _MOST_OF_ADDRESS
        ):
            raise ClientBusyError(
                "Too many requests of callers who are not known are under way; nothing "
                "of this one was done. Try again."
            )
        self._strangers += 1
        try:
            with _counted(self._of_address, address):
                yield
        finally:
            self._strangers -= 1


@contextmanager
def _counted(held: Counter[str], name: str) -> Iterator[None]:
    held[name] += 1
    try:
        yield
    finally:
        held[name] -= 1
        if not held[name]:
            del held[name]


IN_FLIGHT = web.AppKey("in_flight", InFlight)


@web.middleware
async def occupy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer only so many requests at once; health is always answered."""
    _require_local(request)
    if request.path.startswith(_HEALTH):
        return await handler(request)
    with request.app[IN_FLIGHT].place():
        return await handler(request)


@web.middleware
async def receive(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take in the body of an admitted request, if it is neither too large nor slow.

    Of strangers nothing is taken in: the token endpoint reads its small form itself.
    """
    if PRINCIPAL not in request:
        return await handler(request)
    with request.app[IN_FLIGHT].place_of(request[PRINCIPAL].name):
        await _take_in(request)
        return await handler(request)


async def _take_in(request: web.Request) -> None:
    """Read the body, for the handler to find.

    Raises:
        web.HTTPRequestEntityTooLarge: it is, or says it will be, beyond the limit.
        web.HTTPUnsupportedMediaType: packed in a way that is not unpacked here.
        web.HTTPRequestTimeout: it did not arrive in time.
        web.HTTPBadRequest: the connection broke off.

    """
    if not request.can_read_body:
        return
    largest, said = request.client_max_size, request.content_length or 0
    if said > largest:
        raise web.HTTPRequestEntityTooLarge(max_size=largest, actual_size=said)
    if request.headers.get("Content-Encoding", "").lower() not in _ENCODINGS:
        raise web.HTTPUnsupportedMediaType(
            reason="Send the body as it is, or packed with gzip."
        )
    try:
        async with asyncio.timeout(request.app[SERVICES].settings.body_timeout_seconds):
            await request.read()
    except ConnectionError:
        raise web.HTTPBadRequest(
            reason="The connection broke off before the body was complete."
        ) from None
    except TimeoutError:
        raise web.HTTPRequestTimeout(
            reason="The body did not arrive in time: send it faster, or in parts."
        ) from None


def _require_local(request: web.Request) -> None:
    """Let the development gateway, which knows no tokens, be called from here only."""
    if request.app[SERVICES].settings.dev and not is_local(request):
        raise web.HTTPMisdirectedRequest(
            reason="A gateway with --dev answers to 127.0.0.1, ::1 and localhost only."
        )
