"""How fast read models are made anew from the log, by several processes, on the disk.

    python benchmarks/rebuild.py [--events 50000] [--audit]

The log holds resources that went through intake; the read models are those that
everybody reads, with every version, the current ones and the search index; `--audit`
adds the AuditEvents, of which each change has one. The time ends when the file is
synced and in its place. The last column is what two cores with nothing else to do would
reach, from the processor's time of all processes.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import received
import rig
import scale
import synthea
from rich.table import Table

from domain.events import REGISTRY
from gateway.projections.bulk import Draft, replace
from gateway.projections.database import AUDIT_FILE, FILE
from gateway.projections.kinds import audit_events, resources
from gateway.projections.preparing import Kind
from gateway.store.ledger import Ledger

_CORES = 2
_TOGETHER = 8


async def fill(ledger: Ledger, wanted: int) -> None:
    """Let the log hold so many events at least."""
    record = synthea.generated()
    while ledger.head < wanted:
        units = [scale.unit(synthea.fresh(record)) for _ in range(_TOGETHER)]
        await asyncio.gather(*map(ledger.submit, units))


def row(ledger: Ledger, file: Path, kind: Kind) -> list[str]:
    """Make one file anew and return one line of the table."""
    phases: list[float] = []

    @contextmanager
    def phase(_title: str) -> Iterator[Callable[[int, int], None]]:
        began = time.perf_counter()
        yield lambda _done, _total: None
        phases.append(time.perf_counter() - began)

    began, before = time.perf_counter(), os.times()
    replace(Draft(ledger, file, kind), phase)
    clock, after = time.perf_counter() - began, os.times()
    used = sum(after[:4]) - sum(before[:4])  # of this process and its children
    return [
        file.name,
        f"{ledger.head:,}",
        f"{ledger.head / clock:,.0f}",
        *(f"{each:.1f}" for each in phases),
        f"{used:.1f}",
        f"{_CORES * ledger.head / used:,.0f}",
    ]


def main() -> None:
    """Print one table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=50_000)
    asked.add_argument("--audit", action="store_true", help="the AuditEvents, too")
    given = asked.parse_args()
    table = Table(
        *("file", "events", "events/s", "rows s", "indices s", "processor s"),
        f"of {_CORES} idle cores/s",
        title="Read models made anew; 10,000 events/s are to be reached",
    )
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        folder = Path(name) / "data"
        with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
            asyncio.run(fill(ledger, given.events))
            size = (folder / "log.sqlite").stat().st_size // ledger.head
            rig.CONSOLE.print(received.profile(folder, ledger.head, size))
            table.add_row(*row(ledger, folder / FILE, resources()))
            if given.audit:
                kind = audit_events("default")
                table.add_row(*row(ledger, folder / AUDIT_FILE, kind))
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
