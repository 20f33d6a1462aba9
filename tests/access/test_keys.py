"""Keys that are fetched: from a real HTTPS server with a certificate of our own CA."""

import asyncio
import json
import ssl
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.access import KeysUnavailableError
from gateway.access.jose import BadTokenError
from gateway.access.keys import FetchedKeys, WrittenKeys
from tests.credentials import Authority, ec_key, jwks, rsa_key


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Keys:
    """A server of key sets that counts who asks."""

    def __init__(self, *keys):
        self.body = json.dumps(jwks(*keys)).encode()
        self.status = 200
        self.headers = {}
        self.asked = []

    async def answer(self, request):
        self.asked.append(request.path)
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def served(folder, keys, *, authority=None):
    certificate, private, _ = (authority or Authority(folder)).issue("jwks")
    app = web.Application()
    app.router.add_get("/{any:.*}", keys.answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server = TestServer(app)
    await server.start_server(ssl=context)
    try:
        yield server.port
    finally:
        await server.close()


def fetched(port, authority, clock, **changed):
    settled = {
        "url": f"https://127.0.0.1:{port}/jwks",
        "hosts": frozenset({f"127.0.0.1:{port}"}),
        "trust": ssl.create_default_context(cafile=authority.file),
        "clock": clock,
        **changed,
    }
    return FetchedKeys(settled.pop("url"), **settled)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def clock():
    return Clock()


async def test_keys_are_fetched_once_and_kept(tmp_path, authority, clock):
    keys = Keys(ec_key(), rsa_key())
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock)

        assert await source.key("ec-1")
        assert await source.key("rsa-1")

    assert keys.asked == ["/jwks"]
    assert await source.key("ec-1")


async def test_a_new_key_is_found_and_an_old_one_forgotten(tmp_path, authority, clock):
    keys = Keys(ec_key("old"))
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock)
        await source.key("old")
        keys.body = json.dumps(jwks(ec_key("new"))).encode()
        clock.now += 60

        assert await source.key("new")
        with pytest.raises(BadTokenError, match="kid"):
            await source.key("old")


async def test_strangers_cannot_make_the_gateway_ask_often(tmp_path, authority, clock):
    keys = Keys(ec_key())
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock)
        for each in range(20):
            with pytest.raises(BadTokenError):
                await source.key(f"unknown-{each}")

    assert len(keys.asked) == 1


async def test_without_the_server_keys_count_for_an_hour_and_then_nobody_is_let_in(
    tmp_path, authority, clock
):
    keys = Keys(ec_key())
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock)
        await source.key("ec-1")

    clock.now += 3500
    assert await source.key("ec-1")
    clock.now += 200
    with pytest.raises(KeysUnavailableError):
        await source.key("ec-1")


async def test_a_redirect_is_not_followed(tmp_path, authority, clock):
    keys = Keys(ec_key())
    keys.status, keys.headers = 302, {"Location": "/elsewhere"}
    async with served(tmp_path, keys, authority=authority) as port:
        with pytest.raises(KeysUnavailableError):
            await fetched(port, authority, clock).key("ec-1")

    assert keys.asked == ["/jwks"]


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b" " * 70_000, b"[" * 60_000, b"\xff\xfe"]
)
async def test_an_answer_that_is_no_key_set_is_none(tmp_path, authority, clock, body):
    keys = Keys()
    keys.body = body
    async with served(tmp_path, keys, authority=authority) as port:
        with pytest.raises(KeysUnavailableError):
            await fetched(port, authority, clock).key("ec-1")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/jwks",
        "https://localhost:{port}/jwks",
        "https://127.0.0.1:{port}.evil.test/jwks",
        "https://127.0.0.1:{port}@evil.test/jwks",
    ],
)
async def test_a_host_that_is_not_listed_exactly_is_never_asked(
    tmp_path, authority, clock, url
):
    keys = Keys(ec_key())
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock, url=url.format(port=port))
        with pytest.raises(KeysUnavailableError):
            await source.key("ec-1")

    assert keys.asked == []


async def test_a_server_whose_certificate_is_not_trusted_is_not_believed(
    tmp_path, authority, clock
):
    keys = Keys(ec_key())
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "Other CA")
    async with served(tmp_path, keys, authority=authority) as port:
        with pytest.raises(KeysUnavailableError):
            await fetched(port, other, clock).key("ec-1")


async def test_written_keys_are_those_that_were_written():
    source = WrittenKeys(jwks(ec_key()))

    assert await source.key("ec-1")
    with pytest.raises(BadTokenError, match="kid"):
        await source.key("ec-2")


class Pausing(Keys):
    def __init__(self, *keys):
        super().__init__(*keys)
        self.go_on = asyncio.Event()

    async def answer(self, request):
        answer = await super().answer(request)
        await self.go_on.wait()
        return answer


async def test_strangers_who_wait_for_keys_are_limited_and_known_keys_do_not_wait(
    tmp_path, authority, clock
):
    keys = Pausing(ec_key())
    keys.go_on.set()
    async with served(tmp_path, keys, authority=authority) as port:
        source = fetched(port, authority, clock)
        await source.key("ec-1")
        keys.go_on.clear()
        clock.now += 700
        waiting = [asyncio.create_task(source.key("nobody's")) for _ in range(32)]
        async with asyncio.timeout(60):
            while len(keys.asked) < 2:
                await asyncio.sleep(0)

        assert await source.key("ec-1")
        with pytest.raises(KeysUnavailableError):
            await source.key("nobody's")
        keys.go_on.set()
        refused = await asyncio.gather(*waiting, return_exceptions=True)

    assert {type(each) for each in refused} == {BadTokenError}
    assert keys.asked == ["/jwks"] * 2
