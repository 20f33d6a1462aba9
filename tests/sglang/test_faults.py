"""A real SGLang server that is full, cut off, stands still, or is killed."""

import asyncio

import aiohttp
import pytest

from inference.pipeline import Pipeline
from inference.schema import GeneratorUnavailableError
from tests.inference.scenes import CASE, FLOOR, Library
from tests.sglang.server import MOST_QUEUED, MOST_RUNNING
from tests.sglang.test_answers import LEVEL, PROMPT, asking, until

LONG = {"max_tokens": 6000, "constrain": lambda _: {"ignore_eos": True}}


async def given_up(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_request_that_is_cancelled_ends_on_the_server_too(sglang):
    async with asking(sglang, **LONG) as chat:
        running = asyncio.create_task(chat.generate(PROMPT, schema=LEVEL))
        await until(sglang, "num_running_reqs", 1)
        await given_up([running])

        await until(sglang, "num_running_reqs", 0)
        assert running.cancelled()


async def test_a_request_that_is_past_its_deadline_ends_on_the_server_too(sglang):
    async with asking(sglang, timeout_s=1, **LONG) as chat:
        with pytest.raises(GeneratorUnavailableError, match="within 1 s"):
            await chat.generate(PROMPT, schema=LEVEL)

        await until(sglang, "num_running_reqs", 0)


async def test_an_answer_that_the_operator_aborts_is_no_draft(sglang):
    async with asking(sglang, **LONG) as chat:
        pipeline = Pipeline(Library(), chat, shadow=True)
        running = asyncio.create_task(pipeline.assess(CASE, FLOOR))
        await until(sglang, "num_running_reqs", 1)
        async with (
            aiohttp.ClientSession() as operator,
            operator.post(f"{sglang.root}/abort_request", json={"abort_all": True}),
        ):
            outcome = await running

    assert outcome.run.finish == "abort"
    assert outcome.reasons == ("The model did not finish its answer.",)


async def test_a_full_server_says_no_and_is_used_again_when_it_is_not(sglang):
    crowd = MOST_RUNNING + 2 * MOST_QUEUED
    async with asking(sglang, concurrency=crowd, **LONG) as chat:
        crowded = [
            asyncio.create_task(chat.generate(PROMPT, schema=LEVEL))
            for _ in range(crowd)
        ]
        refused, waiting = await asyncio.wait(
            crowded, timeout=180, return_when=asyncio.FIRST_COMPLETED
        )
        refusals = [str(task.exception()) for task in refused]
        await given_up(waiting)
    await until(sglang, "num_queue_reqs", 0)
    await until(sglang, "num_running_reqs", 0)
    async with asking(sglang) as chat:
        answer = await chat.generate(PROMPT, schema=LEVEL)

    assert refusals
    assert all("HTTP 503" in refusal for refusal in refusals)
    assert answer.finish == "stop"


async def test_a_server_that_stands_still_costs_one_deadline_and_no_restart(sglang):
    async with asking(sglang, timeout_s=5) as chat:
        await chat.generate(PROMPT, schema=LEVEL)
        sglang.pause()
        with pytest.raises(GeneratorUnavailableError, match="within 5 s"):
            await chat.generate(PROMPT, schema=LEVEL)
        with pytest.raises(GeneratorUnavailableError, match="what it serves"):
            await chat.generate(PROMPT, schema=LEVEL)
        assert not await chat.health()
        sglang.resume()
        answer = await chat.generate(PROMPT, schema=LEVEL)

    assert answer.finish == "stop"


async def test_a_killed_server_leaves_the_floor_until_it_is_there_again(sglang):
    long = {"ignore_eos": True, "max_tokens": 6000}
    async with asking(sglang, max_tokens=8, constrain=lambda _: long) as chat:
        pipeline = Pipeline(Library(), chat, shadow=True)
        running = asyncio.create_task(pipeline.assess(CASE, FLOOR))
        await until(sglang, "num_running_reqs", 1)
        sglang.kill()
        over_it = await running
        afterwards = await pipeline.assess(CASE, FLOOR)
        long.clear()
        sglang.start()
        again = await pipeline.assess(CASE, FLOOR)

    assert [each.run for each in (over_it, afterwards)] == [None, None]
    assert "broke off" in over_it.reasons[0]
    assert "cannot be reached" in afterwards.reasons[0]
    assert again.run.usage.answer == 8
