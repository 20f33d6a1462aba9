"""Keeps the read models in a process of its own, for a gateway that asks it to.

    python -m gateway.projections.child LOG_FORMAT DATA [KEY_FILE]

It reads pairs of positions, "where the read models are" and "the log's head", one a
line, and answers each with the position that it reached by one batch and the processor
seconds that this took. Where KEY_FILE is `-` the key comes first, as a line of
hexadecimal digits. It ends when its standard input does: the pipe closes however
the gateway ends, `kill -9` included. It reads the log without the writer's lock.
"""

import gc
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import structlog

from domain.events import REGISTRY
from gateway import logs
from gateway.projections.apart import BY_PIPE
from gateway.projections.batch import BATCH, apply
from gateway.projections.database import FILE, Database
from gateway.projections.projection import UNREAD, Projection
from gateway.store.cipher import KeyEncryptionKey
from gateway.store.keysource import KeyGiven, KeySource
from gateway.store.transcript import Transcript, following

_LOG = structlog.get_logger()


def main() -> None:
    """Project until standard input ends."""
    form, folder, *key_file = sys.argv[1:]
    logs.configure("json" if form == "json" else "console")
    sys.excepthook = _told
    for number in (signal.SIGINT, signal.SIGTERM):  # the gateway says when to end
        signal.signal(number, signal.SIG_IGN)
    with _log_and_tables(Path(folder), *map(_key, key_file)) as (log, database):
        gc.freeze()
        _serve(log, database)


@contextmanager
def _log_and_tables(
    folder: Path, key_file: KeySource | None = None
) -> Iterator[tuple[Transcript, Database]]:
    with following(folder, registry=REGISTRY, kek_file=key_file) as log:
        database = Database(folder / FILE, log.derive("projections"))
        try:
            yield log, database
        finally:
            database.close()


def _key(file: str) -> KeySource:
    if file != BY_PIPE:
        return Path(file)
    key = bytes.fromhex(sys.stdin.readline())
    return KeyGiven(KeyEncryptionKey(key, origin="the gateway's own key"))


def _serve(log: Transcript, database: Database) -> None:
    projection = Projection(database, log.stream)
    _say(database.position(), 0.0)
    for line in sys.stdin:
        position, head = map(int, line.split())
        began = time.process_time()
        limit = min(BATCH, head - position)
        events = log.read(after=position, limit=limit, unread=UNREAD, tolerant=True)
        apply(database, projection, events)
        _say(events[-1].position, time.process_time() - began)


def _say(position: int, seconds: float) -> None:
    sys.stdout.write(f"{position} {seconds}\n")
    sys.stdout.flush()


def _told(
    kind: type[BaseException], _error: BaseException, _trace: TracebackType | None
) -> None:
    """Name the error and not its words, which may be a patient's."""
    _LOG.error("projection.ended", error=kind.__name__)


if __name__ == "__main__":
    main()
