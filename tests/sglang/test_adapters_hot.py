"""What was trained is loaded into a real SGLang server and speaks there as in PEFT.

Parity is `python -m training.parity`, run in the training environment.
"""

import json

import aiohttp
import pytest

from domain.answers import Message
from inference.endpoint import Endpoint
from inference.generate import OpenAIChat, response_format
from inference.listing import objections
from inference.schema import UNDECLARED, GeneratorUnavailableError
from tests.sglang import server as servers

TRAINED = "base:trained"
PROMPT = "A man of 58 has had chest pain for an hour."
LEVEL = {
    "type": "object",
    "properties": {"acuity": {"enum": [1, 2, 3, 4, 5]}},
    "required": ["acuity"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def facts(inside, sglang_of_the_run):
    """Return what was found; the server goes on with the adapter."""
    base = servers.random_model(servers.python()) / servers.BASE
    sglang_of_the_run.start()
    return inside("hot", base, sglang_of_the_run.url)[0]


async def asked(server):
    """Return the answer of the gateway's client, asked as if for a first case."""
    chat = OpenAIChat(server.url, TRAINED, timeout_s=120)
    try:
        said = [Message(role="user", content=PROMPT)]
        return await chat.generate(said, schema=LEVEL)
    finally:
        await chat.close()


async def faults(server):
    """Return what the gateway's self-test finds wrong with the served name."""
    return await objections([server.url], TRAINED, weights=UNDECLARED, api_key=None)


def quoted(told):
    """Return JSON in which a text stands as it would stand alone."""
    return json.dumps(told, ensure_ascii=False)


async def unload(server):
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{server.root}/unload_lora_adapter", json={"lora_name": "trained"}
        ) as told,
    ):
        return await told.json()


def test_a_trained_adapter_says_in_sglang_what_it_says_in_peft(facts):
    told = facts["trained"]["told"]

    assert facts["loaded"]["success"]
    assert facts["trained"]["said"] == "equal"
    assert told["rows"] == told["equal_prompts"] == told["equal_texts"] == 3
    assert told["logprob_difference"] < 1e-3
    assert told["differences"] == told["faults"] == []
    assert told["device"] == "cpu"
    assert (told["precision"], told["least"]) == ("float32", None)


def test_it_does_not_say_what_its_base_says(facts):
    base, trained = facts["texts"]["base"], facts["texts"][TRAINED]

    assert all(one != other for one, other in zip(base, trained, strict=True))


def test_an_adapter_that_is_not_the_served_one_fails(facts):
    told = facts["another"]["told"]

    assert facts["another"]["said"] == "0 of 3 texts are equal; all have to be."
    assert [each["row"] for each in told["differences"]] == [1, 2, 3]
    assert told["adapter_sha256"] == facts["trained"]["told"]["adapter_sha256"]


def test_the_result_names_places_and_repeats_no_text(facts):
    kept = quoted([facts[name]["told"] for name in ("trained", "another")])
    said = [text for those in facts["texts"].values() for text in those if text.strip()]

    assert said
    assert not [text for text in said if quoted(text)[1:-1] in kept]


def test_answers_without_an_acuity_do_not_pass_as_equal_acuities(facts):
    assert facts["acuities"]["said"] == (
        "No answer gives an acuity: there is nothing to compare."
    )


def test_the_name_of_an_adapter_alone_is_not_compared(facts):
    assert "that of an adapter alone" in facts["alone"]["said"]
    assert facts["alone"]["told"] == {}


@pytest.mark.usefixtures("facts")
async def test_the_gateway_takes_it_as_soon_as_it_is_loaded(sglang):
    answer = await asked(sglang)

    assert answer.model.reported == TRAINED
    assert await faults(sglang) == ()


@pytest.mark.usefixtures("facts")
async def test_once_unloaded_it_is_refused_though_sglang_would_answer(sglang):
    gone = await unload(sglang)

    assert gone["success"]
    assert await faults(sglang) == ("the server does not list an adapter of that name",)
    with pytest.raises(GeneratorUnavailableError, match="does not list an adapter"):
        await asked(sglang)
    assert (await again(sglang)).model == TRAINED


async def again(server):
    """Ask past the gateway: SGLang loads it once more from where it was."""
    endpoint = Endpoint(server.url, None)
    try:
        return await endpoint.chat(
            {
                "model": TRAINED,
                "messages": [{"role": "user", "content": PROMPT}],
                "temperature": 0,
                "max_tokens": 64,
                **response_format(LEVEL),
            }
        )
    finally:
        await endpoint.close()
