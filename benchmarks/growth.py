"""Does an event cost more as the log grows? Append, verify, one stream, start, memory.

    python benchmarks/growth.py [--largest 100000]

The log is generated: small events are appended in bulk, 500 in a unit of work, without
HTTP and read models. One log grows from size to size; appending is measured over the
last tenth of it, and everything in one process on one core. Every stream is of another
patient, so that the keys grow with the events. "verify" is of the seal and of every
ciphertext. Each size has two lines: microseconds by the clock, the disk's included,
and of the processor. The ratios compare each line with that of the smallest size.
"""

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
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
_READ = 200
_OPENED = 5
_UNITS = (1e6, 1e6, 1e6, 1e3)  # of what is shown: µs, but a start's ms
_CONTENT = b"x" * 100


class Cost(NamedTuple):
    """Seconds by the clock and of the processor."""

    clock: float
    processor: float


class Figures(NamedTuple):
    """What an event costs to append and to verify, a stream to read, a start; MiB."""

    append: Cost
    verify: Cost
    stream: Cost
    start: Cost
    memory: float
    disk: float


def unit(first: int) -> Callable[[Session], None]:
    """Return work that appends some short streams."""
    context = Context(at=datetime.now(UTC), actor="Device/bench", request=str(first))
    events = [received.Received(content=_CONTENT)] * _STREAM

    def work(session: Session) -> None:
        for start in range(first, first + _UNIT, _STREAM):
            subject = f"Patient/{start // _STREAM}"
            session.begin(f"r/{start}")
            session.append(f"r/{start}", events, subject=subject, context=context)

    return work


def grown(folder: Path, size: int) -> Cost:
    """Let the log grow; return what an event costs at the end."""
    costs: list[Cost] = []
    with closing(Ledger.open(folder, registry=received.REGISTRY)) as ledger:
        for first in track(range(ledger.head, size, _UNIT), transient=True):
            found = cost(partial(ledger.submit_sync, unit(first)))
            if first >= size - size // 10:
                costs.append(found)
    return Cost(*(statistics.mean(each) / _UNIT for each in zip(*costs, strict=True)))


def cost(work: Callable[[], object]) -> Cost:
    """Return what work costs."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - began, time.process_time() - used)


def median(costs: Iterable[Cost]) -> Cost:
    """Return the median by the clock and that of the processor."""
    return Cost(*(statistics.median(each) for each in zip(*costs, strict=True)))


def streams(ledger: Ledger, size: int) -> Cost:
    """Return what reading one stream costs."""
    chosen = random.Random(size).choices(range(0, size, _STREAM), k=_READ)
    return median(cost(partial(ledger.stream, f"r/{first}")) for first in chosen)


def opened(folder: Path) -> Cost:
    """Return what opening the log costs."""

    def start() -> None:
        Ledger.open(folder, registry=received.REGISTRY).close()

    return median(cost(start) for _ in range(_OPENED))


def sound(folder: Path, size: int) -> None:
    """Verify a log of so many events."""
    verdict = verify(folder)
    if verdict.problems or verdict.events != size:
        raise SystemExit("The log does not verify: the figures mean nothing.")


def figures(folder: Path, size: int) -> Figures:
    """Let the log grow to a size and measure it."""
    append = grown(folder, size)
    start = opened(folder)
    with closing(Ledger.open(folder, registry=received.REGISTRY)) as ledger:
        stream = streams(ledger, size)
    verified = Cost(*(each / size for each in cost(partial(sound, folder, size))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = peak / (2**20 if sys.platform == "darwin" else 2**10)
    disk = sum(each.stat().st_size for each in folder.glob("log.sqlite*")) / 2**20
    return Figures(append, verified, stream, start, memory, disk)


def rows(folder: Path, largest: int) -> Iterator[list[str]]:
    """Give two lines of the table for each size."""
    first: Figures | None = None
    for size in (each for each in SIZES if each <= largest):
        found = figures(folder, size)
        first = first or found
        for number, kind in enumerate(Cost._fields):
            now, then = ([cost[number] for cost in each[:4]] for each in (found, first))
            yield [
                *(f"{size:,}", kind),
                *(
                    f"{each * scale:,.1f}"
                    for each, scale in zip(now, _UNITS, strict=True)
                ),
                *(f"{each:,.1f}" for each in found[4:]),
                " ".join(f"{a / b:.2f}" for a, b in zip(now, then, strict=True)),
            ]


def main() -> None:
    """Measure every size up to the largest and print one table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--largest", type=int, default=100_000, choices=SIZES)
    given = asked.parse_args()
    table = Table(
        *("events", "by", "append µs", "verify µs", "stream µs", "start ms"),
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
