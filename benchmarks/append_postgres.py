"""Events a second into PostgreSQL and SQLite, encrypted and sealed, by 64 writers.

    python benchmarks/append_postgres.py [--units 20000] [--gateways 1]

It starts a server of its own, with fsync, on the disk of the temporary folder. A unit
appends two events of 1 KiB to a stream of its own; "one by one" is one writer whose
every unit waits for its commit.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.session import Session
from tests.postgres import running

WRITERS = 64
EVENTS = 2
CONTENT = b"x" * 1024


@dataclass(frozen=True, kw_only=True)
class Received:
    """What an append holds."""

    topic: ClassVar[str] = "bench.received.v1"
    content: bytes


async def load(ledgers: list[Ledger], units: int, writers: int) -> float:
    """Return how many events a second the writers appended."""
    numbers = iter(range(units))

    async def write(ledger: Ledger) -> None:
        for number in numbers:
            await ledger.submit(_unit(number))

    began = time.perf_counter()
    await asyncio.gather(*(write(ledgers[n % len(ledgers)]) for n in range(writers)))
    return units * EVENTS / (time.perf_counter() - began)


def _unit(number: int) -> Callable[[Session], None]:
    context = Context(at=datetime.now(UTC), actor="bench", request=str(number))

    def work(session: Session) -> None:
        events = [Received(content=CONTENT)] * EVENTS
        subject = f"Patient/{number % 500}"
        session.append(f"s{number}", events, subject=subject, context=context)

    return work


def measure(name: str, ledgers: list[Ledger], units: int) -> None:
    """Print what one writer and many reach."""
    registry_units = max(200, units // 40)
    alone = asyncio.run(load(ledgers, registry_units, 1))
    many = asyncio.run(load(ledgers, units, WRITERS))
    groups = sum(each.stats.groups for each in ledgers)
    print(
        f"{name}: one by one {alone:,.0f} events/s, {WRITERS} writers {many:,.0f} "
        f"events/s ({many / alone:.0f} times), {groups:,} commits"
    )


def main() -> None:
    """Measure both databases in one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--gateways", type=int, default=1)
    given = parser.parse_args()
    known = {"registry": {Received.topic: Received}}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        own = Path(folder)
        sqlite = Ledger.open(own / "sqlite", **known)
        held.callback(sqlite.close)
        measure("SQLite", [sqlite], given.units)
        server = held.enter_context(running(fsync=True)).fresh()
        ledgers = []
        for number in range(given.gateways):
            where = {"server": server, "kek_file": own / "kek"}
            ledgers.append(Ledger.open(own / str(number), **where, **known))
            held.callback(ledgers[-1].close)
        measure(f"PostgreSQL, {given.gateways} gateways", ledgers, given.units)


if __name__ == "__main__":
    main()
