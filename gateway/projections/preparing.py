"""Processes that make rows of read models from the log, for another one to write.

Most of the work is to decrypt events and to find what a search finds them by. It needs
nothing of the rows that are there already, so several processes can share it. What
does need them, as an erasure does, is left to the process that writes.

Each reads pairs of numbers from its pipe, "after which position" and "how many events",
and answers with a `Prepared`. It ends when the pipe closes, however the other end goes,
`kill -9` included.
"""

import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from domain.events import REGISTRY
from domain.retained import PatientErased
from gateway.projections.batch import Follower
from gateway.projections.database import Database
from gateway.projections.faults import is_of_an_event
from gateway.projections.rows import Rows
from gateway.store.keysource import KeySource
from gateway.store.records import Erased, Recorded, Unreadable
from gateway.store.server import Server, learn
from gateway.store.transcript import Transcript, following

_COLLECTED_AFTER: Final = 50_000  # objects; what is made here has no cycles
History = Callable[[str], Sequence[Recorded | Erased]]


class Kind(NamedTuple):
    """Which read models; `follower` is a function that a module has by name."""

    secret: str
    unread: frozenset[str]
    tenant: str
    follower: Callable[[Database, History, str, Rows], Follower]


class Source(NamedTuple):
    """The log that a process reads, and what it makes of it.

    A `server` that keeps the log is told by the pipe, with the password: the process
    that asks may be the only one that knows it.
    """

    folder: Path
    key_file: KeySource | None
    kind: Kind
    server: Server | None = None


class Prepared(NamedTuple):
    """The rows of some events; None where they have to be projected in their turn."""

    last: int
    rows: Rows | None


# A fifth of the time that `pickle` takes for so many small tuples.
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Prepared)


@contextmanager
def preparing(source: Source, processes: int) -> Iterator[list[Connection]]:
    """Run processes that prepare rows, and lend the pipes to them."""
    spawning = get_context("spawn")  # a fork would copy the threads' locks
    pipes: list[Connection] = []
    started = []
    try:
        for _ in range(processes):
            ours, theirs = spawning.Pipe()
            process = spawning.Process(
                target=prepare, args=(theirs, source), daemon=True
            )
            process.start()
            theirs.close()
            pipes.append(ours)
            started.append(process)
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join()


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles only after so many objects that most are gone by then."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def prepare(pipe: Connection, source: Source) -> None:
    """Be a process that answers what its pipe asks for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end says when to end
    with seldom_collecting():
        answer(pipe, source)


def answer(pipe: Connection, source: Source) -> None:
    """Answer what the pipe asks for, until it closes."""
    folder, key_file, kind, server = source
    if server is not None:
        learn(folder, server)
    with (
        suppress(EOFError, BrokenPipeError, ConnectionResetError),
        following(folder, registry=REGISTRY, kek_file=key_file) as log,
        closing(Database(None, log.derive(kind.secret))) as database,
    ):
        while True:
            after, limit = pipe.recv()
            prepared = _prepared(log, database, kind, after, limit)
            pipe.send_bytes(_ENCODER.encode(prepared))


def received(pipe: Connection) -> Prepared:
    """Wait for the answer to the oldest order; raises as the pipe does."""
    return _DECODER.decode(pipe.recv_bytes())


def _prepared(
    log: Transcript, database: Database, kind: Kind, after: int, limit: int
) -> Prepared:
    events = log.read(after=after, limit=limit, unread=kind.unread, tolerant=True)
    rows = Rows()
    # A new one each time: another process has the events between.
    follower = kind.follower(database, log.stream, kind.tenant, rows)
    last = events[-1].position
    try:
        for event in events:
            if isinstance(event, Unreadable) or event.topic == PatientErased.topic:
                return Prepared(last, None)
            if isinstance(event, Recorded):
                follower.apply(event)
    except Exception as error:
        if not is_of_an_event(error):
            raise
        return Prepared(last, None)
    return Prepared(last, rows)
