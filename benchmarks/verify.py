"""How fast a log is verified: its seal alone, with its ciphertexts, and as an export.

The rows hold about 1 KiB each and are read from SQLite; one process on one core.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from seal import Noted

from gateway.store.examination import examine
from gateway.store.export import Asked, export
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.verification import verify

_GROUP = 500


def written(folder: Path, events: int) -> None:
    """Write a log of so many events, of a hundred patients."""
    context = Context(at=datetime.now(UTC), actor="Device/bench", request="r")
    ledger = Ledger.open(folder, registry={Noted.topic: Noted})
    for start in range(0, events, _GROUP):

        def work(session: Session, start: int = start) -> None:
            name = f"Patient/{start // _GROUP % 100}"
            some = [Noted(text="x" * 800)] * min(_GROUP, events - start)
            session.append(name, some, subject=name, context=context)

        ledger.submit_sync(work)
    ledger.close()


def timed(work: Callable[[], object], events: int) -> tuple[float, float]:
    """Return how many rows a second passed, by the clock and by the processor."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return events / (time.perf_counter() - began), events / (time.process_time() - used)


def main() -> None:
    """Print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=100_000)
    given = asked.parse_args()
    table = Table("verified", "rows/s", "rows a processor second")
    with tempfile.TemporaryDirectory() as place:
        folder, file = Path(place) / "data", Path(place) / "export.ndjson"
        written(folder, given.events)
        file.write_text("".join(export(folder)), encoding="utf-8")
        part = range(1, given.events, max(1, given.events // 1000))
        for name, work in {
            "seal and ciphertexts": lambda: _whole(folder),
            "export": lambda: examine(file.open("rb")),
            "1,000 proofs made": lambda: list(export(folder, Asked(positions=part))),
            "seal": lambda: _whole(_without_key(folder)),
        }.items():
            rows = len(part) if "proofs" in name else given.events
            by_clock, by_processor = timed(work, rows)
            table.add_row(name, f"{by_clock:,.0f}", f"{by_processor:,.0f}")
    table.title = f"{given.events:,} events"
    Console(width=120).print(table)


def _without_key(folder: Path) -> Path:
    (folder / "keys" / "kek").rename(folder.parent / "kek")
    return folder


def _whole(folder: Path) -> None:
    if problems := verify(folder).problems:
        raise SystemExit(f"not verified: {problems[0]}")


if __name__ == "__main__":
    main()
