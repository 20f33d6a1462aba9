"""The public keys of clients and issuers: written in the settings, or fetched.

Only addresses that the operator registered are fetched, and only where their host is
on the list, exactly; no redirect is followed. Keys that were got are used for ten
minutes, and for up to an hour where they cannot be got anew: after that nobody is let
in by them.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog

from gateway.access.errors import KeysUnavailableError
from gateway.access.jose import BadTokenError, PublicKey, read_keys
from gateway.settings.keys import host_of
from inference.body import whole

_LARGEST = 64 * 1024  # bytes of a JWK Set
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_FRESH_S, _USABLE_S = 600, 3600
_AGAIN_S = 10  # at the soonest, whatever kids strangers name
_MOST_WAITING = 32  # for one fetch; of strangers any number may come
_LOG = structlog.get_logger()


class KeySource(Protocol):
    """Where the keys of one client or issuer come from."""

    async def key(self, name: str) -> PublicKey:
        """Return the key of this name."""
        ...


class WrittenKeys:
    """Keys that stand in the settings."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = read_keys(jwks)

    async def key(self, name: str) -> PublicKey:
        """Return the key of this name.

        Raises:
            BadTokenError: there is none, or it is too weak to be used.

        """
        return _known(self._keys, name)


class FetchedKeys:
    """Keys that are fetched from an address, and kept for a while."""

    def __init__(
        self,
        url: str,
        *,
        hosts: frozenset[str],
        trust: ssl.SSLContext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._hosts = hosts
        self._trust = trust
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}
        self._got: float | None = None
        self._tried: float | None = None
        self._one = asyncio.Lock()
        self._waiting = 0

    async def key(self, name: str) -> PublicKey:
        """Return the key of this name, fetched anew where it is not known.

        Raises:
            BadTokenError: the address does not list it.
            KeysUnavailableError: the address does not answer, or too many wait for it.

        """
        # Those of a known key do not wait for a fetch that somebody else began.
        usable = _USABLE_S if self._one.locked() else _FRESH_S
        if name in self._keys and self._age(self._got) < usable:
            return self._keys[name]
        await self._attempt()
        if self._age(self._got) >= _USABLE_S:
            raise _unavailable()
        return _known(self._keys, name)

    async def _attempt(self) -> None:
        if self._waiting >= _MOST_WAITING:
            raise _unavailable()
        self._waiting += 1
        try:
            async with self._one:
                if self._age(self._tried) >= _AGAIN_S:
                    await self._refresh()
        finally:
            self._waiting -= 1

    def _age(self, since: float | None) -> float:
        return float("inf") if since is None else self._clock() - since

    async def _refresh(self) -> None:
        self._tried = self._clock()
        try:
            self._keys = read_keys(_key_set(await self._fetched()))
            self._got = self._clock()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            _LOG.warning("keys.unavailable", error=type(error).__name__)

    async def _fetched(self) -> bytes:
        """Return what the address gives.

        Raises:
            ValueError: a host that is not listed, or an answer that is no key set.

        """
        if urlsplit(self._url).scheme != "https" or host_of(self._url) not in (
            self._hosts
        ):
            raise ValueError("Only keys from hosts in jwks_hosts are fetched.")
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, auto_decompress=False) as session,
            session.get(
                self._url,
                allow_redirects=False,
                ssl=self._trust,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            ) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004 (a redirect is none, either)
                raise ValueError("The address of the keys gives none.")
            return await whole(answer.content, _LARGEST)


def _key_set(received: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(received)
    except RecursionError:
        raise ValueError("The key set is nested without end.") from None
    if not isinstance(found, dict):
        raise ValueError("The answer is no key set.")  # noqa: TRY004 (it is data)
    return found


def _unavailable() -> KeysUnavailableError:
    return KeysUnavailableError(
        "The keys that would prove who calls cannot be got now: try again."
    )


def _known(keys: Mapping[str, PublicKey], name: str) -> PublicKey:
    if name not in keys:
        raise BadTokenError("its kid is none of the keys that are registered.")
    return keys[name]
