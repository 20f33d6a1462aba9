"""An OpenAI-compatible chat endpoint (SGLang, llama.cpp) behind the Generator protocol.

https://docs.sglang.io/basic_usage/openai_api_completions.html
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.answers import Message, ModelIdentity, Sampling, Usage
from domain.values import Acuity
from inference.circuit import Circuit
from inference.confidence import acuity_probabilities
from inference.endpoint import Completion, Consumption, Endpoint, Served
from inference.fleet import Fleet, Server
from inference.schema import UNDECLARED, Answer

_LONGEST_NAME = 200  # characters of what a server says it is
_ALTERNATIVES = 8  # tokens in one place: five levels, cannot_assess, and spellings


def response_format(schema: dict[str, object]) -> dict[str, object]:
    """Return the request fields that hold SGLang and OpenAI to a schema."""
    wanted = {"name": "assessment", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


def compact_grammar(schema: dict[str, object]) -> dict[str, object]:
    """Return the request fields that hold xllamacpp to a schema, without whitespace.

    Its `response_format` lets a small model spend three quarters of its tokens on
    line breaks; the same schema as an llguidance grammar does not.
    https://github.com/guidance-ai/llguidance/blob/main/docs/json_schema.md
    """
    compact = {**schema, "x-guidance": {"whitespace_flexible": False}}
    text = json.dumps(compact, separators=(",", ":"))
    return {"grammar": f"%llguidance {{}}\nstart: %json {text}\n"}


class OpenAIChat:
    """Asks the servers of one model, at temperature 0, within a deadline.

    Args:
        url: base of the API, such as http://host:30000/v1; several with spaces or
            commas between them serve the same model.
        model: served name; SGLang selects an adapter by `base:adapter`.
        api_key: bearer key, where the servers ask for one.
        weights: hash or revision of the weights; asked of the server where not given.
        server: kind of server, for the record.
        timeout_s: seconds for one request with its retry, waiting for a slot apart.
        max_tokens: most tokens of an answer; the default holds the contract's longest.
        concurrency: most requests at a time, over all servers.
        constrain: makes the request fields that enforce the schema.
        circuit: the breaker of a server; each has its own.
        clock: monotonic seconds.
        probabilities: asks how probable each token was (`logprobs`).
        calibration: temperature that scales the levels' probabilities, 1.0 as told.
        priorities: sends the urgency as `priority` (SGLang's
            --enable-priority-scheduling).

    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        weights: str | None = None,
        server: str = "openai-compatible",
        timeout_s: float = 30.0,
        max_tokens: int = 1024,
        concurrency: int = 4,
        constrain: Callable[[dict[str, object]], dict[str, object]] = response_format,
        circuit: Circuit | None = None,
        clock: Callable[[], float] = time.monotonic,
        probabilities: bool = False,
        calibration: float = 1.0,
        priorities: bool = False,
    ) -> None:
        circuit = circuit or Circuit(threshold=5, delay=30.0)
        own = [circuit, *(replace(circuit) for _ in addresses(url)[1:])]
        self._fleet = Fleet(
            [
                Server(endpoint=Endpoint(address, api_key), circuit=each)
                for address, each in zip(addresses(url), own, strict=True)
            ],
            model=model,
            timeout_s=timeout_s,
            clock=clock,
        )
        self._identity = ModelIdentity(
            name=model, weights=weights or UNDECLARED, server=server
        )
        self._sampling = Sampling(temperature=0.0, seed=0, max_tokens=max_tokens)
        self._slots = asyncio.Semaphore(concurrency)
        self._constrain = constrain
        self._clock = clock
        self._probabilities = probabilities
        self._calibration = calibration
        self._priorities = priorities

    async def generate(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, object],
        urgency: Acuity | None = None,
    ) -> Answer:
        """Return the model's answer to a prompt, constrained to a JSON Schema.

        To cancel it ends the server's work on it.

        Raises:
            GeneratorUnavailableError: no complete HTTP answer within the deadline.

        """
        async with self._slots:
            started = self._clock()
            completion, served = await self._fleet.chat(
                self._body(messages, schema, urgency)
            )
            milliseconds = round(1000 * (self._clock() - started))
        return self._answer(completion, served, milliseconds)

    async def health(self) -> bool:
        """Say whether any server answers, without generating anything."""
        return await self._fleet.listing()

    async def close(self) -> None:
        """Close the connections."""
        await self._fleet.close()

    def _body(
        self,
        messages: Sequence[Message],
        schema: dict[str, object],
        urgency: Acuity | None,
    ) -> dict[str, object]:
        body: dict[str, object] = {
            "model": self._identity.name,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "temperature": self._sampling.temperature,
            "seed": self._sampling.seed,
            "max_tokens": self._sampling.max_tokens,
            **self._constrain(schema),
        }
        if self._probabilities:
            body |= {"logprobs": True, "top_logprobs": _ALTERNATIVES}
        if self._priorities:
            # Steps of one: SGLang interrupts running requests from a step of ten, and
            # any that has no priority.
            body["priority"] = Acuity.NON_URGENT - (urgency or Acuity.NON_URGENT)
        return body

    def _answer(
        self, completion: Completion, served: Sequence[Served], milliseconds: int
    ) -> Answer:
        choice = completion.choices[0]
        return Answer(
            text=choice.message.content or "",
            finish=choice.finish_reason or "",
            model=replace(
                self._identity,
                weights=self._weights(served),
                reported=_reported(completion.model or ""),
            ),
            sampling=self._sampling,
            milliseconds=milliseconds,
            usage=_usage(completion.consumption),
            probabilities=acuity_probabilities(choice.tokens, self._calibration),
            calibration=self._calibration,
        )

    def _weights(self, served: Sequence[Served]) -> str:
        """Return which weights, completed by what the server tells of itself."""
        base = self._identity.name.partition(":")[0]
        roots = [row.root for row in served if row.id == base and _tells(row)]
        if self._identity.weights == UNDECLARED and roots:
            return f"root:{roots[0]}"
        return self._identity.weights


def addresses(url: str) -> list[str]:
    """Return the addresses of servers that stand in one setting."""
    return url.replace(",", " ").split()


def _usage(told: Consumption) -> Usage:
    return Usage(
        prompt=told.prompt_tokens, cached=told.cached, answer=told.completion_tokens
    )


def _reported(name: str) -> str:
    """Return what a server calls its model; of a file only the name, wherever it is."""
    name = name.rpartition("/")[2] if name.startswith("/") else name
    return name[:_LONGEST_NAME]


def _tells(row: Served) -> bool:
    """Say whether a row names weights; SGLang 0.5.21 repeats the served name."""
    return bool(row.root) and row.root != row.id
