"""A process whose files may not grow any more, and then may again."""

import resource
import sys
from pathlib import Path

from gateway.store.errors import LogUnavailableError
from tests.store.samples import note, opened

folder = Path(sys.argv[1])
ledger = opened(folder)
ledger.submit_sync(note("s", "before"))
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
size = (folder / "log.sqlite-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, hard))
refused = 0
try:
    for _ in range(10):
        ledger.submit_sync(note("s", "x" * 9_000, subject="new"))
except LogUnavailableError:
    refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
ledger.submit_sync(note("s", "after", subject="new"))
ledger.close()
sys.stdout.write(f"{refused}\n")
