"""An OpenAI-compatible chat endpoint (SGLang, llama.cpp) behind the Generator protocol.

https://docs.sglang.io/basic_usage/openai_api_completions.html
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.answers import Message, ModelIdentity, Sampling
from inference.circuit import Circuit
from inference.endpoint import BusyError, Completion, Endpoint, Served
from inference.schema import UNDECLARED, Answer, GeneratorUnavailableError

_ATTEMPTS = 2
_PAUSE_S = 0.2
_LONGEST_NAME = 200  # characters of what a server says it is


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
    """Asks one model server, at temperature 0, within a deadline.

    Args:
        url: base of the API, such as http://host:30000/v1.
        model: served name; SGLang selects an adapter by `base:adapter`.
        api_key: bearer key, where the server asks for one.
        weights: hash or revision of the weights; asked of the server where not given.
        server: kind of server, for the record.
        timeout_s: seconds for one request with its retry, waiting for a slot apart.
        max_tokens: most tokens of an answer; the default holds the contract's longest.
        concurrency: most requests at a time.
        constrain: makes the request fields that enforce the schema.
        circuit: the breaker.
        clock: monotonic seconds.

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
    ) -> None:
        self._endpoint = Endpoint(url, api_key)
        self._identity = ModelIdentity(
            name=model, weights=weights or UNDECLARED, server=server
        )
        self._known = weights is not None
        self._sampling = Sampling(temperature=0.0, seed=0, max_tokens=max_tokens)
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(concurrency)
        self._constrain = constrain
        self._circuit = circuit or Circuit(threshold=5, delay=30.0)
        self._clock = clock

    async def generate(
        self, messages: Sequence[Message], *, schema: dict[str, object]
    ) -> Answer:
        """Return the model's answer to a prompt, constrained to a JSON Schema.

        Raises:
            GeneratorUnavailableError: no complete HTTP answer within the deadline.

        """
        async with self._slots:
            if not self._circuit.allows(self._clock()):
                raise GeneratorUnavailableError(
                    "The model server has failed repeatedly and is not asked for now."
                )
            started = self._clock()
            completion = await self._counted(self._body(messages, schema))
            milliseconds = round(1000 * (self._clock() - started))
            declared = await self._declared()
        choice = completion.choices[0]
        identity = replace(declared, reported=_reported(completion.model or ""))
        return Answer(
            text=choice.message.content or "",
            finish=choice.finish_reason or "",
            model=identity,
            sampling=self._sampling,
            milliseconds=milliseconds,
        )

    async def health(self) -> bool:
        """Say whether the server answers, without generating anything."""
        try:
            await self._endpoint.models()
        except GeneratorUnavailableError:
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    def _body(
        self, messages: Sequence[Message], schema: dict[str, object]
    ) -> dict[str, object]:
        return {
            "model": self._identity.name,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "temperature": self._sampling.temperature,
            "seed": self._sampling.seed,
            "max_tokens": self._sampling.max_tokens,
            **self._constrain(schema),
        }

    async def _counted(self, body: dict[str, object]) -> Completion:
        try:
            async with asyncio.timeout(self._timeout_s):
                completion = await self._asked(body)
        except TimeoutError as error:
            self._circuit.failed(self._clock())
            raise GeneratorUnavailableError(
                f"The model server did not answer within {self._timeout_s:g} s."
            ) from error
        except GeneratorUnavailableError:
            self._circuit.failed(self._clock())
            raise
        self._circuit.succeeded()
        return completion

    async def _asked(self, body: dict[str, object]) -> Completion:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._endpoint.chat(body)
            except BusyError:
                await asyncio.sleep(_PAUSE_S)
        try:
            return await self._endpoint.chat(body)
        except BusyError as error:
            raise GeneratorUnavailableError(str(error)) from error

    async def _declared(self) -> ModelIdentity:
        """Return the identity, once completed by what the server tells of itself."""
        if self._known:
            return self._identity
        try:
            served = await self._endpoint.models()
        except GeneratorUnavailableError:
            return self._identity
        base = self._identity.name.split(":", 1)[0]
        roots = [row.root for row in served if row.id == base and _tells(row)]
        if roots:
            self._identity = replace(self._identity, weights=f"root:{roots[0]}")
        self._known = True
        return self._identity


def _reported(name: str) -> str:
    """Return what a server calls its model; of a file only the name, wherever it is."""
    name = name.rpartition("/")[2] if name.startswith("/") else name
    return name[:_LONGEST_NAME]


def _tells(row: Served) -> bool:
    """Say whether a row names weights; SGLang 0.5.21 repeats the served name."""
    return bool(row.root) and row.root != row.id
