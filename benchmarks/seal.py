"""What sealing costs: the log's appends with their seal, and with none.

Clients append events of about 1 KiB one by one, as fast as they get answers; short
sealed and unsealed rounds take turns on the same disk, after one of each that does not
count. Without a seal no leaf is hashed, no tree
grows and no checkpoint is signed, here in the benchmark alone: the program has no such
setting. Both encrypt, and both write the same columns.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from gateway.store.evidence import Tree
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.seal import HASH_BYTES, Head, KeptNode, Signer
from gateway.store.session import Session

_LEAF = bytes(HASH_BYTES)
_EVENTS = 150  # of a client in a round


@dataclass(frozen=True, kw_only=True)
class Noted:
    """About a KiB of text."""

    topic: ClassVar[str] = "note.noted.v1"
    text: str


def unsealed(
    tree: Tree, events: Iterable[tuple[str, int, str, bytes]]
) -> tuple[list[tuple[Any, ...]], list[KeptNode]]:
    """Give events their positions, and no leaf worth the name."""
    rows = [(at, *columns, _LEAF) for at, columns in enumerate(events, tree.size + 1)]
    tree.size += len(rows)
    return rows, []


def unsigned(signer: Signer, tree: Tree, _at: str) -> Head:
    """Give a head as long as a signed one."""
    mark = signer.keys[0].mark
    return Head(
        tree.size, _LEAF * tree.size.bit_count(), f"{'.' * 149}\n\n{mark}{'.' * 85}"
    )


@contextmanager
def sealing(*, on: bool) -> Iterator[None]:
    """Leave the seal away for a while, unless it is on."""
    if on:
        yield
        return
    with (
        patch("gateway.store.recorder.appended", unsealed),
        patch.object(Signer, "head", unsigned),
    ):
        yield


def unit(stream: str, text: str) -> Callable[[Session], None]:
    """Return work that appends an event."""
    context = Context(at=datetime.now(UTC), actor="Device/bench", request="r")

    def work(session: Session) -> None:
        session.append(stream, [Noted(text=text)], subject=stream, context=context)

    return work


async def appended(folder: Path, writers: int) -> tuple[float, float]:
    """Return events a second, and processor microseconds an event."""
    ledger = Ledger.open(folder, registry={Noted.topic: Noted})
    text = "x" * 1000

    async def client(number: int) -> None:
        for _ in range(_EVENTS):
            await ledger.submit(unit(f"Patient/{number}", text))

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(client, range(writers)))
    events = writers * _EVENTS
    took, spent = time.perf_counter() - began, time.process_time() - used
    ledger.close()
    return events / took, 1e6 * spent / events


def main() -> None:
    """Print the medians and their ratio."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--writers", type=int, default=64)
    asked.add_argument("--rounds", type=int, default=61)
    given = asked.parse_args()
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for _ in range(given.rounds + 1):
        for on in (True, False):
            with tempfile.TemporaryDirectory() as folder, sealing(on=on):
                found[on].append(asyncio.run(appended(Path(folder), given.writers)))
    table = Table("append", "events/s", "processor µs/event")
    rate, cost = {}, {}
    for on, rounds in found.items():
        rate[on] = statistics.median(each[0] for each in rounds[1:])
        cost[on] = statistics.median(each[1] for each in rounds[1:])
        name = "sealed" if on else "not sealed"
        table.add_row(name, f"{rate[on]:,.0f}", f"{cost[on]:,.0f}")
    share = 1 - rate[True] / rate[False]
    used = 1 - cost[False] / cost[True]
    table.add_row("cost of the seal", f"{share:.1%}", f"{used:.1%}")
    table.title = f"{given.writers} writers, median of {given.rounds} rounds each"
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
