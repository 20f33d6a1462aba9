"""Small transactions (a Patient and an Observation) at 1, 16 and 64 clients.

A transaction is acknowledged after its events are on the disk: tx/s. The second rate,
shown/s, counts the time until the read models show everything that it brought about,
the floor's assessment and the answer that there is no model included. CPU ms is what
the gateway's processes used for one transaction, until it was shown. The clients of
`rig` run beside the gateway and take part of the machine. Numbers depend on the machine
and its neighbours: compare within one run, by CPU and by transactions per fsync.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from uuid import uuid4

import rig
import senders
from rich.progress import track
from rich.table import Table

CLIENTS = (1, 16, 64)
_PREPARED_A_SECOND = 2500
_MARKS = ("{patient}", "{observation}", "{identifier}")


def template(effective: str) -> tuple[bytes, ...]:
    """Return a transaction, cut where each one carries identifiers of its own."""
    patient, observation, identifier = _MARKS
    entries = [
        {
            "fullUrl": f"urn:uuid:{patient}",
            "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:bench", "value": identifier}],
                "name": [{"family": "Bench", "given": ["Mark"]}],
                "gender": "female",
                "birthDate": "1980-05-17",
            },
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "fullUrl": f"urn:uuid:{observation}",
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "category": [{"coding": [_CATEGORY]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
                "subject": {"reference": f"urn:uuid:{patient}"},
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
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    text = rig.compact(whole)
    for mark in _MARKS:
        text = text.replace(mark.encode(), b"\x00" + mark.encode() + b"\x00")
    return tuple(text.split(b"\x00"))


_CATEGORY = {
    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
    "code": "vital-signs",
}


def bundles(effective: str) -> Iterator[bytes]:
    """Give transactions with new identifiers, so that none is a repetition."""
    parts = template(effective)
    marks = [mark.encode() for mark in _MARKS]
    while True:
        fresh = {mark: str(uuid4()).encode() for mark in marks}
        yield b"".join(fresh.get(part, part) for part in parts)


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
    result: senders.Result,
    shown: float,
    used: float,
    grown: dict[str, float],
) -> list[str]:
    """Return one line of the table."""
    commits = grown["log_commits"] or 1
    return [
        str(clients),
        f"{result.per_second:,.0f}",
        f"{len(result.latencies) / shown:,.0f}",
        f"{result.median:.1f}",
        f"{result.milliseconds(0.99):.1f}",
        f"{len(result.latencies) / commits:.1f}",
        f"{used / len(result.latencies) * 1000:.2f}",
        result.failures,
        *rig.shares(grown, shown),
    ]


def measured(
    address: rig.Address, clients: int, seconds: float, effective: str
) -> list[str]:
    """Load a gateway and return one line of the table."""
    count = int(min(seconds * _PREPARED_A_SECOND, seconds * 400 * clients))
    made = islice(bundles(effective), count)
    requests = [rig.post(address, each) for each in made]
    more = (rig.post(address, each) for each in bundles(effective))
    before, used = address.counters(), address.processor_seconds()
    began = time.perf_counter()
    result = senders.load(address, clients, chain(requests, more), seconds)
    address.until_shown()
    shown = time.perf_counter() - began
    after, used = address.counters(), address.processor_seconds() - used
    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    return row(clients, result, shown, used, grown)


def measure(title: str, effective: str, seconds: float) -> None:
    """Print one table."""
    table = Table(
        *("clients", "tx/s", "shown/s", "p50 ms", "p99 ms", "tx/fsync"),
        *("CPU ms", "errors"),
        *rig.PARTS,
        title=title,
        caption=rig.SHARES,
    )
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        disk = fsyncs_per_second(Path(name))
        with rig.gateway(Path(name)) as address:
            measured(address, 4, 1.0, effective)
            for clients in track(CLIENTS, description=title, transient=True):
                table.add_row(*measured(address, clients, seconds, effective))
    rig.CONSOLE.print(table)
    rig.CONSOLE.print(f"this disk: {disk:,.0f} fsync/s of 4 KiB appends\n")


def main() -> None:
    """Measure with data that are context, then with data that open triage cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds = parser.parse_args().seconds
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    measure("Context: stored, no triage case", "2015-03-01T10:00:00Z", seconds)
    measure("Each transaction opens a triage case", now, seconds)


if __name__ == "__main__":
    main()
