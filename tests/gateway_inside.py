"""A gateway inside the test's own process, for fast tests of its HTTP interface."""

from contextlib import asynccontextmanager

from aiohttp.test_utils import TestServer

from gateway.app import build
from gateway.settings import Settings
from tests.callers import CLIENTS, Caller, caller_session


@asynccontextmanager
async def gateway_inside(data, *, dev=False, **settings):
    """Run a gateway on a free port and give a caller of it."""
    apart = {"read_models_apart": False}  # a process for each test takes too long
    known = {"model": "none", **apart, "clients": () if dev else CLIENTS, **settings}
    app = build(Settings(data=data, dev=dev, **known))
    async with TestServer(app) as server, caller_session() as session:
        yield Caller(session, str(server.make_url("")).rstrip("/"))
