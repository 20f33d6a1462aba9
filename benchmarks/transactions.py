"""Small transactions (a Patient and an Observation) at 1, 16 and 64 clients.

Each transaction is acknowledged after its events are on the disk. Numbers depend on
the machine and its neighbours: compare within one run, and by transactions per fsync.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
from rich.console import Console
from rich.progress import track
from rich.table import Table

CLIENTS = (1, 16, 64)
HEADERS = {"Content-Type": "application/fhir+json"}


def bundle(effective: str) -> bytes:
    """Return a transaction with new identifiers, so that none is a repetition."""
    patient = f"urn:uuid:{uuid4()}"
    entries = [
        {
            "fullUrl": patient,
            "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:bench", "value": str(uuid4())}],
                "name": [{"family": "Bench", "given": ["Mark"]}],
                "gender": "female",
                "birthDate": "1980-05-17",
            },
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "fullUrl": f"urn:uuid:{uuid4()}",
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "category": [{"coding": [_CATEGORY]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
                "subject": {"reference": patient},
                "effectiveDateTime": effective,
                "valueQuantity": {
                    "value": 72,
                    "unit": "/min",
                    "system": "http://unitsofmeasure.org",
                    "code": "/min",
                },
            },
            "request": {"method": "POST", "url": "Observation"},
        },
    ]
    content = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return json.dumps(content).encode()


_CATEGORY = {
    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
    "code": "vital-signs",
}


@contextlib.contextmanager
def gateway(folder: Path) -> Iterator[str]:
    """Run a gateway of its own and give its address."""
    command = [sys.executable, "-m", "gateway", "serve", "--dev", "--port", "0"]
    environment = {**os.environ, "TRIAGE_GATEWAY_MODEL": "none"}
    process = subprocess.Popen(
        [*command, "--data", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "TRIAGE_GATEWAY_LOG_FORMAT": "json"},
    )
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        base = next(line for line in lines if line.startswith("FHIR base: "))
        address = base.partition("FHIR base: ")[2].strip().removesuffix("/fhir")
        drain = asyncio.get_running_loop().run_in_executor(None, process.stderr.read)
        yield address
    finally:
        process.terminate()
        process.wait(10)
        drain.cancel()


async def load(
    address: str, clients: int, seconds: float, effective: str
) -> list[float]:
    """Return the latency in seconds of every transaction that was acknowledged."""
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(headers=HEADERS, connector=connector) as session:

        async def client() -> None:
            while time.perf_counter() < until:
                body = bundle(effective)
                began = time.perf_counter()
                async with session.post(f"{address}/fhir", data=body) as response:
                    await response.read()
                    response.raise_for_status()
                latencies.append(time.perf_counter() - began)

        await asyncio.gather(*(client() for _ in range(clients)))
    return latencies


async def counters(address: str) -> dict[str, float]:
    """Return the gateway's own counters."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/metrics") as response,
    ):
        lines = (await response.text()).splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def fsyncs_per_second(folder: Path, seconds: float = 1.0) -> float:
    """Return how often this disk syncs a small appended block."""
    count = 0
    with (folder / "fsync").open("wb", buffering=0) as file:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            count += 1
    return count / seconds


def row(
    clients: int,
    latencies: list[float],
    seconds: float,
    before: dict[str, float],
    after: dict[str, float],
) -> list[str]:
    """Return one line of the table."""

    def grown(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    steps = {
        step: grown(f'triage_gateway_step_seconds_total{{step="{step}"}}')
        for step in ("parse", "check", "append")
    }
    busy = grown("triage_gateway_log_append_seconds") + grown(
        "triage_gateway_log_commit_seconds"
    )
    commits = grown("triage_gateway_log_commits") or 1
    ordered = sorted(latencies)
    return [
        str(clients),
        f"{len(latencies) / seconds:,.0f}",
        f"{statistics.median(ordered) * 1000:.1f}",
        f"{ordered[int(len(ordered) * 0.99)] * 1000:.1f}",
        f"{grown('triage_gateway_log_units') / commits:.1f}",
        f"{steps['parse'] / seconds:.0%}",
        f"{steps['check'] / seconds:.0%}",
        f"{busy / seconds:.0%}",
    ]


async def measure(title: str, effective: str, seconds: float) -> None:
    """Print one table."""
    table = Table(
        "clients",
        "transactions/s",
        "p50 ms",
        "p99 ms",
        "units/fsync",
        "parse",
        "check",
        "append",
        title=title,
        caption="parse, check, append: share of wall time spent in them",
    )
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        disk = fsyncs_per_second(Path(name))
        with gateway(Path(name) / "data") as address:
            await load(address, 4, 1.0, effective)
            for clients in track(CLIENTS, description=title, transient=True):
                before = await counters(address)
                latencies = await load(address, clients, seconds, effective)
                after = await counters(address)
                table.add_row(*row(clients, latencies, seconds, before, after))
    console = Console(width=100)
    console.print(table)
    console.print(f"this disk: {disk:,.0f} fsync/s of 4 KiB appends\n")


async def main() -> None:
    """Measure with data that are context, then with data that open triage cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds = parser.parse_args().seconds
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    await measure("Context: stored, no triage case", "2015-03-01T10:00:00Z", seconds)
    await measure("Each transaction opens a triage case", now, seconds)


if __name__ == "__main__":
    asyncio.run(main())
