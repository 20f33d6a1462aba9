"""A network between gateway and model server that is slow, breaks or tells lies."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

PASSED = "Content-Type", "Authorization"


class ModelProxy:
    """Passes requests on; `trouble` says what becomes of chat completions.

    "" nothing, "refused" the connection is closed, "garbage" another answer comes,
    "cut" half of the answer comes, "slow" it comes `delay` seconds later. While it is
    "away", everything is refused, the list of models too.
    """

    def __init__(self, target):
        self._target = target
        self.trouble = ""
        self.delay = 0.0

    async def handle(self, request):
        chat = request.path.endswith("/chat/completions")
        if self.trouble == "away" or (chat and self.trouble == "refused"):
            request.transport.abort()
            return web.Response()
        if chat and self.trouble == "garbage":
            return web.Response(text="<html>busy</html>", content_type="text/html")
        if chat and self.trouble == "slow":
            await asyncio.sleep(self.delay)
        status, body = await self._forwarded(request)
        if chat and self.trouble == "cut":
            return await _cut(request, body)
        return web.Response(body=body, status=status, content_type="application/json")

    async def _forwarded(self, request):
        headers = {k: v for k, v in request.headers.items() if k in PASSED}
        url = self._target.removesuffix("/v1") + request.path
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(request.method, url, data=await request.read()) as answer,
        ):
            return answer.status, await answer.read()


async def _cut(request, body):
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    request.transport.abort()
    return response


@asynccontextmanager
async def model_proxy(target):
    """Run a proxy in front of a model server; give it and its base URL."""
    proxy = ModelProxy(target)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    async with TestServer(app) as server:
        yield proxy, str(server.make_url("/v1"))
