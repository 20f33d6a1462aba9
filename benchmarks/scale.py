"""Does the gateway slow down as it fills? Ingest, read and worklist search by size.

Between two sizes resources are stored in bulk: through intake, the log and the
projector, but without HTTP, while no gateway runs. At each size a gateway is started
and measured over HTTP. 500 cases wait on the nurses' worklist at every size, since
worklists are emptied every day and archives are not. The ratios compare each size with
the smallest, in one run.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat
from pathlib import Path

import rig
import senders
import synthea
import transactions
from rich.progress import track
from rich.table import Table

from domain.events import REGISTRY
from gateway.intake.bundle import bundle_request
from gateway.intake.reception import Currency
from gateway.intake.unit import Unit
from gateway.projections.database import FILE, Database
from gateway.projections.projector import Projector
from gateway.store.ledger import Ledger
from gateway.store.records import Context

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_PAST = "2015-03-01T10:00:00Z"
_OPEN_CASES = 500
_TOGETHER = 8
_READ = 400
_COMPARED = (0, 1, 2, 4)  # the rate, its processor time, the medians of reading
_WORKLIST = "/fhir/Task?status=requested&_sort=priority&_count=20"


async def fill(data: Path, wanted: int) -> list[str]:
    """Store so many resources in bulk; return the addresses of some."""
    ledger = Ledger.open(data, registry=REGISTRY)
    database = Database(data / FILE, ledger.derive("projections"))
    projector = Projector(ledger, database)
    known: list[str] = []
    record = synthea.generated()
    size = record.count(b'"resource":')
    try:
        for _ in track(range(0, wanted, size * _TOGETHER), transient=True):
            units = [unit(synthea.fresh(record)) for _ in range(_TOGETHER)]
            answers = await asyncio.gather(*map(ledger.submit, units))
            known += [str(each[0].reference.unversioned()) for each in answers]
            await projector.catch_up()
    finally:
        database.close()
        ledger.close()
    return known


def unit(body: bytes) -> Unit:
    """Return what stores a Bundle, as intake makes it of a request."""
    now = datetime.now(UTC)
    window = timedelta(hours=24)
    current = Currency(at=now, window=window)
    asked = bundle_request(
        body, key=None, actor="bench", current=current, step=lambda _: nullcontext()
    )
    context = Context(at=now, actor="bench", request="bulk")
    return Unit(plan=asked.plans[0], context=context, window=window)


def measured(
    address: rig.Address, clients: int, seconds: float, known: list[str]
) -> tuple[float, ...]:
    """Return transactions/s, processor ms for one, and the latencies of both reads."""
    ingest(address, clients, 1.0)
    began, used = time.perf_counter(), address.processor_seconds()
    sent = ingest(address, clients, seconds)
    rate = len(sent.latencies) / (time.perf_counter() - began)
    used = (address.processor_seconds() - used) / len(sent.latencies) * 1000
    chosen = random.Random(1).choices(known, k=_READ)
    reads = senders.load(
        address, 1, [rig.get(address, f"/fhir/{each}") for each in chosen]
    )
    listed = senders.load(address, 1, repeat(rig.get(address, _WORKLIST), _READ // 2))
    if sent.errors or reads.errors or listed.errors:
        raise SystemExit("The gateway refused something: the figures mean nothing.")
    both = (each for result in (reads, listed) for each in _latencies(result))
    return (rate, used, *both)


def ingest(address: rig.Address, clients: int, seconds: float) -> senders.Result:
    """Send small transactions, and wait until they are shown."""
    bodies = islice(transactions.bundles(_PAST), int(seconds * 1500))
    requests = [rig.post(address, each) for each in bodies]
    result = senders.load(address, clients, requests, seconds)
    address.until_shown()
    return result


def _latencies(result: senders.Result) -> tuple[float, float]:
    return result.median, result.milliseconds(0.99)


def opened(address: rig.Address, cases: int) -> None:
    """Open cases that wait for a nurse, once, before anything is measured."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    some = islice(transactions.bundles(now), cases)
    senders.load(address, 8, [rig.post(address, each) for each in some])
    address.until_shown()


def rows(
    folder: Path, largest: int, clients: int, seconds: float
) -> Iterator[list[str]]:
    """Give one line of the table for each size."""
    stored = 0
    first: tuple[float, ...] = ()
    known: list[str] = []
    for size in (each for each in SIZES if each <= largest):
        began = time.process_time()
        known += asyncio.run(fill(folder / "data", size - stored))
        bulk = (time.process_time() - began) / (size - stored)
        with rig.gateway(folder) as address:
            if not stored:
                opened(address, _OPEN_CASES)
            found = measured(address, clients, seconds, known)
            stored = size
        first = first or found
        yield [
            f"{size:,}",
            f"{bulk * 1e6:,.0f}",
            *(f"{each:,.1f}" for each in found),
            *(f"{found[each] / first[each]:.2f}" for each in _COMPARED),
        ]


def main() -> None:
    """Measure every size up to the largest and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=100_000, choices=SIZES)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    table = Table(
        *("stored", "bulk µs", "tx/s", "CPU ms", "read p50", "p99", "worklist p50"),
        *("p99", "tx ratio", "CPU ratio", "read ratio", "worklist ratio"),
        title="The same work on a growing store",
        caption="bulk: processor µs for a resource; CPU: processor ms of the gateway "
        "for a transaction; p50 and p99 in ms; ratios: to the smallest",
    )
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        for row in rows(Path(name), given.largest, given.clients, given.seconds):
            table.add_row(*row)
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
