"""Between clients and gateway: passes everything on, or cuts answers off."""

import asyncio
from contextlib import suppress

_PIECE = 65536


class Proxy:
    """One address for many lives of a gateway.

    While `dropping` is above 0, that share of the requests is passed on in full, and
    its answer is waited for and thrown away: the client sees a broken connection, and
    what it asked for is done.
    """

    def __init__(self, chance):
        self.target = 0  # the gateway's port
        self.dropping = 0.0
        self.dropped = 0
        self._chance = chance
        self._server = None
        self._serving = set()  # asyncio itself would forget tasks that wait

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for each in self._serving:
            each.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    @property
    def base(self):
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, asked, answer):
        with suppress(asyncio.CancelledError):  # asyncio would print each at an end
            await self._pass(asked, answer)

    async def _pass(self, asked, answer):
        serving = asyncio.current_task()
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)
        drops = self._chance.random() < self.dropping
        try:
            replied, ask = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            answer.transport.abort()
            return
        sending = asyncio.create_task(_passed_on(asked, ask))
        try:
            await self._answer(replied, answer, drops=drops)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            ask.transport.abort()
            answer.transport.abort()

    async def _answer(self, replied, answer, *, drops):
        if not drops:
            await _passed_on(replied, answer)
            with suppress(OSError):
                answer.close()
                await answer.wait_closed()
        elif await _first(replied):
            self.dropped += 1


async def _passed_on(source, sink):
    with suppress(OSError):
        while piece := await source.read(_PIECE):
            sink.write(piece)
            await sink.drain()


async def _first(source):
    with suppress(OSError):
        return await source.read(1)
    return b""
