"""The faults, each of which ends with a gateway that runs."""

import asyncio
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from gateway.projections.database import AUDIT_FILE, FILE
from gateway.store.schema import LOG_FILE
from gateway.store.spool import FILE as JOBS_FILE
from tests.crash import commands
from tests.crash.power import lose_power, written_to_log
from tests.crash.serve import CLOCK
from tests.gateway_process import GatewayProcess

_ROOM_BYTES = 30_000
_LONGEST_START_S = 1.5
_FARTHEST_S = 6 * 3600  # farther than the window of a case, a second one is right


class Victim(GatewayProcess):
    """A gateway to which all of this is done."""

    module = "tests.crash.serve"

    def __init__(self, folder, *, postgres=None):
        self.postgres = postgres
        super().__init__(folder, dev=True, **_log_in(postgres))
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.variables = {CLOCK: str(self.clock)}

    @property
    def port(self):
        return self._port

    def processes(self):
        """Return the ids of the process and its children."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    def signal(self, number):
        self._process.send_signal(number)

    async def again(self):
        """Start and wait."""
        self.spawn()
        await asyncio.to_thread(self.wait_ready)


async def kill(scene, what):
    """End it as the kernel does."""
    _ = what
    scene.victim.kill()
    await scene.victim.again()
    return ""


async def term(scene, what):
    """End it as an operator does; it has to end in order."""
    _ = what
    status = await asyncio.to_thread(scene.victim.stop)
    if status != 0:
        raise AssertionError(f"SIGTERM was answered with status {status}.")
    await scene.victim.again()
    return ""


async def early(scene, what):
    """Kill it, and kill it again while it starts, up to three times."""
    chance = what.chance
    kills = chance.randrange(2, 5)
    for _ in range(kills - 1):
        scene.victim.kill()
        scene.victim.spawn()
        await asyncio.sleep(chance.uniform(0, _LONGEST_START_S))
    scene.victim.kill()
    await scene.victim.again()
    return f"{kills} times"


async def child(scene, what):
    """Kill the process that keeps the read models."""
    _ = what
    for process in scene.victim.processes()[1:]:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    await asyncio.to_thread(scene.victim.wait_ready)
    return ""


async def stop(scene, what):
    """Let it stand still, and go on."""
    scene.victim.signal(signal.SIGSTOP)
    await asyncio.sleep(what.lasts_s)
    scene.victim.signal(signal.SIGCONT)
    return ""


async def torn(scene, what):
    """Kill it, and take what a power loss would."""
    scene.victim.kill()
    await asyncio.sleep(0.05)  # its child ends by itself
    chance = what.chance
    done = lose_power(scene.victim.data / LOG_FILE, chance, synced=True)
    lose_power(scene.victim.data / JOBS_FILE, chance, synced=True)
    for name in (FILE, AUDIT_FILE):
        lose_power(scene.victim.data / name, chance, synced=False)
    await scene.victim.again()
    return done


async def full(scene, what):
    """Let no file grow far, or at all, for a while; sometimes kill it meanwhile."""
    chance = what.chance
    written = written_to_log(scene.victim.data / LOG_FILE)
    some = written + chance.randrange(_ROOM_BYTES)
    _limit_files(scene.victim, chance.choice((some, some, 0)))
    await asyncio.sleep(what.lasts_s)
    killed = chance.random() < 0.3
    if killed:
        scene.victim.kill()
        await scene.victim.again()
    else:
        _limit_files(scene.victim, resource.RLIM_INFINITY)
        await asyncio.to_thread(scene.victim.wait_ready)
    return "killed while full" if killed else "went on"


async def server(scene, what):
    """Let the database server crash, and start it again."""
    await asyncio.to_thread(scene.victim.postgres.stop, signal.SIGQUIT)
    await asyncio.sleep(what.lasts_s)
    await asyncio.to_thread(scene.victim.postgres.start)
    await asyncio.to_thread(scene.victim.wait_ready)
    return ""


async def drop(scene, what):
    """Cut off answers for a while."""
    before = scene.proxy.dropped
    scene.proxy.dropping = what.chance.uniform(0.1, 0.9)
    await asyncio.sleep(what.lasts_s + 0.3)
    scene.proxy.dropping = 0.0
    return f"{scene.proxy.dropped - before} answers"


async def clock(scene, what):
    """Let the clock jump; sometimes it is killed meanwhile."""
    chance = what.chance
    error = chance.choice((-1, 1)) * chance.uniform(1, _FARTHEST_S)
    _set(scene.victim.clock, error)
    await asyncio.sleep(what.lasts_s)
    if chance.random() < 0.3:
        scene.victim.kill()
        await scene.victim.again()
    _set(scene.victim.clock, 0)
    return f"by {error:.0f} s"


_ANYWHERE = (
    *(kill, early, child, stop, term, drop, clock),
    *(commands.backup, commands.rebuild, commands.rotate, commands.erase),
)
_BY_DATABASE = {
    "sqlite": (*_ANYWHERE, torn, full),
    "postgresql": (*_ANYWHERE, server),
}
DATABASES = tuple(_BY_DATABASE)
FAULTS = {each.__name__: each for those in _BY_DATABASE.values() for each in those}


def faults_of(database):
    """Return the names of the faults that a database may meet."""
    return tuple(each.__name__ for each in _BY_DATABASE[database])


def _set(file, error):
    beside = file.with_name("clock.new")
    beside.write_text(str(error))
    beside.rename(file)


def _log_in(postgres):
    """Return the settings of a gateway whose log is in a server, or in its folder."""
    if postgres is None:
        return {}
    schema = postgres.fresh().schema
    return {"database_url": postgres.url, "database_schema": schema}


def _limit_files(victim, size):
    for process in victim.processes():
        try:
            _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            continue
