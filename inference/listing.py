"""What a model server says that it serves, compared with what the settings name.

SGLang (0.5.23) answers any model name with its base model, a bare adapter's too. What
it lists at /v1/models and tells at /model_info is the only way to find out.
"""

import asyncio
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final, TypeVar

import aiohttp
import msgspec

from inference.body import EndlessBodyError, whole
from inference.endpoint import Served
from inference.fleet import misnamed
from inference.schema import UNDECLARED, GeneratorUnavailableError

_WITHIN_S: Final = 5.0
_LONGEST: Final = 1 << 20
_UNTOLD: Final = (None, "", "default")  # SGLang's --weight-version where none was given


class _Rows(msgspec.Struct):
    data: list[Served]


class _Info(msgspec.Struct):
    weight_version: str | None = None


_T = TypeVar("_T")


async def objections(
    urls: Sequence[str], name: str, *, weights: str, api_key: str | None
) -> tuple[str, ...]:
    """Return what is wrong with what servers say they serve; a sentence each.

    A server that cannot be reached is passed over while another can. What a server
    does not tell cannot be wrong.

    Args:
        urls: bases of the API, such as http://host:30000/v1.
        name: as the servers are asked, with the adapter after a colon.
        weights: as declared; compared with SGLang's --weight-version where it has one.
        api_key: bearer key, where the servers ask for one.

    Raises:
        GeneratorUnavailableError: none of them can be reached.

    """
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        told = await asyncio.gather(*(_told(session, url) for url in urls))
    reached = [each for each in told if each is not None]
    if not reached:
        raise GeneratorUnavailableError(
            "The model server cannot be reached. Check that it runs, and its address."
        )
    found = (
        fault
        for rows, version in reached
        for fault in (*misnamed(name, rows), *_other_weights(weights, version))
    )
    return tuple(dict.fromkeys(found))


def _other_weights(declared: str, told: str | None) -> Iterator[str]:
    if declared != UNDECLARED and told not in (*_UNTOLD, declared):
        yield "the server's weight version is another than the declared model_weights"


async def _told(
    session: aiohttp.ClientSession, url: str
) -> tuple[list[Served], str | None] | None:
    """Return rows and weight version of a server; None where it is not reached."""
    base = url.rstrip("/")
    try:
        rows = await _read(session, f"{base}/models", _Rows)
        info = await _read(session, f"{base.removesuffix('/v1')}/model_info", _Info)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
    return (rows.data if rows else []), (info.weight_version if info else None)


async def _read(session: aiohttp.ClientSession, url: str, kind: type[_T]) -> _T | None:
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status != HTTPStatus.OK:
            return None
        try:
            content = await whole(answer.content, _LONGEST)
            return msgspec.json.decode(content, type=kind)
        except (EndlessBodyError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
