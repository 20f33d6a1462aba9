"""The proxy between clients and gateway."""

import asyncio
import json
import random
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web

from tests.callers import Caller, caller_session
from tests.crash.proxy import Proxy


async def test_the_end_of_the_proxy_is_no_error(caplog):
    silent = []

    async def wait(_asked, answer):
        silent.append(answer)

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    async with Proxy(random.Random(1)) as proxy:
        proxy.target = server.sockets[0].getsockname()[1]
        port = proxy.base.rpartition(":")[2]
        _, asking = await asyncio.open_connection("127.0.0.1", port)
        while not silent:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)
    for each in (asking, *silent):
        each.close()
        with suppress(OSError):
            await each.wait_closed()
    server.close()

    assert not caplog.records


async def test_an_answer_is_cut_off_after_the_server_gave_it():
    asked = []

    async def answer(request):
        asked.append(await request.text())
        return web.json_response({"done": True})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with Proxy(random.Random(1)) as proxy, caller_session() as session:
        proxy.target = runner.addresses[0][1]
        caller = Caller(session, proxy.base)
        passed = await caller.request("POST", "/", {"n": 1})
        proxy.dropping = 1.0
        with pytest.raises(aiohttp.ClientError):
            await caller.request("POST", "/", {"n": 2})
        await site.stop()
        with pytest.raises(aiohttp.ClientError):
            await caller.request("POST", "/", {"n": 3})
    await runner.cleanup()

    assert json.loads(passed.body) == {"done": True}
    assert asked == ['{"n": 1}', '{"n": 2}']
    assert proxy.dropped == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
