"""Lean clients that send requests, and what they saw.

They share the machine with the gateway, so they cost as little as they can: keep-alive
connections, requests written before the clock starts, and answers of which only the
status is read. What is measured is the gateway.
"""

import asyncio
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rig import Address


@dataclass
class Result:
    """What clients saw: the seconds each answer took, and the statuses of errors."""

    latencies: list[float] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Return the successes per second."""
        return len(self.latencies) / self.seconds

    @property
    def failures(self) -> str:
        """Return how many errors there were, and of which statuses (0: cut off)."""
        kinds = ", ".join(map(str, sorted(set(self.errors))))
        return f"{len(self.errors)} ({kinds})" if kinds else "0"

    def milliseconds(self, share: float) -> float:
        """Return the latency that a share of the successes stayed under."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000

    @property
    def median(self) -> float:
        """Return the median latency in milliseconds."""
        return statistics.median(self.latencies) * 1000


class _Connection(asyncio.Protocol):
    """One keep-alive connection that sends one request after the other."""

    def __init__(self, requests: Iterator[bytes], until: float, result: Result) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._until = until
        self._result = result
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if len(rest) < int(length or 0):
            return
        status = int(head[9:12])
        self._received = b""
        if status < 300:  # noqa: PLR2004 (HTTP's successes)
            self._result.latencies.append(time.perf_counter() - self._began)
        else:
            self._result.errors.append(status)
        self._send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done.done():
            self._result.errors.append(0)
            self.done.set_result(None)

    def _send(self) -> None:
        self._began = time.perf_counter()
        request = next(self._requests, None) if self._began < self._until else None
        if request is not None:
            self._transport.write(request)  # type: ignore[attr-defined]
            return
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()


async def _load(
    address: Address, clients: int, requests: Iterator[bytes], seconds: float
) -> Result:
    result = Result()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    connections = [
        await loop.create_connection(
            lambda: _Connection(requests, began + seconds, result),
            address.host,
            address.port,
        )
        for _ in range(clients)
    ]
    await asyncio.gather(*(connection.done for _, connection in connections))
    result.seconds = time.perf_counter() - began
    return result


def load(
    address: Address,
    clients: int,
    requests: Iterable[bytes],
    seconds: float = float("inf"),
) -> Result:
    """Let clients send requests until these or the seconds are used up."""
    return asyncio.run(_load(address, clients, iter(requests), seconds))
