"""The append beside the library, on disks that sync more slowly than this one.

    python benchmarks/syncs.py [--events 10000] [--rounds 3]

What waits together shares a sync, so the ratio of benchmarks/log.py depends on how long
one takes: some 3 ms on the disk for which the ratio was set. Here each sync of either
side takes so much longer. That is no other disk, but the part of it that matters. It
needs Linux and a C compiler, and is left out without.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import received
import rig
from log import BUNDLE, appended, saved
from rich.table import Table

LONGER_US = (0, 250, 1000, 3000)
_SOURCE = Path(__file__).with_name("slow_sync.c")
_DELAY = "SLOW_SYNC_US"


def slow_sync(folder: Path) -> Path:
    """Build the library that delays."""
    made = folder / "slow_sync.so"
    flags = ("-O2", "-shared", "-fPIC", "-o", str(made))
    subprocess.run(["cc", *flags, str(_SOURCE), "-ldl"], check=True)
    return made


def rates(folder: Path, events: int, rounds: int) -> tuple[float, float, float]:
    """Return events/s of the library, of Bundles and of single events, in turns."""
    found: list[tuple[float, float, float]] = []
    for number in range(rounds):
        library = saved(folder / f"{number}.sqlite", max(100, events // 20))
        bundles = appended(folder / f"{number}-bundles", events, BUNDLE)
        singly = appended(folder / f"{number}-singly", events, 1)
        found.append((library.clock, bundles.clock, singly.clock))
    library_s, bundles_s, singly_s = map(statistics.median, zip(*found, strict=True))
    return 1 / library_s, 1 / bundles_s, 1 / singly_s


def compared(folder: Path, events: int, rounds: int) -> None:
    """Print one line for each delay."""
    size = len(received.observation(0))
    rig.CONSOLE.print(received.profile(folder, events, size))
    table = Table(title="Append with encryption and seal, 64 writers; 12 times is due")
    for name in ("a sync takes longer by", "library, events/s"):
        table.add_column(name, justify="right")
    for name in ("Bundles of ten", "times", "singly", "times"):
        table.add_column(name, justify="right")
    for longer in LONGER_US:
        os.environ[_DELAY] = str(longer)
        (here := folder / str(longer)).mkdir()
        library, bundles, singly = rates(here, events, rounds)
        table.add_row(
            f"{longer / 1000:.2f} ms",
            f"{library:,.0f}",
            f"{bundles:,.0f}",
            f"{bundles / library:.1f}",
            f"{singly:,.0f}",
            f"{singly / library:.1f}",
        )
    rig.CONSOLE.print(table)


def main() -> None:
    """Start again with the library that delays, and compare."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    if sys.platform != "linux" or shutil.which("cc") is None:
        rig.CONSOLE.print("Slower disks are left out: Linux and cc are needed.")
        return
    with tempfile.TemporaryDirectory(prefix="triage-gateway-bench-") as name:
        if _DELAY in os.environ:
            compared(Path(name), given.events, given.rounds)
            return
        library = slow_sync(Path(name))
        environment = {**os.environ, "LD_PRELOAD": str(library), _DELAY: "0"}
        again = subprocess.run(
            [sys.executable, *sys.argv], env=environment, check=False
        )
    raise SystemExit(again.returncode)


if __name__ == "__main__":
    main()
