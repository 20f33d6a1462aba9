"""Break the gateway over and over under load, and see that nothing was lost.

    python -m tests.crash.harness --rounds 1000 [--seed 7]

Prints the whole command; given again, it repeats the schedule, the faults' parameters
and what the clients choose to do. A broken promise prints the command that begins with
its folder's first round. Timing is the machine's.
"""

import asyncio
import os
import random
import secrets
import shutil
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import click

from gateway.store.server import URL
from tests.callers import Caller, caller_session
from tests.crash import checks
from tests.crash.asked import Asked
from tests.crash.faults import DATABASES, FAULTS, Victim, faults_of
from tests.crash.journal import Journal
from tests.crash.load import Load
from tests.crash.power import NoCompilerError
from tests.crash.proxy import Proxy
from tests.postgres import running

_SAMPLE = 200
_QUIET_S = 180


class Scene:
    """A data folder, its gateway and its clients, for some rounds."""

    def __init__(self, victim, *, seed):
        self.victim = victim
        self.journal = Journal()
        self._seed = seed
        self._noted = ""
        self._events = 0
        self._held = AsyncExitStack()

    async def __aenter__(self):
        chance = random.Random(f"{self._seed}/proxy")
        self.proxy = await self._held.enter_async_context(Proxy(chance))
        await asyncio.to_thread(self.victim.start)
        self._held.callback(self.victim.stop)
        self.proxy.target = self.victim.port
        session = await self._held.enter_async_context(caller_session())
        self.caller = Caller(session, self.victim.base)
        self.load = Load(self.proxy.base, self.journal, seed=self._seed)
        self._loading = asyncio.create_task(self.load.run())
        return self

    async def __aexit__(self, kind, *_):
        self._loading.cancel()
        await asyncio.wait([self._loading])
        await self._held.aclose()
        if kind is None and not self._loading.cancelled():
            self._loading.result()

    async def endure(self, what):
        """Go through one round; return what the fault says of itself."""
        self.load.go(what.number)
        await asyncio.sleep(what.after_s)
        said = await FAULTS[what.fault](self, what)
        await self.quiet()
        await self._check(what.number)
        return said

    async def conclude(self):
        """Check everything that this folder ever acknowledged; return the events."""
        journal = self.journal
        await checks.everything_acknowledged_is_there(
            self.caller, journal, list(journal.written.values())
        )
        await checks.nothing_is_there_twice(self.caller, list(journal.patients))
        await checks.nobody_is_there_twice(self.caller, journal)
        return self._events

    @asynccontextmanager
    async def stopped(self):
        """Stop the gateway for a while, in order."""
        await asyncio.to_thread(self.victim.stop)
        yield
        await self.victim.again()

    async def quiet(self):
        """Wait until the clients are quiet; theirs is the first fault found."""
        pausing = asyncio.create_task(self.load.pause())
        done, _ = await asyncio.wait(
            (pausing, self._loading),
            timeout=_QUIET_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not done:
            raise checks.UnkeptError(f"The clients got no answers for {_QUIET_S} s.")
        if self.load.failed or self._loading in done:
            pausing.cancel()
            await self._loading

    async def _check(self, number):
        journal = self.journal
        await checks.all_is_done(self.victim.data)
        fresh = [each for each in journal.written.values() if each.round == number]
        among = [each for each in journal.written.values() if each.round < number]
        await checks.everything_acknowledged_is_there(
            self.caller, journal, fresh + among[:: max(1, len(among) // _SAMPLE)]
        )
        visited = [who for who, since in journal.patients.items() if since == number]
        await checks.nothing_is_there_twice(self.caller, visited)
        await asyncio.to_thread(self._check_the_folder)

    def _check_the_folder(self):
        data = self.victim.data
        checks.order_is_gapless(data)
        self._noted = checks.the_seal_holds(data, self._noted)
        self._events = checks.the_read_models_converge(data)


class Campaign:
    """Many rounds, with a new folder every so often."""

    def __init__(self, asked, *, where, say, postgres=None):
        self._asked = asked
        self._postgres = postgres
        self._where = where
        self._say = say
        self._now = "the start"
        self.endured = Counter()
        self.acknowledged = 0
        self.interrupted = 0
        self.events = 0

    def __str__(self):
        return (
            f"{self.endured.total()} rounds kept every promise "
            f"({dict(self.endured)}); {self.acknowledged} acknowledged versions, "
            f"{self.interrupted} requests interrupted, {self.events} events"
        )

    async def run(self):
        """Endure every round; the first broken promise ends it."""
        for rounds in self._asked.folders():
            await self._scene(rounds)

    async def _scene(self, rounds):
        folder = Path(tempfile.mkdtemp(prefix="crash-", dir=self._where))
        seed = f"{self._asked.seed}/{rounds[0].number}"
        try:
            victim = Victim(folder, postgres=self._postgres)
            async with Scene(victim, seed=seed) as scene:
                await self._rounds_of(scene, rounds)
        except BaseException:
            again = self._asked.folder_of(rounds)
            self._say(f"BROKEN in {self._now}: {folder / 'data'}; again: {again}")
            raise
        shutil.rmtree(folder)  # one that broke a promise stays

    async def _rounds_of(self, scene, rounds):
        for each in rounds:
            self._now = each
            await self._round(scene, each)
        self._now = f"the conclusion of rounds {rounds[0].number} to {each.number}"
        self.events += await scene.conclude()
        self.acknowledged += len(scene.journal.written)
        self.interrupted += scene.journal.interrupted

    async def _round(self, scene, each):
        began, before = time.monotonic(), scene.journal.interrupted
        said = await scene.endure(each)
        self.endured[each.fault] += 1
        took = time.monotonic() - began
        refused = scene.journal.interrupted - before
        self._say(f"{each} {said}: kept, {refused} interrupted, {took:.1f} s")


@click.command()
@click.option("--rounds", default=1000, show_default=True)
@click.option("--seed", help="Default: a new one, printed.")
@click.option("--database", type=click.Choice(DATABASES), default=DATABASES[0])
@click.option("--from", "first", default=1, help="The first round's number.")
@click.option("--every", default=12, show_default=True, help="Rounds to a folder.")
@click.option("--fault", multiple=True, type=click.Choice(list(FAULTS)))
@click.option("--where", type=click.Path(path_type=Path), help="Folder for data.")
def main(*, seed, database, fault, where, **asked):
    """Break the gateway under load from 16 clients, and check every promise."""
    those = Asked(
        seed=seed or secrets.token_hex(4),
        database=database,
        faults=fault or faults_of(database),
        **asked,
    )
    click.echo(str(those))
    with ExitStack() as held:
        server = server_for(database, held)
        campaign = Campaign(those, where=where, say=click.echo, postgres=server)
        try:
            asyncio.run(campaign.run())
        except NoCompilerError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{those}: {campaign}")


def server_for(database, held):
    """Start a server that syncs, where one is needed; `held` stops it."""
    if database == "sqlite":
        return None
    server = held.enter_context(running(fsync=True))
    os.environ[URL] = server.url  # the checks read the log by its folder's note
    held.callback(os.environ.pop, URL)
    return server


if __name__ == "__main__":
    main()
