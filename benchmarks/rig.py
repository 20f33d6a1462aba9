"""What every benchmark stands on: a gateway of its own, and what it counts."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


def compact(content: object) -> bytes:
    """Return JSON as clients send it, without white space."""
    return json.dumps(content, separators=(",", ":")).encode()
