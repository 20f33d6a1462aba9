"""A process that writes notes, prints each acknowledged one, and is killed."""

import asyncio
import sys
from pathlib import Path

from tests.store.samples import note, opened


async def _client(ledger, run, name):
    number = 0
    while True:
        number += 1
        text = f"{run}-{name}-{number}"
        unit = note(f"s{name}", text, subject=f"p{number % 20}")
        await ledger.submit(unit)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


async def _main(folder, run):
    ledger = opened(Path(folder))
    await asyncio.gather(*(_client(ledger, run, name) for name in range(8)))


asyncio.run(_main(*sys.argv[1:]))
