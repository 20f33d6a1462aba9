"""What every benchmark stands on: a gateway of its own, and lean clients.

The clients share the machine with the gateway, so they cost as little as they can:
keep-alive connections, requests written before the clock starts, and answers of which
only the status is read. What is measured is the gateway.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

PREFIX = "triage_gateway_"
CONSOLE = Console(width=120)
PARTS = ("parse", "check", "append", "commit", "project")
SHARES = (
    "parse to project: share of the time spent in each part. Parsing, checking and "
    "appending share one interpreter; projecting has a process of its own"
)
_STARTED = "FHIR base: "
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Address:
    """Where a gateway listens."""

    host: str
    port: int
    process: int

    def get(self, path: str) -> bytes:
        """Return an answer's body; raises where it is not a success."""
        url = f"http://{self.host}:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=_PATIENCE_S) as response:
            content: bytes = response.read()
        return content

    def counters(self) -> dict[str, float]:
        """Return the gateway's own counters."""
        lines = self.get("/metrics").decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {
            name.removeprefix(PREFIX): float(value)
            for name, _, value in pairs
            if name.startswith(PREFIX)
        }

    def processor_seconds(self) -> float:
        """Return what the gateway and its children have used, neighbours apart.

        It is read from Linux's /proc; elsewhere the answer is not a number.
        """
        ticks = [_ticks(each) for each in Path("/proc").glob("[0-9]*/stat")]
        mine = [used for used in ticks if self.process in used[:2]]
        if not mine:
            return float("nan")
        return sum(used[2] for used in mine) / os.sysconf("SC_CLK_TCK")

    def until_shown(self) -> None:
        """Wait until the read models show all that was acknowledged, and its floors."""
        until = time.perf_counter() + _PATIENCE_S
        head = -1.0
        while time.perf_counter() < until:
            now = self.counters()
            if not now["projection_lag"] and now["log_position"] == head:
                return
            head = now["log_position"]
            time.sleep(0.05)
        raise SystemExit("The read models do not catch up: see the log.")


def shares(grown: dict[str, float], seconds: float) -> list[str]:
    """Return the share of the time that each of `PARTS` took."""
    steps = [grown.get(f'step_seconds_total{{step="{each}"}}', 0) for each in PARTS[:2]]
    rest = [
        grown[f"{each}_seconds"] for each in ("log_append", "log_commit", "projection")
    ]
    return [f"{each / seconds:.0%}" for each in (*steps, *rest)]


def _ticks(file: Path) -> tuple[int, int, int]:
    """Return a process's number, its parent's, and the ticks that it has run."""
    try:
        text = file.read_text()
    except OSError:  # it has just ended
        return 0, 0, 0
    fields = text.rpartition(") ")[2].split()
    return int(file.parent.name), int(fields[1]), int(fields[11]) + int(fields[12])


@contextlib.contextmanager
def gateway(
    folder: Path, *, program: Sequence[str] = ("-m", "gateway"), **settings: str
) -> Iterator[Address]:
    """Run a gateway of its own; its log lines go to a file, as in production."""
    command = [sys.executable, *program, "serve", "--dev", "--port", "0"]
    environment = {**os.environ, "TRIAGE_GATEWAY_MODEL": "none", **settings}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "stderr").open("wb") as lines:
        process = subprocess.Popen(
            [*command, "--data", str(folder / "data")],
            stderr=lines,
            env={**environment, "TRIAGE_GATEWAY_LOG_FORMAT": "json"},
        )
    try:
        yield _address(process, folder / "stderr")
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _address(process: "subprocess.Popen[bytes]", file: Path) -> Address:
    while process.poll() is None:
        for line in file.read_text().splitlines(keepends=True):
            if line.startswith(_STARTED) and line.endswith("/fhir\n"):
                host, _, port = line.split("/")[2].rpartition(":")
                return Address(host, int(port), process.pid)
        time.sleep(0.02)
    raise SystemExit(f"The gateway did not start:\n{file.read_text()}")


def post(address: Address, body: bytes, path: str = "/fhir") -> bytes:
    """Return a whole HTTP request, ready to be sent."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        "Content-Type: application/fhir+json\r\nAccept: application/fhir+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(address: Address, path: str) -> bytes:
    """Return a whole GET, ready to be sent."""
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        "Accept: application/fhir+json\r\n\r\n"
    )
    return head.encode()


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


def compact(content: object) -> bytes:
    """Return JSON as clients send it, without white space."""
    return json.dumps(content, separators=(",", ":")).encode()
