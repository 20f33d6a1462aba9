"""A server that lists another model than the settings name is found out."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from inference.endpoint import Served
from inference.fleet import misnamed
from inference.listing import objections
from inference.schema import UNDECLARED, GeneratorUnavailableError

NOWHERE = "http://127.0.0.1:9/v1"
LISTED = (Served(id="base"), Served(id="first", parent="base"))


@asynccontextmanager
async def server(models, info=None, status=200, pieces=1):
    async def listed(request):
        answer = web.StreamResponse(status=status)
        await answer.prepare(request)
        size = len(models) // pieces + 1
        for start in range(0, len(models), size):
            await answer.write(models[start : start + size].encode())
            await asyncio.sleep(0.1 * (pieces - 1))  # so that each comes on its own
        return answer

    async def told(_):
        if info is None:
            raise web.HTTPNotFound
        return web.json_response(info)

    app = web.Application()
    app.router.add_get("/v1/models", listed)
    app.router.add_get("/model_info", told)
    async with TestServer(app) as one:
        yield str(one.make_url("/v1"))


BASE = '{"data": [{"id": "base"}, {"id": "first", "parent": "base"}]}'


async def asked(url, name="base:first", weights=UNDECLARED):
    return await objections((url,), name, weights=weights, api_key="secret")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("base", None),
        ("base:first", None),
        ("other", "does not list a model"),
        ("other:first", "does not list a model"),
        ("base:", "does not list a model"),
        ("base:second", "does not list an adapter"),
        ("base:base", "does not list an adapter"),
        ("first", "that of an adapter alone"),
    ],
)
def test_a_name_has_to_be_listed_and_an_adapter_with_its_base(name, said):
    found = list(misnamed(name, LISTED))

    assert (found == []) if said is None else (said in found[0])


def test_a_name_with_a_colon_may_be_listed_as_it_is():
    assert list(misnamed("llama:8b", [Served(id="llama:8b")])) == []


def test_a_server_without_a_list_cannot_be_wrong():
    assert list(misnamed("base", [])) == []


async def test_what_a_server_lists_is_compared_with_the_settings():
    async with server(BASE) as url:
        assert await asked(url) == ()
        assert "adapter" in (await asked(url, "base:x"))[0]


async def test_a_list_that_comes_in_pieces_is_read_whole():
    async with server(BASE, pieces=2) as url:
        assert "adapter" in (await asked(url, "base:x"))[0]


@pytest.mark.parametrize("told", [None, "", "default", "sha256:1"])
async def test_weights_that_are_not_told_or_the_same_are_no_objection(told):
    async with server(BASE, {"weight_version": told}) as url:
        assert await asked(url, weights="sha256:1") == ()


async def test_weights_of_another_version_are_an_objection():
    async with server(BASE, {"weight_version": "sha256:2"}) as url:
        (fault,) = await asked(url, weights="sha256:1")

        assert "weight version" in fault
        assert await asked(url) == ()  # nothing was declared


@pytest.mark.parametrize(
    "text", ["", "[]", "<html>", '{"data": 3}', BASE + " " * (1 << 20)]
)
async def test_an_answer_that_is_no_list_tells_nothing(text):
    async with server(text) as url:
        assert await asked(url, "other") == ()
    async with server(BASE, status=500) as url:
        assert await asked(url, "other") == ()


async def test_one_server_of_several_may_be_away():
    async with server(BASE) as url:
        found = await objections(
            (NOWHERE, url), "base:first", weights=UNDECLARED, api_key=None
        )

    assert found == ()


async def test_without_any_server_there_is_no_verdict():
    with pytest.raises(GeneratorUnavailableError, match="cannot be reached"):
        await asked(NOWHERE)
