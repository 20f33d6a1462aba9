"""Break the gateway over and over under load, and see that nothing was lost.

    python -m tests.crash.harness --rounds 1000 [--seed 7]

Prints the whole command; given again, it repeats the schedule, the faults' parameters
and the order of each client's steps. How far a client comes meanwhile, so also what is
there to be read, changed or erased, is the machine's.

A broken promise prints the command that begins with its folder's first round, and keeps
the data.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import click

from gateway.store.server import URL
from tests.crash.asked import Asked
from tests.crash.faults import DATABASES, FAULTS, faults_of
from tests.crash.power import NoCompilerError
from tests.crash.scene import Scene
from tests.crash.server import WatchedServer
from tests.crash.victim import Victim
from tests.postgres import running

_COUNT = click.IntRange(min=1)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


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
        except NoCompilerError:
            shutil.rmtree(folder)
            raise
        except (asyncio.CancelledError, KeyboardInterrupt):
            self._keep("Interrupted", folder, rounds)
            raise
        except BaseException:
            self._keep("BROKEN", folder, rounds)
            raise
        shutil.rmtree(folder)  # one that broke a promise stays

    def _keep(self, what, folder, rounds):
        """Say what happened, and where all that is evidence of it lies."""
        places = [str(folder / "data")]
        if self._postgres:
            self._postgres.kept = True
            places.append(str(self._postgres.data))
        again = self._asked.folder_of(rounds)
        self._say(f"{what} in {self._now}: {' and '.join(places)}; again: {again}")

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
@click.option("--rounds", default=1000, type=_COUNT, show_default=True)
@click.option("--seed", help="Default: a new one, printed.")
@click.option("--database", type=click.Choice(DATABASES), default=DATABASES[0])
@click.option("--from", "first", default=1, type=_COUNT, help="First round's number.")
@click.option("--every", default=12, type=_COUNT, help="Rounds to a folder; 12.")
@click.option("--fault", multiple=True, type=click.Choice(list(FAULTS)))
@click.option("--where", type=_FOLDER, help="Folder for data.")
def main(*, seed, database, fault, where, **asked):
    """Break the gateway under load from 16 clients, and check every promise."""
    possible = faults_of(database)
    if others := sorted({*fault} - {*possible}):
        raise click.UsageError(f"{', '.join(others)}: not on {database}.")
    those = Asked(
        seed=seed or secrets.token_hex(4),
        database=database,
        faults=fault or possible,
        **asked,
    )
    click.echo(str(those))
    try:
        with ExitStack() as held:
            server = server_for(database, held)
            campaign = Campaign(those, where=where, say=click.echo, postgres=server)
            asyncio.run(campaign.run())
    except NoCompilerError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{those}: {campaign}")


def server_for(database, held):
    """Start a server that syncs, where one is needed; `held` stops it."""
    if database == "sqlite":
        return None
    server = held.enter_context(running(fsync=True, kind=WatchedServer))
    os.environ[URL] = server.url  # the checks read the log by its folder's note
    held.callback(os.environ.pop, URL)
    return server


if __name__ == "__main__":
    main()
