"""What the gateway itself adds around the model and the retrieval of a case.

    python benchmarks/model_overhead.py [--cases 200]

Cases come one after the other through what the model worker does: the look at the
switch in the log, the search in an embedded index of one document, the
prompt, the request to a server in another process that answers at once, parsing,
guards, counting. `own` is the whole without `retrieval` and `model`; the commit of the
answer is in benchmarks/log.py. `processor` is what this process used for a case, all
of it: it says more than the clock on a machine with neighbours.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.answers import Message
from domain.assessment import Assessment
from domain.commands import ProposeImpression
from domain.events import REGISTRY
from gateway import language_model
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.settings.model_checks import ModelChecks
from gateway.store.ledger import Ledger
from gateway.workers.attending import Attending
from inference.canary import CANARIES
from inference.knowledge import starter_folder
from inference.pipeline import Pipeline
from inference.schema import Answer, Generator, Query, Retrieval, Retriever
from tests.model_server import NAME, model_server

_WARM = 12  # cases by which everything is read that is needed once


@dataclass
class Stopwatch:
    """Stands before retriever and generator, and keeps what they took (ms)."""

    retriever: Retriever
    generator: Generator
    took: dict[str, list[float]] = field(default_factory=dict)

    async def retrieve(self, query: Query) -> Retrieval:
        """Search, and keep how long that took."""
        began = time.perf_counter()
        found = await self.retriever.retrieve(query)
        self.keep("retrieval", began)
        return found

    async def generate(
        self,
        messages: Sequence[Message],
        **more: Any,  # noqa: ANN401 (as it comes)
    ) -> Answer:
        """Ask, and keep how long that took."""
        began = time.perf_counter()
        answer = await self.generator.generate(messages, **more)
        self.keep("model", began)
        return answer

    def keep(self, name: str, began: float) -> None:
        """Keep what something took since then."""
        self.took.setdefault(name, []).append(1000 * (time.perf_counter() - began))


async def measured(cases: int, folder: Path, url: str) -> dict[str, list[float]]:
    """Return what each case took in its parts, in milliseconds."""
    few = folder / "knowledge"
    few.mkdir()
    shutil.copy(starter_folder() / "chest-pain.md", few)
    asked = {"model_url": url, "model_name": NAME, "knowledge": few}
    settings = Settings(data=folder, dev=True, **asked)
    async with AsyncExitStack() as held:
        pipeline = await language_model.start(settings, held)
        found = await language_model.candidate(settings, held)
        if isinstance(pipeline, str) or isinstance(found, str):
            raise SystemExit("There is no model to ask.")
        watch = Stopwatch(pipeline.retriever, pipeline.generator)
        watched = Pipeline(watch, watch, shadow=True)
        ledger = Ledger.open(folder / "log", registry=REGISTRY)
        held.callback(ledger.close)
        attending = Attending(
            ledger=ledger,
            candidate=replace(found, pipeline=watched, watched=False),
            checks=ModelChecks(),
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC),
        )
        async with _tested(attending):
            watch.took.clear()
            for number in range(cases + _WARM):
                await _attended(attending, watch, number)
    parts = {name: took[_WARM:] for name, took in watch.took.items()}
    steps = zip(parts["whole"], parts["retrieval"], parts["model"], strict=True)
    return {**parts, "own": [whole - r - m for whole, r, m in steps]}


@asynccontextmanager
async def _tested(attending: Attending) -> AsyncIterator[None]:
    testing = asyncio.create_task(attending.run())
    try:
        await attending.settled()
        yield
    finally:
        testing.cancel()
        await asyncio.gather(testing, return_exceptions=True)


async def _attended(attending: Attending, watch: Stopwatch, number: int) -> None:
    """Let a case be answered as the model worker does, its commit apart."""
    fixed = CANARIES[number % len(CANARIES)]
    state = Assessment(revision=1, floored=1, case=fixed.case, floor=fixed.floor)
    began, used = time.perf_counter(), time.process_time()
    if objection := await attending.objection():
        raise SystemExit(objection)
    command = await attending.ask(state)
    if isinstance(command, ProposeImpression) or command.run is not None:
        await attending.note(command, fixed.floor.acuity, 0.0)
    watch.keep("whole", began)
    took = 1000 * (time.process_time() - used)
    watch.took.setdefault("processor", []).append(took)


def _at(values: list[float], share: float) -> str:
    return f"{sorted(values)[min(int(share * len(values)), len(values) - 1)]:.1f}"


async def _serve() -> None:
    """Be the model server, until the parent closes the pipe."""
    async with model_server() as (_, url):
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def _run(cases: int, folder: Path) -> dict[str, list[float]]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, __file__, "--serve")
    server = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    if server.stdin is None or server.stdout is None:
        raise SystemExit("The model server has no pipes.")
    try:
        url = (await server.stdout.readline()).decode().strip()
        return await measured(cases, folder, url)
    finally:
        server.stdin.close()
        await server.wait()


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=200)
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve:
        asyncio.run(_serve())
        return
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_run(given.cases, Path(folder)))
    table = Table("milliseconds a case", "cases", "p50", "p95", "p99", "most")
    for name, values in found.items():
        shares = (_at(values, share) for share in (0.5, 0.95, 0.99, 1.0))
        table.add_row(name, str(len(values)), *shares)
    Console().print(table)


if __name__ == "__main__":
    main()
