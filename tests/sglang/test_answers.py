"""What a real SGLang server answers to the gateway's client."""

import asyncio
import json
import math
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from domain.answers import Message
from domain.values import Acuity, Complaint, Finding, VitalName
from inference.contract import output_schema
from inference.endpoint import Endpoint
from inference.generate import OpenAIChat, response_format
from inference.parse import UnreadableDraft, parse
from inference.pipeline import Pipeline, Withholding
from inference.prompt import case_refs, render, shown
from inference.schema import GeneratorUnavailableError
from tests.inference.scenes import CASE, FLOOR, Library, passage, ref, vital

BASE, FIRST, SECOND = "base", "base:first", "base:second"
PROMPT = (Message(role="user", content="A man of 58 has had chest pain for an hour."),)
LEVEL = {
    "type": "object",
    "properties": {"acuity": {"enum": [1, 2, 3, 4, 5]}},
    "required": ["acuity"],
    "additionalProperties": False,
}


@asynccontextmanager
async def asking(server, model=BASE, **options):
    chat = OpenAIChat(server.url, model, **{"timeout_s": 120, **options})
    try:
        yield chat
    finally:
        await chat.close()


def a_case(number):
    """Return cases that differ in what was said, measured and taken."""
    return replace(
        CASE,
        complaints=(
            Complaint(
                text=f"Pain in the chest for {number + 1} hours",
                source=ref("Encounter", f"e{number}"),
            ),
        ),
        vitals=(vital(VitalName.HEART_RATE, 90 + number),) if number % 2 else (),
    )


def library(number):
    texts = (
        f"A heart rate above {100 + number} per minute is a danger sign in an adult.",
        "Record an ECG within 10 minutes of arrival. Ask about déjà vu and the jaw.",
    )
    few = texts[: number % 3]
    return Library([passage(f"p{i}", text) for i, text in enumerate(few)])


@pytest.mark.parametrize("model", [BASE, FIRST, SECOND])
async def test_every_complete_answer_keeps_the_contract(sglang, model):
    async with asking(sglang, model, concurrency=4) as chat:
        outcomes = await asyncio.gather(
            *(
                Pipeline(library(n), chat, shadow=True).assess(a_case(n), FLOOR)
                for n in range(4)
            )
        )

    runs = [outcome.run for outcome in outcomes]
    read = [parse(run.answer, run.finish) for run in runs if run.finish == "stop"]
    assert len(read) >= 3  # noise may be cut off by the limit of tokens
    assert not [draft for draft in read if isinstance(draft, UnreadableDraft)]


async def test_the_largest_schema_compiles(sglang):
    sentences = " ".join(f"Sentence {n} of a passage is déjà vu." for n in range(10))
    everything = replace(
        CASE,
        medications=tuple(
            Finding(text=f"medicine {n}", source=ref("MedicationStatement", f"m{n}"))
            for n in range(60)
        ),
    )
    passages = shown([passage(f"p{n}", f"{n}: {sentences}") for n in range(3)])
    schema = output_schema(passages, case_refs(everything))
    prompt = render(everything, FLOOR, passages)
    async with asking(sglang, max_tokens=8) as chat:
        answer = await chat.generate(prompt, schema=schema)

    assert answer.text.startswith('{"reasons": [')
    assert answer.finish == "length"


async def test_an_answer_that_is_cut_off_is_withheld(sglang):
    async with asking(sglang, max_tokens=8) as chat:
        outcome = await Pipeline(Library(), chat, shadow=True).assess(CASE, FLOOR)

    assert isinstance(outcome, Withholding)
    assert outcome.reasons == ("The model did not finish its answer.",)
    assert outcome.run.finish == "length"


async def test_the_probabilities_of_the_levels_are_those_of_its_tokens(sglang):
    async with asking(sglang, probabilities=True) as chat:
        answer = await chat.generate(PROMPT, schema=LEVEL)
    told = await _told(sglang)

    named = json.loads(answer.text)["acuity"]
    assert sum(answer.probabilities) == pytest.approx(1)
    assert max(answer.probabilities) == answer.probabilities[named - 1]
    assert answer.probabilities == pytest.approx(
        [told[str(level)] / sum(told.values()) for level in range(1, 6)], rel=1e-3
    )


async def _told(server):
    """Return what the server itself says of the place where the level stands."""
    endpoint = Endpoint(server.url, None)
    completion = await endpoint.chat(
        {
            "model": BASE,
            "messages": [{"role": "user", "content": PROMPT[0].content}],
            "temperature": 0,
            "max_tokens": 64,
            "logprobs": True,
            "top_logprobs": 20,
            **response_format(LEVEL),
        }
    )
    await endpoint.close()
    token = next(t for t in completion.choices[0].tokens if t.token in set("12345"))
    return {
        each.token: math.exp(each.logprob)
        for each in token.top_logprobs
        if each.token in set("12345")
    }


async def test_a_calibration_makes_the_model_less_sure_and_does_not_change_it(sglang):
    answers = []
    for calibration in (1.0, 2.0, 5.0):
        async with asking(sglang, probabilities=True, calibration=calibration) as chat:
            answers.append(await chat.generate(PROMPT, schema=LEVEL))

    assert len({answer.text for answer in answers}) == 1
    sure = [max(answer.probabilities) for answer in answers]
    assert sure == sorted(sure, reverse=True)
    assert len({p.index(max(p)) for p in (a.probabilities for a in answers)}) == 1
    assert [answer.calibration for answer in answers] == [1.0, 2.0, 5.0]


async def test_probabilities_are_not_there_where_nobody_asked(sglang):
    async with asking(sglang) as chat:
        answer = await chat.generate(PROMPT, schema=LEVEL)

    assert answer.probabilities == ()


async def test_each_adapter_answers_for_itself(sglang):
    found = {}
    for model in (BASE, FIRST, SECOND):
        async with asking(sglang, model, probabilities=True) as chat:
            answer = await chat.generate(PROMPT, schema=LEVEL)
            found[model] = answer.probabilities
            assert answer.model.name == model
            assert answer.model.reported == model

    for one, other in pairwise([*found.values(), found[BASE]]):
        assert one != pytest.approx(other, rel=1e-3)


async def test_the_name_of_an_adapter_alone_is_answered_by_the_base_model(sglang):
    """This is the trap that the next test closes."""
    async with asking(sglang, probabilities=True) as chat:
        base = await chat.generate(PROMPT, schema=LEVEL)
    endpoint = Endpoint(sglang.url, None)
    body = {
        "model": "first",
        "messages": [{"role": "user", "content": PROMPT[0].content}],
        "temperature": 0,
        "max_tokens": 64,
        **response_format(LEVEL),
    }
    alone = await endpoint.chat(body)
    with pytest.raises(GeneratorUnavailableError, match="HTTP 400, BadRequestError"):
        await endpoint.chat({**body, "model": "base:absent"})
    await endpoint.close()

    assert alone.model == "first"
    assert alone.choices[0].message.content == base.text


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("first", "that of an adapter alone"),
        ("base:absent", "does not list an adapter"),
        ("base:base", "does not list an adapter"),
        ("absent", "does not list a model"),
        ("absent:first", "does not list a model"),
    ],
)
async def test_a_name_that_another_model_would_answer_is_refused(
    sglang, model, sentence
):
    async with asking(sglang, model) as chat:
        with pytest.raises(GeneratorUnavailableError, match=sentence):
            await chat.generate(PROMPT, schema=LEVEL)


async def test_the_instructions_of_the_prompt_are_worked_out_once(sglang):
    async with asking(sglang, max_tokens=8) as chat:
        pipeline = Pipeline(Library(), chat, shadow=True)
        await pipeline.assess(CASE, FLOOR)
        outcome = await pipeline.assess(a_case(7), FLOOR)

    usage = outcome.run.usage
    assert usage.cached >= usage.prompt / 3
    assert usage.prompt > usage.cached
    assert usage.answer == 8


async def test_the_most_urgent_case_goes_first(sglang):
    ended = []

    async def wait_for(length, urgency):
        async with asking(
            sglang,
            max_tokens=length,
            priorities=True,
            constrain=lambda _: {"ignore_eos": True},
        ) as chat:
            await chat.generate(PROMPT, schema=LEVEL, urgency=urgency)
        ended.append(urgency)

    running = [
        asyncio.create_task(wait_for(length, Acuity.URGENT))
        for length in (400, 6000, 6000, 6000)
    ]
    await until(sglang, "num_running_reqs", 4)
    last = [asyncio.create_task(wait_for(50, Acuity.NON_URGENT)) for _ in range(3)]
    await until(sglang, "num_queue_reqs", 3)
    first = asyncio.create_task(wait_for(50, Acuity.RESUSCITATION))
    await first
    for task in (*running, *last):
        task.cancel()
    await asyncio.gather(*running, *last, return_exceptions=True)

    assert Acuity.NON_URGENT not in ended
    await until(sglang, "num_running_reqs", 0)


async def until(server, metric, value):
    """Wait until a metric has a value; servers write them some times a second."""
    async with asyncio.timeout(180):
        while await asyncio.to_thread(server.metric, metric) != value:
            await asyncio.sleep(0.05)


async def test_it_is_healthy_without_generating_anything(sglang):
    before = sglang.metric("num_requests_total")
    async with asking(sglang) as chat:
        assert await chat.health()

    assert sglang.metric("num_requests_total") == before


def test_its_metrics_are_there(sglang):
    for name in ("prompt_tokens", "generation_tokens", "num_requests"):
        assert sglang.metric(f"{name}_total") > 0
    for name in ("num_running_reqs", "num_queue_reqs", "cache_hit_rate"):
        assert sglang.metric(name) >= 0
