"""The faults, each of which ends with a gateway that runs."""

import asyncio
import os
import resource
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from gateway.projections.database import FILE
from gateway.store.schema import LOG_FILE
from tests.crash import commands
from tests.crash.backups import backup
from tests.crash.journal import Written, location
from tests.crash.power import written_to_log
from tests.patients import patient
from tests.worklist import until

_ROOM_BYTES = 30_000
_LONGEST_START_S = 1.5
_PRECISION = timedelta(milliseconds=1)
_CUT_OFF_S = 13.0  # longer than the gateway lets a server wait for its session
_OFTEN = (12, 5, 1)
_FARTHEST_S = 6 * 3600  # farther than the window of a case, a second one is right


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
    before = scene.victim.processes()[1:]
    for process in before:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)

    async def another():
        return set(scene.victim.processes()[1:]) - set(before)

    await until(another)
    await asyncio.to_thread(scene.victim.wait_ready)
    return f"{len(before)} killed"


async def stop(scene, what):
    """Let it stand still, alone or with its children, and go on."""
    chance = what.chance
    standing = scene.victim.processes()[: chance.choice((1, None))]
    longer = chance.choices((what.lasts_s, chance.uniform(1, 4), _CUT_OFF_S), _OFTEN)
    for each in standing:
        os.kill(each, signal.SIGSTOP)
    await asyncio.sleep(longer[0])
    for each in standing:
        os.kill(each, signal.SIGCONT)
    await asyncio.to_thread(scene.victim.wait_ready)
    return f"{len(standing)} for {longer[0]:.1f} s"


async def torn(scene, what):
    """Let all lose power, the log's server, too."""
    done = await asyncio.to_thread(scene.victim.lose_power, what.chance)
    await scene.victim.again()
    return done


async def full(scene, what):
    """Let no file grow far, or at all, for a while; sometimes kill it meanwhile."""
    chance = what.chance
    here = FILE if scene.victim.postgres else LOG_FILE
    written = written_to_log(scene.victim.data / here)
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

    async def dropped():
        return scene.proxy.dropped - before

    try:
        count = await until(dropped)
    finally:
        scene.proxy.dropping = 0.0
    return f"{count} answers"


async def clock(scene, what):
    """Let the clock jump; sometimes it is killed meanwhile."""
    chance = what.chance
    error = chance.choice((-1, 1)) * chance.uniform(1, _FARTHEST_S)
    _set(scene.victim.clock, error)
    await asyncio.sleep(what.lasts_s)
    await _tells_the_time(scene, what, error)
    if chance.random() < 0.3:
        scene.victim.kill()
        await scene.victim.again()
    _set(scene.victim.clock, 0)
    return f"by {error:.0f} s"


_ANYWHERE = (
    *(kill, early, child, stop, term, drop, clock, torn, full),
    *(backup, commands.rebuild, commands.rotate, commands.erase),
)
_BY_DATABASE = {
    "sqlite": _ANYWHERE,
    "postgresql": (*_ANYWHERE, server),
}
DATABASES = tuple(_BY_DATABASE)
FAULTS = {each.__name__: each for those in _BY_DATABASE.values() for each in those}


def faults_of(database):
    """Return the names of the faults that a database may meet."""
    return tuple(each.__name__ for each in _BY_DATABASE[database])


async def _tells_the_time(scene, what, error):
    """See what time the gateway gives to something new."""
    record = patient(f"clock-{what.number}")

    async def created():
        began = datetime.now(UTC)
        answer = await scene.caller.create(record)
        return (began, answer) if answer.status == 201 else None

    began, answer = await until(created)
    seen, told = datetime.now(UTC), answer.json["meta"]["lastUpdated"]
    true = datetime.fromisoformat(told) - timedelta(seconds=error)
    if not began - _PRECISION <= true <= seen:
        raise AssertionError(f"It is {seen}, off by {error} s, and it tells {told}.")
    scene.journal.note(Written(location(answer), record, what.number))


def _set(file, error):
    beside = file.with_name("clock.new")
    beside.write_text(str(error))
    beside.rename(file)


def _limit_files(victim, size):
    for process in victim.processes():
        try:
            _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            continue
