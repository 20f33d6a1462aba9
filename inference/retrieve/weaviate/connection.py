"""One connection to Weaviate that never hangs and mends itself.

The client repeats a call that finds no server for 63 seconds, whatever its
time-outs say, so that each use of it has a deadline of its own here. After a
failure the connection is made anew: gRPC waits up to two minutes before it
looks again for a server that was gone.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import weaviate
from weaviate.classes.init import AdditionalConfig, Auth, GrpcConfig, Timeout
from weaviate.exceptions import (
    InsufficientPermissionsError,
    UnexpectedStatusCodeError,
    WeaviateBaseError,
)

from inference.retrieve.weaviate.server import WeaviateServer
from inference.schema import RetrievalUnavailableError

# What the client and its HTTP library raise; the last four for an answer that is
# not Weaviate's, which the client reads without looking.
_FAILURES = (
    WeaviateBaseError,
    httpx.HTTPError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
_UNAUTHORISED = 401


@dataclass
class _Line:
    """A connected client, and how many use it."""

    client: weaviate.WeaviateAsyncClient
    users: int = 0
    broken: bool = False


class Connection:
    """Lends a connected client, for a bounded time; belongs to one event loop."""

    def __init__(self, server: WeaviateServer) -> None:
        # The library's own lines hold what was loaded, and may repeat what was asked.
        logging.getLogger("weaviate-client").disabled = True
        self.server = server
        self._line: _Line | None = None
        self._connecting = asyncio.Lock()

    @asynccontextmanager
    async def lent(self, seconds: float) -> AsyncIterator[weaviate.WeaviateAsyncClient]:
        """Lend the client; whatever is not done after so many seconds is given up.

        Raises:
            RetrievalUnavailableError: Weaviate is out of reach, too slow, refuses,
                or answers what it does not speak.

        """
        line = None
        try:
            async with asyncio.timeout(seconds):
                line = await self._current()
                yield line.client
        except _FAILURES as failure:
            if line is not None:
                self._forget(line)
            raise RetrievalUnavailableError(_told(failure, seconds)) from failure
        finally:
            if line is not None:
                await _given_back(line)

    async def close(self) -> None:
        """End the connection once nobody uses it."""
        line, self._line = self._line, None
        if line is not None:
            line.users += 1
            line.broken = True
            await _given_back(line)

    async def _current(self) -> _Line:
        async with self._connecting:
            if self._line is None:
                self._line = _Line(await _connected(self.server))
            self._line.users += 1
            return self._line

    def _forget(self, line: _Line) -> None:
        line.broken = True
        if self._line is line:
            self._line = None


async def _given_back(line: _Line) -> None:
    """Close a forgotten client when its last user is done, not under its feet."""
    line.users -= 1
    if line.broken and not line.users:
        await line.client.close()


async def _connected(server: WeaviateServer) -> weaviate.WeaviateAsyncClient:
    client = weaviate.use_async_with_custom(
        http_host=server.host,
        http_port=server.port,
        http_secure=server.secure,
        grpc_host=server.host,
        grpc_port=server.grpc_port,
        grpc_secure=server.secure,
        auth_credentials=Auth.api_key(server.api_key) if server.api_key else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(
                init=server.seconds, query=server.seconds, insert=server.load_seconds
            ),
            # REST takes no proxy from the environment; gRPC would.
            grpc_config=GrpcConfig(channel_options=[("grpc.enable_http_proxy", 0)]),
        ),
        # The checks would ask the public package index for the newest client.
        skip_init_checks=True,
    )
    connected = False
    try:
        await client.connect()
        connected = True
    finally:
        if not connected:
            await client.close()
    return client


def _told(failure: Exception, seconds: float) -> str:
    """Say what to do; the library's own text may repeat what was searched for."""
    if isinstance(failure, TimeoutError):
        return (
            f"Weaviate did not answer within {seconds:g} seconds. Check that its REST"
            " and gRPC ports can be reached."
        )
    if _refused(failure):
        return "Weaviate refuses the API key. Check TRIAGE_GATEWAY_WEAVIATE_API_KEY."
    if _read_only(failure):
        return (
            "Weaviate is read-only, as it is when its disk or memory is full. Make"
            " room, then set its shards to READY."
        )
    return (
        f"Weaviate could not be used ({type(failure).__name__}). Check that it runs,"
        " and that knowledge was loaded into it."
    )


def _refused(failure: Exception) -> bool:
    if isinstance(failure, UnexpectedStatusCodeError):
        return failure.status_code == _UNAUTHORISED or isinstance(
            failure, InsufficientPermissionsError
        )
    return "unauthenticated" in str(failure).lower()


def _read_only(failure: Exception) -> bool:
    said = str(failure).lower()
    return "read-only" in said or "readonly" in said
