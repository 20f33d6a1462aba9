"""A data folder that goes through faults, with clients at work."""

import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager

from tests.callers import Caller, caller_session
from tests.crash import checks
from tests.crash.faults import FAULTS
from tests.crash.journal import Journal
from tests.crash.load import Load
from tests.crash.proxy import Proxy

_QUIET_S = 180


class Scene:
    """A data folder, its gateway and its clients, for some rounds."""

    def __init__(self, victim, *, seed):
        self.victim = victim
        self.journal = Journal()
        self._seed = seed
        self._noted = None
        self._events = 0
        self.restored = False  # one backup of it was
        self._held = AsyncExitStack()

    async def __aenter__(self):
        try:
            await self._begin()
        except BaseException:
            await self._held.aclose()
            raise
        return self

    async def _begin(self):
        chance = random.Random(f"{self._seed}/proxy")
        self.proxy = await self._held.enter_async_context(Proxy(chance))
        self._held.callback(self.victim.end)
        await asyncio.to_thread(self.victim.start)
        self.proxy.target = self.victim.port
        session = await self._held.enter_async_context(caller_session())
        self.caller = Caller(session, self.victim.base)
        self.load = Load(self.proxy.base, self.journal, seed=self._seed)
        self._loading = asyncio.create_task(self.load.run())

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
        said = await self._meet(what)
        await self.quiet()
        await self._check(what.number)
        return said

    async def _meet(self, what):
        """Let the fault come; what a client found goes before what the fault missed."""
        try:
            return await FAULTS[what.fault](self, what)
        except AssertionError:
            if self.load.failed:
                await self._loading
            raise

    async def conclude(self):
        """Check everything that this folder ever acknowledged; return the events."""
        journal = self.journal
        await checks.everything_acknowledged_is_there(
            self.caller, journal, list(journal.written.values())
        )
        await checks.the_newest_is_shown(
            self.caller, journal, list(journal.latest.values())
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
        written, latest = (
            checks.of_round(number, list(each.values()))
            for each in (journal.written, journal.latest)
        )
        await checks.everything_acknowledged_is_there(self.caller, journal, written)
        await checks.the_newest_is_shown(self.caller, journal, latest)
        await checks.nobody_comes_back(self.caller, journal)
        visited = [who for who, since in journal.patients.items() if since == number]
        await checks.nothing_is_there_twice(self.caller, visited)
        await asyncio.to_thread(self._check_the_folder)

    def _check_the_folder(self):
        data = self.victim.data
        checks.order_is_gapless(data)
        checks.nothing_is_there_unasked(data, self.journal)
        self._noted = checks.the_seal_holds(data, self._noted)
        self._events = checks.the_read_models_converge(data)
