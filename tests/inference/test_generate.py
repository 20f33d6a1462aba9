"""The client against a server that misbehaves in every way that servers do."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.answers import Message, Sampling
from inference.circuit import Circuit
from inference.generate import OpenAIChat, compact_grammar
from inference.schema import GeneratorUnavailableError

PROMPT = (Message(role="user", content="Ada Lovelace has a cough."),)
SCHEMA: dict[str, object] = {"type": "object"}


def said(text, finish="stop"):
    choice = {
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    return web.json_response({"choices": [choice]})


class Server:
    """Answers each request with the next of its answers, and the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.bodies = []
        self.keys = []

    async def chat(self, request):
        self.bodies.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request) if callable(answer) else answer

    async def models(self, request):  # noqa: ARG002
        rows = [{"id": "base", "root": "/models/base"}, {"id": "base:adapter"}]
        return web.json_response({"data": rows})


@asynccontextmanager
async def asking(*answers, model="base", **options):
    script = Server(*answers)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", script.chat)
    app.router.add_get("/v1/models", script.models)
    server = TestServer(app)
    await server.start_server()
    chat = OpenAIChat(str(server.make_url("/v1")), model, **options)
    try:
        yield chat, script
    finally:
        await chat.close()
        await server.close()


async def refused(*answers, **options):
    async with asking(*answers, **options) as (chat, script):
        with pytest.raises(GeneratorUnavailableError) as caught:
            await chat.generate(PROMPT, schema=SCHEMA)
    return str(caught.value), script


async def never(request):  # noqa: ARG001
    await asyncio.sleep(30)


async def hang_up(request):
    request.transport.abort()


async def endless(request):
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


def full():
    return web.json_response(
        {"object": "error", "message": "The request queue is full.", "type": "Full"},
        status=503,
    )


async def test_the_request_holds_schema_temperature_seed_and_limit():
    async with asking(lambda _: _said(), max_tokens=77, api_key="k") as (chat, script):
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    body = script.bodies[0]
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert body["response_format"]["json_schema"]["strict"] is True
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.0, 0, 77)
    assert script.keys == ["Bearer k"]
    assert answer.text == "{}"
    assert answer.finish == "stop"
    assert answer.sampling == Sampling(temperature=0.0, seed=0, max_tokens=77)


async def _said():
    return said("{}")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("base-2026", "base-2026"),
        ("org/base", "org/base"),
        ("/somewhere/weights.gguf", "weights.gguf"),
        ("x" * 300, "x" * 200),
        (None, ""),
    ],
)
async def test_what_the_server_calls_its_model_is_recorded(told, kept):
    choice = {"message": {"content": "yes"}, "finish_reason": "stop"}
    answer = web.json_response({"choices": [choice], "model": told})
    async with asking(answer) as (chat, _):
        given = await chat.generate(PROMPT, schema=SCHEMA)

    assert given.model.reported == kept


async def test_weights_are_declared_by_the_setting():
    async with asking(said("{}"), weights="sha256:1") as (chat, _):
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.model.weights == "sha256:1"


@pytest.mark.parametrize("model", ["base", "base:adapter"])
async def test_weights_are_asked_of_the_server(model):
    async with asking(lambda _: _said(), model=model) as (chat, _):
        await chat.generate(PROMPT, schema=SCHEMA)
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.model.weights == "root:/models/base"


async def test_weights_that_nobody_declares_are_undeclared():
    async with asking(said("{}"), model="other") as (chat, _):
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.model.weights == "undeclared"


async def test_a_server_that_does_not_list_its_models_is_not_waited_for():
    app = web.Application()
    app.router.add_post("/v1/chat/completions", Server(lambda _: _said()).chat)
    server = TestServer(app)
    await server.start_server()
    chat = OpenAIChat(str(server.make_url("/v1")), "base")

    answer = await chat.generate(PROMPT, schema=SCHEMA)
    await chat.close()
    await server.close()

    assert answer.model.weights == "undeclared"


async def test_a_client_that_was_never_used_closes():
    chat = OpenAIChat("http://127.0.0.1:1/v1", "base")

    assert await chat.close() is None


@pytest.mark.parametrize("finish", ["length", "abort", None])
async def test_an_unfinished_answer_says_so(finish):
    async with asking(said(None, finish)) as (chat, _):
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.text == ""
    assert answer.finish == (finish or "")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>gateway</html>"),
        web.Response(body=b"\xff\xfe"),
        web.json_response({"choices": []}),
        web.json_response({"choices": [{"message": "text"}]}),
        web.json_response([1]),
        web.Response(status=302, headers={"Location": "http://localhost/elsewhere"}),
    ],
)
async def test_an_answer_that_is_no_completion_is_refused(answer):
    sentence, script = await refused(answer)

    assert "model server" in sentence
    assert len(script.bodies) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": {"type": "invalid_request_error", "message": "Ada"}}, True),
        (400, {"object": "error", "type": "BadRequestError", "message": "Ada"}, True),
        (500, {"error": {"type": "Ada Lovelace has a cough.", "message": "x"}}, False),
        (401, ["no"], False),
        (500, {}, False),
    ],
)
async def test_a_refusal_names_its_kind_and_repeats_no_prompt(status, body, kind):
    sentence, _ = await refused(web.json_response(body, status=status))

    assert f"HTTP {status}" in sentence
    assert ("rror)" in sentence) is kind
    assert "Ada" not in sentence


async def test_a_slow_server_meets_the_deadline():
    sentence, script = await refused(never, timeout_s=0.5)

    assert sentence == "The model server did not answer within 0.5 s."
    assert len(script.bodies) == 1


async def test_a_server_that_hangs_up_is_not_asked_again():
    sentence, script = await refused(hang_up)

    assert "broke off" in sentence
    assert len(script.bodies) == 1


async def test_an_answer_without_end_is_cut_off():
    assert "no end" in (await refused(endless))[0]


async def test_a_full_server_is_asked_once_more():
    async with asking(full(), said("{}")) as (chat, script):
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.text == "{}"
    assert len(script.bodies) == 2


async def test_a_server_that_stays_full_is_given_up():
    sentence, script = await refused(lambda _: _full())

    assert "503" in sentence
    assert len(script.bodies) == 2


async def _full():
    return full()


async def test_a_server_that_is_not_there_cannot_be_reached(unused_tcp_port):
    chat = OpenAIChat(f"http://127.0.0.1:{unused_tcp_port}/v1", "base")

    with pytest.raises(GeneratorUnavailableError, match="cannot be reached"):
        await chat.generate(PROMPT, schema=SCHEMA)
    healthy = await chat.health()
    await chat.close()

    assert not healthy


async def test_a_server_that_lists_its_models_is_healthy():
    async with asking(said("{}")) as (chat, script):
        assert await chat.health()

    assert script.bodies == []


async def test_after_repeated_failures_the_server_is_left_alone_for_a_while():
    now = 0.0
    circuit = Circuit(threshold=2, delay=10.0)
    async with asking(lambda _: _broken(), circuit=circuit, clock=lambda: now) as (
        chat,
        script,
    ):
        for _ in range(4):
            with pytest.raises(GeneratorUnavailableError):
                await chat.generate(PROMPT, schema=SCHEMA)
        assert len(script.bodies) == 2

        now = 11.0
        script.answers = [lambda _: _said()]
        answer = await chat.generate(PROMPT, schema=SCHEMA)

    assert answer.text == "{}"
    assert circuit.failures == 0


async def _broken():
    return web.Response(status=500)


def test_an_open_circuit_lets_one_call_through_after_its_delay():
    circuit = Circuit(threshold=1, delay=10.0)
    circuit.failed(0.0)

    assert [circuit.allows(now) for now in (9.9, 10.0, 10.1, 20.1)] == [
        False,
        True,
        False,
        True,
    ]


async def test_no_more_requests_run_at_a_time_than_allowed():
    running, most = 0, 0

    async def count(_):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return said("{}")

    async with asking(count, concurrency=2) as (chat, _):
        await asyncio.gather(*(chat.generate(PROMPT, schema=SCHEMA) for _ in range(6)))

    assert most == 2


def test_the_compact_grammar_holds_the_schema():
    grammar = compact_grammar(SCHEMA)["grammar"]

    assert str(grammar).startswith("%llguidance {}\nstart: %json {")
    assert json.loads(str(grammar).split("%json ")[1])["type"] == "object"
