"""The wire of an OpenAI-compatible model server: two requests and their errors."""

import asyncio
import re
from http import HTTPStatus
from typing import Annotated, TypeVar

import aiohttp
import msgspec

from inference.body import EndlessBodyError, whole
from inference.schema import GeneratorUnavailableError

_LONGEST_BODY = 4 << 20  # bytes; the probabilities of a long answer are most of one
_PROBE_S = 2.0


_T = TypeVar("_T")


class _Text(msgspec.Struct):
    content: str | None = None


class Alternative(msgspec.Struct):
    """A token that might have stood in a place, and the log of its probability."""

    token: str
    logprob: float


class Token(msgspec.Struct):
    """A token of the answer, and which others were likely in its place."""

    token: str
    logprob: float
    top_logprobs: list[Alternative] = []


class _Tokens(msgspec.Struct):
    content: list[Token] | None = None


class Choice(msgspec.Struct):
    """What was said, and why it ended."""

    message: _Text
    finish_reason: str | None = None
    logprobs: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def tokens(self) -> list[Token]:
        """Return the answer token by token, none where the server does not tell."""
        read = _lenient(self.logprobs, _Tokens)
        return (read.content if read else None) or []


_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None


class Consumption(msgspec.Struct):
    """How many tokens a completion took; SGLang tells what was cached only if asked."""

    prompt_tokens: _Count = 0
    completion_tokens: _Count = 0
    prompt_tokens_details: _Details | None = None

    @property
    def cached(self) -> int:
        """Return how many tokens of the prompt the server had worked out before."""
        details = self.prompt_tokens_details
        return (details.cached_tokens if details else None) or 0


class Completion(msgspec.Struct):
    """A chat completion, and which model the server says has given it."""

    choices: Annotated[list[Choice], msgspec.Meta(min_length=1)]
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def consumption(self) -> Consumption:
        """Return what it took, zeros where the server does not tell."""
        return _lenient(self.usage, Consumption) or Consumption()


class Served(msgspec.Struct):
    """One row of /v1/models.

    `root` may be the path of the weights, or `id` again; `parent` is the base of an
    adapter, where the server tells.
    """

    id: str
    root: str | None = None
    parent: str | None = None
    owned_by: str | None = None


class _Models(msgspec.Struct):
    data: list[Served]


class _Fault(msgspec.Struct):
    type: str | None = None


class _Refusal(msgspec.Struct):
    """OpenAI nests its error; SGLang's is flat."""

    error: _Fault | None = None
    type: str | None = None


class BusyError(Exception):
    """Nothing was generated: asking once more, or another server, is safe."""


class FullError(BusyError):
    """The server said 503: it is there, and full or still starting."""


class Endpoint:
    """One server's base address, such as http://host:30000/v1, and its bearer key."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session: aiohttp.ClientSession | None = None

    async def chat(self, body: dict[str, object]) -> Completion:
        """Return a chat completion; to cancel it closes the connection.

        Raises:
            BusyError: nothing was sent, or the server said 503.
            GeneratorUnavailableError: any other answer, or none.

        """
        status, received = await self._exchange("POST", "/chat/completions", body)
        _require_success(status, received)
        try:
            return msgspec.json.decode(received, type=Completion)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise GeneratorUnavailableError(
                "The model server answered, but not with a chat completion."
            ) from error

    async def models(self) -> list[Served]:
        """Return what is served, nothing where the server keeps no list.

        Nothing is generated for it, as SGLang's /health does.

        Raises:
            BusyError: no answer within two seconds.
            GeneratorUnavailableError: another answer than a list.

        """
        try:
            async with asyncio.timeout(_PROBE_S):
                status, received = await self._exchange("GET", "/models", None)
        except TimeoutError as error:
            raise BusyError(
                f"The model server does not say within {_PROBE_S:g} s what it serves."
            ) from error
        if status == HTTPStatus.NOT_FOUND:
            return []
        _require_success(status, received)
        try:
            return msgspec.json.decode(received, type=_Models).data
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
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
    ) -> tuple[int, bytes]:
        if self._session is None:
            # The caller's deadline is the only one; aiohttp's own is five minutes.
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=aiohttp.ClientTimeout(total=None)
            )
        try:
            async with self._session.request(
                method, self._url + path, json=body, allow_redirects=False
            ) as response:
                return response.status, await _whole(response)
        except aiohttp.ClientConnectorError as error:
            raise BusyError(
                "The model server cannot be reached. Check that it runs,"
                " and its address."
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise GeneratorUnavailableError(
                "The model server broke off the connection."
            ) from error


def _lenient(told: msgspec.Raw, kind: type[_T]) -> _T | None:
    """Read what is an addition: no answer is lost because it cannot be read."""
    try:
        return msgspec.json.decode(told, type=kind | None)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await whole(response.content, _LONGEST_BODY)
    except EndlessBodyError:
        raise GeneratorUnavailableError(
            "The model server's answer has no end."
        ) from None


def _require_success(status: int, received: bytes) -> None:
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise FullError("The model server is full or still starting (HTTP 503).")
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
