"""Several servers of one model, some of which fail."""

import asyncio
import math
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.answers import Message
from domain.values import Acuity
from inference.circuit import Circuit
from inference.endpoint import Served
from inference.fleet import WrongModelError, require_served
from inference.generate import OpenAIChat
from inference.schema import GeneratorUnavailableError

PROMPT = (Message(role="user", content="Ada Lovelace has a cough."),)
ROWS = (
    {"id": "base", "owned_by": "sglang", "root": "/models/base", "parent": None},
    {"id": "first", "owned_by": "sglang", "root": "/models/first", "parent": "base"},
)


class Node:
    """A server that answers with its own name, unless it was told otherwise."""

    def __init__(self, name):
        self.name = name
        self.status = 200
        self.rows = ROWS
        self.bodies = []
        self.listed = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.usage = None
        self.tokens = None

    async def chat(self, request):
        self.bodies.append(await request.json())
        await self.hold.wait()
        choice = {
            "message": {"content": self.name},
            "finish_reason": "stop",
            "logprobs": {"content": self.tokens},
        }
        told = {"choices": [choice], "usage": self.usage}
        return web.json_response(told, status=self.status)

    async def models(self, _):
        self.listed += 1
        await self.hold.wait()
        return web.json_response({"data": self.rows})

    async def start(self, port=0):
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_get("/v1/models", self.models)
        server = TestServer(app, port=port)
        await server.start_server()
        return server


@asynccontextmanager
async def serving(*names, between=" ", **options):
    nodes = [Node(name) for name in names]
    async with AsyncExitStack() as held:
        servers = [await held.enter_async_context(await n.start()) for n in nodes]
        url = between.join(str(server.make_url("/v1")) for server in servers)
        chat = OpenAIChat(url, **{"model": "base", "timeout_s": 5, **options})
        held.push_async_callback(chat.close)
        yield chat, nodes, servers


async def said(chat, **more):
    return (await chat.generate(PROMPT, schema={}, **more)).text


@pytest.mark.parametrize("between", [" ", ",", " ,\n "])
async def test_servers_take_turns(between):
    async with serving("a", "b", between=between) as (chat, _, _):
        answers = {await said(chat) for _ in range(4)}

    assert answers == {"a", "b"}


async def test_who_has_less_to_do_is_asked():
    async with serving("a", "b", "c") as (chat, nodes, _):
        for node in nodes[:2]:
            node.hold.clear()
        waiting = [asyncio.create_task(said(chat)) for _ in range(3)]
        async with asyncio.timeout(60):
            while sum(node.listed for node in nodes) < 3:
                await asyncio.sleep(0.01)
        answers = [await said(chat) for _ in range(4)]
        for node in nodes:
            node.hold.set()
        await asyncio.gather(*waiting)

    assert answers == ["c"] * 4


async def test_another_server_answers_for_one_that_is_full():
    async with serving("a", "b") as (chat, nodes, _):
        nodes[0].status = 503
        answers = [await said(chat) for _ in range(4)]

    assert answers == ["b"] * 4
    assert nodes[0].bodies  # it is asked: it may have room by now


async def test_another_server_answers_for_one_that_is_not_there():
    async with serving("a", "b") as (chat, _, servers):
        await servers[0].close()
        answers = [await said(chat) for _ in range(4)]

    assert answers == ["b"] * 4


async def test_another_server_answers_for_one_that_stands_still():
    async with serving("a", "b") as (chat, nodes, _):
        nodes[0].hold.clear()
        answers = [await said(chat) for _ in range(2)]
        nodes[0].hold.set()

    assert answers == ["b", "b"]
    assert nodes[0].bodies == []


async def test_no_server_is_asked_for_what_another_may_have_begun_to_generate():
    async with serving("a", "b") as (chat, nodes, _):
        for node in nodes:
            node.status = 500
        with pytest.raises(GeneratorUnavailableError, match="HTTP 500"):
            await said(chat)

    assert sum(len(node.bodies) for node in nodes) == 1


async def test_all_full_is_a_sentence():
    async with serving("a", "b", "c") as (chat, nodes, _):
        for node in nodes:
            node.status = 503
        with pytest.raises(GeneratorUnavailableError, match="503"):
            await said(chat)

    assert [len(node.bodies) for node in nodes] == [1, 1, 1]


async def test_full_servers_open_no_circuit():
    circuit = Circuit(threshold=1, delay=60)
    async with serving("a", circuit=circuit) as (chat, nodes, _):
        nodes[0].status = 503
        for _ in range(3):
            with pytest.raises(GeneratorUnavailableError, match="503"):
                await said(chat)
        nodes[0].status = 200

        assert await said(chat) == "a"


async def test_a_server_that_fails_is_left_alone_and_the_others_are_not():
    now = 0.0
    circuit = Circuit(threshold=1, delay=10)
    async with serving("a", "b", circuit=circuit, clock=lambda: now) as (
        chat,
        nodes,
        _,
    ):
        nodes[0].status = 500
        failures = 0
        answers = []
        for _ in range(6):
            try:
                answers.append(await said(chat))
            except GeneratorUnavailableError:
                failures += 1
        nodes[0].status = 200
        now = 11.0
        later = {await said(chat) for _ in range(4)}

    assert failures == 1
    assert answers == ["b"] * 5
    assert later == {"a", "b"}


async def test_where_all_are_left_alone_a_sentence_says_so():
    circuit = Circuit(threshold=1, delay=10)
    async with serving("a", "b", circuit=circuit) as (chat, nodes, _):
        for node in nodes:
            node.status = 500
        for _ in range(2):
            with pytest.raises(GeneratorUnavailableError, match="HTTP 500"):
                await said(chat)
        with pytest.raises(GeneratorUnavailableError, match="failed repeatedly"):
            await said(chat)


async def test_a_server_is_asked_what_it_serves_once_and_after_it_failed():
    async with serving("a") as (chat, nodes, _):
        for _ in range(3):
            await said(chat)
        before = nodes[0].listed
        nodes[0].status = 500
        with pytest.raises(GeneratorUnavailableError):
            await said(chat)
        nodes[0].status = 200
        await said(chat)

    assert before == 1
    assert nodes[0].listed == 2


async def test_a_server_that_came_back_with_another_model_is_not_believed():
    async with serving("a") as (chat, nodes, servers):
        await said(chat)
        port = servers[0].port
        await servers[0].close()
        with pytest.raises(GeneratorUnavailableError):
            await said(chat)
        other = Node("other")
        other.rows = ({"id": "another", "owned_by": "sglang"},)
        async with await other.start(port):
            with pytest.raises(GeneratorUnavailableError, match="does not list"):
                await said(chat)

    assert nodes[0].bodies
    assert other.bodies == []


async def test_the_server_with_the_right_model_answers_for_the_one_with_another():
    async with serving("a", "b", model="base:first") as (chat, nodes, _):
        nodes[0].rows = ROWS[:1]
        answers = [await said(chat) for _ in range(3)]

    assert answers == ["b"] * 3
    assert nodes[0].bodies == []


async def test_another_server_answers_for_one_that_does_not_say_what_it_serves():
    async with serving("a", "b") as (chat, nodes, _):
        nodes[0].rows = "base"
        answers = [await said(chat) for _ in range(3)]

    assert answers == ["b"] * 3


async def test_one_server_that_lists_its_models_is_health_enough():
    async with serving("a", "b") as (chat, nodes, servers):
        await servers[0].close()
        one = await chat.health()
        nodes[1].rows = ()
        none = await chat.health()

    assert one
    assert not none


@pytest.mark.parametrize(
    ("urgency", "priority"),
    [(Acuity.RESUSCITATION, 4), (Acuity.NON_URGENT, 0), (None, 0)],
)
async def test_the_more_urgent_has_the_higher_priority(urgency, priority):
    async with serving("a", priorities=True) as (chat, nodes, _):
        await said(chat, urgency=urgency)

    assert nodes[0].bodies[0].get("priority") == priority


async def test_nothing_of_its_own_is_asked_of_a_server_unless_it_is_configured():
    async with serving("a") as (chat, nodes, _):
        await said(chat, urgency=Acuity.EMERGENT)

    assert not {"priority", "logprobs", "top_logprobs"} & nodes[0].bodies[0].keys()


async def test_how_probable_each_level_was_is_asked_and_recorded():
    async with serving("a", probabilities=True, calibration=2.0) as (chat, nodes, _):
        others = [
            {"token": f"{level}", "logprob": math.log(share)}
            for level, share in enumerate((0.01, 0.64, 0.16, 0.18, 0.01), 1)
        ]
        named = {"token": "2", "logprob": math.log(0.64), "top_logprobs": others}
        nodes[0].tokens = [
            {"token": '{"acuity": ', "logprob": 0, "top_logprobs": []},
            named,
            {"token": "}", "logprob": 0},
        ]
        answer = await chat.generate(PROMPT, schema={})

    asked = nodes[0].bodies[0]
    assert (asked["logprobs"], asked["top_logprobs"]) == (True, 8)
    assert answer.calibration == 2.0
    assert answer.probabilities[1] / answer.probabilities[2] == pytest.approx(2)


async def test_a_server_whose_list_is_none_is_not_believed():
    async with serving("a") as (chat, nodes, _):
        nodes[0].rows = "base"
        with pytest.raises(GeneratorUnavailableError, match="does not list"):
            await said(chat)

    assert nodes[0].bodies == []


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (None, (0, 0, 0)),
        ({"prompt_tokens": 9, "completion_tokens": 2}, (9, 0, 2)),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, (9, 0, 0)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {}}, (9, 0, 0)),
        ({"prompt_tokens": -9}, (0, 0, 0)),
        ({"prompt_tokens": 10**30}, (0, 0, 0)),
        ({"prompt_tokens": None}, (0, 0, 0)),
        ("many", (0, 0, 0)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 7}},
            (9, 7, 0),
        ),
    ],
)
async def test_what_an_answer_took_is_recorded(usage, counted):
    async with serving("a") as (chat, nodes, _):
        nodes[0].usage = usage
        answer = await chat.generate(PROMPT, schema={})

    used = answer.usage
    assert (used.prompt, used.cached, used.answer) == counted


@pytest.mark.parametrize("name", ["base", "base:first"])
def test_what_sglang_lists_is_served(name):
    assert require_served(rows(), name) is None


def rows():
    return [Served(**row) for row in ROWS]


@pytest.mark.parametrize(
    "name", ["first", "base:second", "base:base", "other", "other:first", "base:"]
)
def test_what_sglang_would_answer_with_another_model_is_refused(name):
    with pytest.raises(WrongModelError):
        require_served(rows(), name)


@pytest.mark.parametrize("name", ["other", "org/model:Q4"])
def test_other_servers_check_names_themselves(name):
    assert require_served([Served(id="model.gguf")], name) is None
    assert require_served([], name) is None


@pytest.mark.parametrize("name", ["base", "base:first"])
def test_a_router_in_front_lists_bases_alone(name):
    assert require_served([Served(id="base", owned_by="local")], name) is None


@pytest.mark.parametrize("name", ["first", "other", "other:first", "base:"])
def test_a_name_that_a_router_does_not_list_is_refused(name):
    with pytest.raises(WrongModelError):
        require_served([Served(id="base", owned_by="local")], name)


def test_a_served_name_may_have_a_colon():
    named = [Served(id="base:2026", owned_by="sglang")]

    assert require_served(named, "base:2026") is None
