"""Does an event cost more as the log grows? Append, verify, one stream, start, memory.

    python benchmarks/growth.py [--largest 100000]

The log is generated: small events are appended in bulk, 500 in a unit of work, without
HTTP and read models. One log grows from size to size; appending is measured over the
last tenth of it, and everything in one process on one core. "verify" is of the seal and
of every ciphertext. The ratios compare each size with the smallest, in processor time.
"""

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import received
import rig
from rich.progress import track
from rich.table import Table

from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.verification import verify

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_UNIT = 500
_STREAM = 20
_PATIENTS = 5_000
_READ = 200
_OPENED = 5
_CONTENT = b"x" * 100


class Figures(NamedTuple):
    """Processor microseconds an event, a stream, milliseconds a start; MiB."""

    append: float
    verify: float
    stream: float
    start: float
    memory: float
    disk: float


def unit(first: int) -> Callable[[Session], None]:
    """Return work that appends some short streams."""
    context = Context(at=datetime.now(UTC), actor="Device/bench", request=str(first))
    events = [received.Received(content=_CONTENT)] * _STREAM

    def work(session: Session) -> None:
        for start in range(first, first + _UNIT, _STREAM):
            subject = f"Patient/{start // _STREAM % _PATIENTS}"
            session.begin(f"r/{start}")
            session.append(f"r/{start}", events, subject=subject, context=context)

    return work


def grown(folder: Path, size: int) -> float:
    """Let the log grow; return the processor microseconds of an event at the end."""
    used, counted = 0.0, 0
    with closing(Ledger.open(folder, registry=received.REGISTRY)) as ledger:
        for first in track(range(ledger.head, size, _UNIT), transient=True):
            began = time.process_time()
            ledger.submit_sync(unit(first))
            if first >= size - size // 10:
                used += time.process_time() - began
                counted += _UNIT
    return used / counted * 1e6


def timed(work: Callable[[], object]) -> float:
    """Return the processor seconds of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def streams(ledger: Ledger, size: int) -> float:
    """Return the microseconds that reading one stream takes, as a median."""
    chosen = random.Random(size).choices(range(0, size, _STREAM), k=_READ)
    return (
        statistics.median(
            timed(lambda first=first: ledger.stream(f"r/{first}"))  # type: ignore[misc]
            for first in chosen
        )
        * 1e6
    )


def opened(folder: Path) -> float:
    """Return the milliseconds that opening the log takes, as a median."""

    def start() -> None:
        Ledger.open(folder, registry=received.REGISTRY).close()

    return statistics.median(timed(start) for _ in range(_OPENED)) * 1e3


def figures(folder: Path, size: int) -> Figures:
    """Let the log grow to a size and measure it."""
    append = grown(folder, size)
    start = opened(folder)
    with closing(Ledger.open(folder, registry=received.REGISTRY)) as ledger:
        stream = streams(ledger, size)
    began = time.process_time()
    verdict = verify(folder)
    verified = (time.process_time() - began) / size * 1e6
    if verdict.problems or verdict.events != size:
        raise SystemExit("The log does not verify: the figures mean nothing.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = peak / (2**20 if sys.platform == "darwin" else 2**10)
    disk = sum(each.stat().st_size for each in folder.glob("log.sqlite*")) / 2**20
    return Figures(append, verified, stream, start, memory, disk)


def rows(folder: Path, largest: int) -> Iterator[list[str]]:
    """Give one line of the table for each size."""
    first: Figures | None = None
    for size in (each for each in SIZES if each <= largest):
        found = figures(folder, size)
        first = first or found
        ratios = (now / then for now, then in zip(found[:4], first[:4], strict=True))
        yield [
            f"{size:,}",
            *(f"{each:,.1f}" for each in found),
            " ".join(f"{each:.2f}" for each in ratios),
        ]


def main() -> None:
    """Measure every size up to the largest and print one table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--largest", type=int, default=100_000, choices=SIZES)
    given = asked.parse_args()
    table = Table(
        *("events", "append µs", "verify µs", "stream µs", "start ms"),
        *("peak MiB", "disk MiB", "ratios"),
        title="The same log as it grows (generated)",
        caption="stream: reading one of 20 events; ratios: append, verify, stream, "
        "start, to the smallest size",
    )
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        rig.CONSOLE.print(received.profile(Path(name), given.largest, len(_CONTENT)))
        for row in rows(Path(name) / "log", given.largest):
            table.add_row(*row)
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
