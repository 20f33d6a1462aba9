"""Overload, slow clients and broken requests: refused, and nothing is lost."""

import asyncio
import gzip
import json
import shlex
import subprocess
import sys
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.access.entrance import server_context
from gateway.app import build
from gateway.http.connection import connections_of
from gateway.http.limits import InFlight
from gateway.http.services import address_of
from gateway.problems import ClientBusyError
from gateway.settings import Settings
from gateway.store.errors import OverloadedError
from tests.callers import CLIENTS, FEED
from tests.credentials import FORM
from tests.gateway_inside import gateway_inside
from tests.gateway_process import GatewayProcess
from tests.patients import fresh_record, patient


def settings(tmp_path, **changed):
    return Settings(data=tmp_path, dev=True, **changed)


def test_beyond_its_places_a_gateway_is_busy_until_one_is_free(tmp_path):
    places = InFlight(settings(tmp_path, in_flight=1))

    with places.place(), pytest.raises(OverloadedError), places.place():
        pass
    with places.place():
        pass


def test_one_client_s_requests_do_not_take_another_s_places(tmp_path):
    places = InFlight(settings(tmp_path, in_flight_of_client=1))

    with places.place_of("a"):
        with pytest.raises(ClientBusyError), places.place_of("a"):
            pass
        with places.place_of("b"):
            pass
    with places.place_of("a"):
        pass


def test_strangers_take_a_part_of_the_places_and_an_address_a_part_of_that(tmp_path):
    places = InFlight(settings(tmp_path, in_flight=100))

    with ExitStack() as held:
        for _ in range(16):
            held.enter_context(places.place_of_stranger("192.0.2.1"))
        with pytest.raises(ClientBusyError), places.place_of_stranger("192.0.2.1"):
            pass
        for number in range(9):
            held.enter_context(places.place_of_stranger(f"192.0.2.{number + 2}"))
        with pytest.raises(ClientBusyError), places.place_of_stranger("192.0.2.99"):
            pass
    with places.place_of_stranger("192.0.2.1"):
        pass


async def test_strangers_who_send_slowly_do_not_keep_clients_out(tmp_path):
    async with (
        gateway_inside(tmp_path, in_flight=4) as caller,
        AsyncExitStack() as held,
    ):
        for _ in range(8):
            await held.enter_async_context(
                half_sent(caller, path="/auth/token", kind=FORM)
            )
        async with asyncio.timeout(60):
            while (await caller.get("/fhir/metadata")).status != 429:
                await asyncio.sleep(0.01)

        assert (await caller.called(FEED).get("/fhir/Patient")).status == 200


@asynccontextmanager
async def half_sent(
    caller, length=100_000, path="/fhir/Patient", kind="application/fhir+json"
):
    """A connection whose request is admitted and whose body does not end."""
    host, port = caller._base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{{"
        "".encode()
    )
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


async def until(caller, status):
    """Ask until the answer is this one."""
    async with asyncio.timeout(60):
        while (answer := await caller.get("/fhir/Patient")).status != status:
            await asyncio.sleep(0.01)
        return answer


@pytest.mark.parametrize(
    ("limit", "status"), [("in_flight", 503), ("in_flight_of_client", 429)]
)
async def test_too_much_at_once_is_refused_at_once_and_says_when_to_come_back(
    tmp_path, limit, status
):
    async with gateway_inside(tmp_path, dev=True, **{limit: 1}) as caller:
        kept = (await caller.create(patient(fresh_record()))).json
        async with half_sent(caller):
            busy = await until(caller, status)

            assert busy.headers["Retry-After"] == "1"
            assert busy.codes == ["throttled"]
            assert (await caller.get("/health/live")).status == 200
        await until(caller, 200)
        assert (await caller.read(f"Patient/{kept['id']}")) == kept


async def test_a_body_that_does_not_arrive_in_time_is_given_up(tmp_path):
    async with (
        gateway_inside(tmp_path, dev=True, body_timeout_seconds=0.05) as caller,
        half_sent(caller) as reader,
        asyncio.timeout(60),
    ):
        assert b" 408 " in await reader.readline()


async def test_a_body_that_says_it_is_too_large_is_not_waited_for(tmp_path):
    async with (
        gateway_inside(tmp_path, dev=True, body_limit_mib=1) as caller,
        half_sent(caller, length=2**40) as reader,
        asyncio.timeout(60),
    ):
        assert b" 413 " in await reader.readline()


async def test_a_body_without_a_length_is_measured_as_it_comes(tmp_path):
    async def endless():
        for _ in range(40):
            yield b" " * 65_536

    async with (
        gateway_inside(tmp_path, dev=True, body_limit_mib=1) as caller,
        aiohttp.ClientSession() as session,
        session.post(
            f"{caller._base}/fhir/Patient",
            data=endless(),
            headers={"Content-Type": "application/fhir+json"},
        ) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize("packed", ["br", "zstd", "gzip, gzip", "x"])
async def test_a_body_packed_in_another_way_is_refused(tmp_path, packed):
    async with gateway_inside(tmp_path, dev=True) as caller:
        answer = await caller.request(
            "POST", "/fhir/Patient", b"packed", Content_Encoding=packed
        )

    assert answer.status in {400, 415}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8080", 200),
        ("[::1]:8080", 200),
        ("evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("localhost.evil.test", 421),
        ("", 421),
        ("[", 421),
        ("[::1", 421),
    ],
)
async def test_the_development_gateway_answers_to_its_own_names_only(
    tmp_path, host, status
):
    async with gateway_inside(tmp_path, dev=True) as caller:
        assert (await caller.get("/fhir/Patient", Host=host)).status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://evil.test", 421),
        ("null", 421),
        ("http://[", 421),
    ],
)
async def test_another_site_s_page_cannot_call_the_development_gateway(
    tmp_path, origin, status
):
    async with gateway_inside(tmp_path, dev=True) as caller:
        assert (await caller.get("/fhir/Patient", Origin=origin)).status == status


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Forwarded_Host", "Via"])
async def test_a_proxy_that_is_not_known_leads_nobody_to_the_development_gateway(
    tmp_path, header
):
    async with gateway_inside(tmp_path, dev=True) as caller:
        answer = await caller.get("/fhir/Patient", **{header: "203.0.113.7"})

    assert answer.status == 421


@pytest.mark.parametrize(
    ("settled", "base"),
    [
        ({}, "http://inner:1/fhir"),
        ({"behind_proxy": True}, "https://fhir.test/fhir"),
        ({"public_url": "https://set.test/"}, "https://set.test/fhir"),
    ],
)
async def test_a_proxy_s_headers_count_only_where_there_is_one(tmp_path, settled, base):
    async with gateway_inside(tmp_path, **settled) as caller:
        answer = await caller.get(
            "/fhir/metadata",
            Host="inner:1",
            X_Forwarded_Proto="https",
            X_Forwarded_Host="fhir.test, inner:1",
        )

    assert answer.json["implementation"]["url"] == base


@pytest.mark.parametrize("host", ["a/b", "a b", "a@b", "", "<x>"])
async def test_a_forwarded_host_that_is_none_does_not_count(tmp_path, host):
    async with gateway_inside(tmp_path, behind_proxy=True) as caller:
        answer = await caller.get(
            "/fhir/metadata",
            Host="inner:1",
            X_Forwarded_Proto="gopher",
            X_Forwarded_Host=host,
        )

    assert answer.json["implementation"]["url"] == "http://inner:1/fhir"


@asynccontextmanager
async def served(tmp_path, **changed):
    """The application behind the connections that `serve` makes."""
    known = settings(tmp_path / "data", model="none", **changed)
    runner = web.AppRunner(build(known), shutdown_timeout=1)
    await runner.setup()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        connections_of(runner, known),
        "127.0.0.1",
        0,
        ssl=server_context(known),
    )
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await runner.cleanup()


async def said(port, sent):
    """Return the whole answer to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


SECRET = b"Smith-1234567"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /fhir/Patient?name=" + SECRET * 1000 + b" HTTP/1.1\r\n\r\n",
        b"SMITH /fhir/Patient?name=" + SECRET + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /fhir HTTP/1.1\r\nHost: localhost\r\nX: " + SECRET * 1000 + b"\r\n\r\n",
        b"GET /fhir HTTP/1.1\r\nHost: localhost\r\n" + b"X: 1\r\n" * 500 + b"\r\n",
        b"GET /fhir HTTP/1.1\r\nHost: localhost\r\nBad Header\x00: "
        + SECRET
        + b"\r\n\r\n",
        SECRET + b"\r\n\r\n",
    ],
    ids=["long line", "unknown method", "long header", "many", "broken", "no request"],
)
async def test_what_is_no_request_gets_an_outcome_that_repeats_nothing(
    tmp_path, sent, capfd
):
    async with served(tmp_path) as port:
        answer = await said(port, sent)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    printed = "".join(capfd.readouterr())
    assert SECRET not in answer
    assert SECRET.decode() not in printed


async def test_a_connection_whose_headers_do_not_come_is_cut_off(tmp_path):
    async with served(tmp_path, idle_timeout_seconds=0.1) as port:
        assert await said(port, b"GET /fhir HTTP/1.1\r\nX: ") == b""


def test_a_gateway_stops_in_order_when_it_is_told(tmp_path):
    gateway = GatewayProcess(tmp_path, dev=True).start()

    assert gateway.stop() == 0
    assert "gateway.stopping" in gateway.output


@pytest.mark.parametrize(
    ("sent", "proxied", "told"),
    [
        (["203.0.113.7"], True, "203.0.113.7"),
        (["10.6.6.6, 203.0.113.7"], True, "203.0.113.7"),
        (["10.6.6.6", "2001:db8::1"], True, "2001:db8::1"),
        (["<x>"], True, "127.0.0.1"),
        ([], True, "127.0.0.1"),
        (["203.0.113.7"], False, "127.0.0.1"),
    ],
)
async def test_where_a_caller_is_says_the_proxy_that_is_known(
    tmp_path, sent, proxied, told
):
    found = []

    async def note(request):
        found.append(address_of(request))
        return web.Response()

    app = build(
        Settings(
            data=tmp_path / "data", model="none", clients=CLIENTS, behind_proxy=proxied
        )
    )
    app.router.add_get("/health/whence", note)
    headers = [("X-Forwarded-For", each) for each in sent]
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        await session.get(server.make_url("/health/whence"), headers=headers)

    assert found == [told]


LIVE = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def connected(port):
    return await asyncio.open_connection("127.0.0.1", port)


async def test_the_oldest_connection_that_asks_for_nothing_makes_room(tmp_path):
    async with served(tmp_path, connections=2) as port, asyncio.timeout(60):
        first, second = await connected(port), await connected(port)
        second[1].write(LIVE)
        assert b" 200 " in await second[0].readline()

        third = await connected(port)
        third[1].write(LIVE)

        assert await first[0].read() == b""
        assert b" 200 " in await third[0].readline()
        for _, writer in (first, second, third):
            writer.close()


async def test_where_all_connections_are_in_use_another_is_refused(tmp_path):
    async with served(tmp_path, connections=1) as port, asyncio.timeout(60):
        reader, writer = await connected(port)
        writer.write(
            b"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue"
            b"\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        assert b" 100 " in await reader.readline()

        answer = await said(port, b"")

        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: 1\r\n" in answer
        writer.close()


@asynccontextmanager
async def alone(handler, folder, **changed):
    """An application of one handler behind the connections that `serve` makes."""
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    made = connections_of(runner, settings(folder, **changed))
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(made, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await runner.cleanup()


class Large:
    """Answers with more than the system's buffers hold, and knows its connections."""

    def __init__(self):
        self.connections = []

    async def answer(self, request):
        self.connections.append(request.protocol)
        return web.Response(body=b"x" * 30_000_000)


async def test_a_caller_who_does_not_take_its_answer_is_cut_off(tmp_path):
    large = Large()
    async with (
        alone(large.answer, tmp_path, idle_timeout_seconds=0.05) as port,
        asyncio.timeout(60),
    ):
        _, writer = await connected(port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while not large.connections or large.connections[0].connected:
            await asyncio.sleep(0.01)
        writer.close()

    assert [each.connected for each in large.connections] == [False]


async def test_a_caller_who_takes_its_answer_gets_all_of_it(tmp_path):
    async with alone(Large().answer, tmp_path, idle_timeout_seconds=5) as port:
        answer = await said(
            port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

    assert len(answer.partition(b"\r\n\r\n")[2]) == 30_000_000


async def test_a_failure_outside_of_every_handler_is_told_without_its_message(
    tmp_path, capfd
):
    async def broken(_request):
        raise ValueError(SECRET.decode())

    async with alone(broken, tmp_path) as port:
        answer = await said(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    printed = "".join(capfd.readouterr())
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "http.failed" in printed
    assert "ValueError" in printed
    assert SECRET.decode() not in printed + answer.decode()


async def test_a_packed_body_that_nobody_wants_is_not_unpacked(tmp_path):
    met = []

    async def refuse(request):
        met.append(request)
        return web.Response(status=401)

    packed = gzip.compress(bytes(50_000_000))
    head = (
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
        f"Content-Length: {len(packed) + 1}\r\n\r\n"
    )
    async with alone(refuse, tmp_path) as port, asyncio.timeout(60):
        _, writer = await connected(port)
        writer.write(head.encode() + packed)
        while not met or met[0].protocol.connected:
            await asyncio.sleep(0.01)
        writer.close()

    assert met[0].content.total_bytes < 5_000_000


def test_a_system_with_too_few_files_is_told_before_it_serves(tmp_path):
    few = "ulimit -n 600; exec " + shlex.join(
        [sys.executable, "-m", "gateway", "serve", "--dev", "--port", "0"]
    )

    ended = subprocess.run(
        ["/bin/bash", "-c", f"{few} --data {shlex.quote(str(tmp_path))}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )

    assert ended.returncode == 1
    assert "600 open files, and 1024 connections need 1536" in ended.stderr


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/fhir/Patient", "application/fhir+json"), ("/auth/token", FORM)],
)
async def test_a_caller_who_goes_away_is_no_failure_of_the_gateway(
    tmp_path, path, kind, capfd
):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    metrics = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    async with served(tmp_path) as port, asyncio.timeout(60):
        reader, writer = await connected(port)
        writer.write(
            f"{head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n{{".encode()
        )
        assert b" 100 " in await reader.readline()
        writer.close()
        while b'status="400"' not in await said(port, metrics):
            await asyncio.sleep(0.01)

    assert "http.failed" not in "".join(capfd.readouterr())
