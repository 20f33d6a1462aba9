"""The log beside the simplest things that do a part of its work, on the same disk.

    python benchmarks/log.py [--events 50000] [--rounds 3]

"append": 64 writers with encryption and seal, beside the library `eventsourcing` that
saves one event at a time with its own SQLite recorder and its defaults
(synchronous=FULL, no encryption, no seal). Each writer appends a Bundle of ten
resources, as large as the demonstration's, or a single one ("append singly"), and waits
for the disk. "replay": from rows to events, beside a bare loop of SELECT, AES-GCM and
`json.loads` over as many rows of the same content. An event of the log holds a resource
as bytes, and "replay" does not decode them: it does less of one thing, and more of
others. Like for like are "replay and json" beside the same loop, and "replay" beside
the loop without `json.loads`. "verify": the seal alone,
without keys. Each event holds an Observation of about a KiB.

The two sides of a ratio take turns, and the ratio is that of their medians. Where other
processes take the processor, look at the ratio of the processor's time instead.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import received
import rig
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from rich.table import Table

from gateway.store.ledger import Ledger
from gateway.store.transcript import transcript
from gateway.store.verification import verify

WRITERS = 64
BUNDLE = 10
_GROUP = 500


class Kept(Aggregate):
    """A resource as the library keeps it."""

    @event("Received")
    def __init__(self, content: str) -> None:
        self.content = content


class Cost(NamedTuple):
    """Seconds an event, by the clock and of the processor."""

    clock: float
    processor: float


def cost(work: Callable[[], object], events: int) -> Cost:
    """Measure work."""
    began, used = time.perf_counter(), time.process_time()
    work()
    clock, processor = time.perf_counter() - began, time.process_time() - used
    return Cost(clock / events, processor / events)


def appended(folder: Path, events: int, together: int) -> Cost:
    """Append by many writers, each of whom waits for the disk every time."""
    ledger = Ledger.open(folder, registry=received.REGISTRY)
    units = [received.bundle(first, together) for first in range(0, events, together)]

    async def write() -> None:
        while units:
            await ledger.submit(units.pop())

    async def all_write() -> None:
        await asyncio.gather(*(write() for _ in range(WRITERS)))

    with closing(ledger):
        return cost(lambda: asyncio.run(all_write()), events)


def saved(file: Path, events: int) -> Cost:
    """Save one by one with the library."""
    environment = {"PERSISTENCE_MODULE": "eventsourcing.sqlite"}
    application: Application[UUID] = Application(
        env={**environment, "SQLITE_DBNAME": str(file)}
    )
    contents = [received.observation(number).decode() for number in range(events)]

    def save() -> None:
        for content in contents:
            application.save(Kept(content))

    with closing(application):
        return cost(save, events)


def written(folder: Path, events: int) -> None:
    """Write a log of so many events."""
    with closing(Ledger.open(folder, registry=received.REGISTRY)) as ledger:
        for first in range(0, events, _GROUP):
            ledger.submit_sync(received.unit(first, min(_GROUP, events - first)))


def bare(file: Path, events: int, key: bytes) -> None:
    """Write the same content as the bare loop reads it."""
    aead = AESGCM(key)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE rows(id INTEGER PRIMARY KEY, state BLOB)")
        for number in range(events):
            nonce = os.urandom(12)
            state = nonce + aead.encrypt(nonce, received.observation(number), None)
            connection.execute("INSERT INTO rows(state) VALUES (?)", (state,))


def looped(file: Path, key: bytes, decode: Callable[[bytes], object]) -> None:
    """Read, decrypt and decode every row, and do nothing else."""
    aead = AESGCM(key)
    with closing(sqlite3.connect(file)) as connection:
        for (state,) in connection.execute("SELECT state FROM rows ORDER BY id"):
            decode(aead.decrypt(state[:12], state[12:], None))


def replayed(folder: Path, decode: Callable[[bytes], object]) -> None:
    """Read every event of a log."""
    with transcript(folder, registry=received.REGISTRY) as log:
        for each in log.events():
            decode(each.event.content)  # type: ignore[union-attr]


def sealed(folder: Path) -> None:
    """Verify the seal of a log whose key is elsewhere."""
    if problems := verify(folder).problems:
        raise SystemExit(f"not verified: {problems[0]}")


def measured(folder: Path, events: int, rounds: int) -> dict[str, Cost]:
    """Let everything take turns; return the median cost of each."""
    key, log, twin = os.urandom(32), folder / "log", folder / "bare.sqlite"
    written(log, events)
    bare(twin, events, key)
    unlocked = folder / "kek"
    found: dict[str, list[Cost]] = {}
    for number in range(rounds):
        works: dict[str, Callable[[], object]] = {
            "bare loop": lambda: looped(twin, key, json.loads),
            "without json": lambda: looped(twin, key, len),
            "replay": lambda: replayed(log, len),
            "replay and json": lambda: replayed(log, json.loads),
        }
        for name, work in works.items():
            found.setdefault(name, []).append(cost(work, events))
        (log / "keys" / "kek").rename(unlocked)
        found.setdefault("verify", []).append(cost(lambda: sealed(log), events))
        unlocked.rename(log / "keys" / "kek")
        few = max(WRITERS, events // 50)
        one_by_one = saved(folder / f"library-{number}.sqlite", few)
        found.setdefault("library", []).append(one_by_one)
        for name, together in (("append", BUNDLE), ("append singly", 1)):
            many = appended(folder / f"{name}-{number}", events // 5, together)
            found.setdefault(name, []).append(many)
    return {name: _median(costs) for name, costs in found.items()}


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(each) for each in zip(*costs, strict=True)))


BARS = (
    ("append", "library", "12 times"),
    ("append singly", "library", "12 times"),
    ("replay", "bare loop", "0.60 times"),
    ("replay and json", "bare loop", "none: like for like"),
    ("replay", "without json", "none: like for like"),
    ("verify", None, "50,000/s"),
)


def main() -> None:
    """Print one table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=50_000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    columns = ("", "events/s", "beside", "events/s", "ratio", "of processor time")
    table = Table(*columns, "to reach", title="The log")
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        size = len(received.observation(0))
        rig.CONSOLE.print(received.profile(Path(name), given.events, size))
        costs = measured(Path(name), given.events, given.rounds)
    for ours, other, least in BARS:
        mine = costs[ours]
        row = [ours, f"{1 / mine.clock:,.0f}", other or ""]
        if other:
            beside = costs[other]
            clock = beside.clock / mine.clock
            processor = beside.processor / mine.processor
            row += [f"{1 / beside.clock:,.0f}", f"{clock:.2f}", f"{processor:.2f}"]
        else:
            row += ["", "", f"{1 / mine.processor:,.0f}/s"]
        table.add_row(*row, least)
    rig.CONSOLE.print(table)


if __name__ == "__main__":
    main()
