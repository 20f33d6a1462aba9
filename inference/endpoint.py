"""The wire of an OpenAI-compatible model server: two requests and their errors."""

import asyncio
import re
from http import HTTPStatus
from typing import Annotated

import aiohttp
import msgspec

from inference.schema import GeneratorUnavailableError

_LONGEST_BODY = 1 << 20  # bytes; an answer by the contract is some thousand
_PROBE_S = 5.0


class _Text(msgspec.Struct):
    content: str | None = None


class Choice(msgspec.Struct):
    """What was said, and why it ended."""

    message: _Text
    finish_reason: str | None = None


class Completion(msgspec.Struct):
    """A chat completion, and which model the server says has given it."""

    choices: Annotated[list[Choice], msgspec.Meta(min_length=1)]
    model: str | None = None


class Served(msgspec.Struct):
    """One row of /v1/models; `root` may be the path of the weights, or `id` again."""

    id: str
    root: str | None = None


class _Models(msgspec.Struct):
    data: list[Served]


class _Fault(msgspec.Struct):
    type: str | None = None


class _Refusal(msgspec.Struct):
    """OpenAI nests its error; SGLang's is flat."""

    error: _Fault | None = None
    type: str | None = None


class BusyError(Exception):
    """The server was not reached, or said 503: asking once more is safe."""


class Endpoint:
    """One server's base address, such as http://host:30000/v1, and its bearer key."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session: aiohttp.ClientSession | None = None

    async def chat(self, body: dict[str, object]) -> Completion:
        """Return a chat completion.

        Raises:
            BusyError: nothing was sent, or the server said 503.
            GeneratorUnavailableError: any other answer, or none.

        """
        received = await self._exchange("POST", "/chat/completions", body)
        try:
            return msgspec.json.decode(received, type=Completion)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise GeneratorUnavailableError(
                "The model server answered, but not with a chat completion."
            ) from error

    async def models(self) -> list[Served]:
        """Return what is served; nothing is generated for it.

        Raises:
            GeneratorUnavailableError: no list within five seconds.

        """
        try:
            async with asyncio.timeout(_PROBE_S):
                received = await self._exchange("GET", "/models", None)
            return msgspec.json.decode(received, type=_Models).data
        except (TimeoutError, BusyError, msgspec.MsgspecError) as error:
            raise GeneratorUnavailableError(
                "The model server does not list its models."
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self, method: str, path: str, body: dict[str, object] | None
    ) -> bytes:
        if self._session is None:
            # The caller's deadline is the only one; aiohttp's own is five minutes.
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=aiohttp.ClientTimeout(total=None)
            )
        try:
            async with self._session.request(
                method, self._url + path, json=body, allow_redirects=False
            ) as response:
                received = await _whole(response)
                _require_success(response.status, received)
                return received
        except aiohttp.ClientConnectorError as error:
            raise BusyError(
                "The model server cannot be reached. Check that it runs,"
                " and its address."
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise GeneratorUnavailableError(
                "The model server broke off the connection."
            ) from error


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    received = bytearray()
    async for chunk in response.content.iter_any():
        received += chunk
        if len(received) > _LONGEST_BODY:
            raise GeneratorUnavailableError("The model server's answer has no end.")
    return bytes(received)


def _require_success(status: int, received: bytes) -> None:
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise BusyError("The model server is full or still starting (HTTP 503).")
    raise GeneratorUnavailableError(
        f"The model server refused the request (HTTP {status}{_kind(received)})."
        " Check its address, key, model name and context length."
    )


def _kind(received: bytes) -> str:
    """Return the error's type if it is one word: its message may quote the prompt."""
    try:
        refusal = msgspec.json.decode(received, type=_Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    kind = (refusal.error.type if refusal.error else refusal.type) or ""
    return f", {kind}" if re.fullmatch(r"\w{1,40}", kind, re.ASCII) else ""
