"""Commands of an operator that are killed in the middle, and then given again."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import MappingProxyType

from tests.crash.power import DIES_AT
from tests.crash.serve import CLOCK, LONG
from tests.gateway_process import ROOT
from tests.worklist import until

_LONGEST_S = 2.5
_SYNCS = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 14)
_PATIENCE_S = 120
ENDED, NO_POWER = "ended", "then no power"
NOTHING = MappingProxyType({})


class CommandError(AssertionError):
    """A command did not do what it is for."""


async def rebuild(scene, what):
    """Kill a rebuild of the read models; the gateway goes on from there."""
    shared = what.chance.random() < 0.5  # among processes, as that of a long log
    extra = {LONG: "0"} if shared else {}
    words = ("rebuild", "--data", scene.victim.data)
    async with scene.stopped():
        state = await cut_short(scene, words, what.chance, **extra)
    return f"{state}, {'shared' if shared else 'alone'}"


async def rotate(scene, what):
    """Kill a change of the key-encryption key, and give it again."""
    words = ("keys", "rotate", "--data", scene.victim.data)
    async with scene.stopped():
        state = await cut_short(scene, words, what.chance)
        if not state.startswith(ENDED) and what.chance.random() < 0.5:
            await done(scene, words)
    return state


async def erase(scene, what):
    """Kill the erasure of a patient, give it again, and forget her here, too."""
    chance = what.chance
    data = scene.victim.data

    async def known():
        return scene.journal.by_record()

    whom = chance.choice(await until(known))
    words = ("erase", "--data", data, "--patient", whom, "--by", "x", "--yes")
    await scene.quiet()
    async with scene.stopped():
        state = await cut_short(scene, words, chance)
        if not state.startswith(ENDED):
            if chance.random() < 0.5:  # it has to start on half an erasure, too
                await scene.victim.again()
                await asyncio.to_thread(scene.victim.stop)
            await done(scene, words)
    gone = scene.load.forget(whom)
    return f"{state}, {gone} versions gone"


async def cut_short(scene, words, chance, **extra):
    """Kill a command, and half of the time all else, as no power does; say what came.

    What it had said was done before the power went stays done.
    """
    ended = await _killed(scene, words, chance, **extra)
    state = ENDED if ended else "killed"
    if chance.random() < 0.5:
        lost = await asyncio.to_thread(scene.victim.lose_power, chance)
        return f"{state}, {NO_POWER}: {lost}"
    return state


async def _killed(scene, words, chance, **extra):
    """Run a command and kill it, mostly at a sync; say whether it ended before.

    A sync is in the middle of its work; what it does before and after is met by the
    clock.
    """
    at, seconds = chance.choice(_SYNCS), chance.uniform(0, _LONGEST_S)
    at_sync = chance.random() < 0.75
    if at_sync:
        extra[DIES_AT] = str(at)
    running = started(words, {**scene.victim.variables, **extra})
    try:
        async with asyncio.timeout(_PATIENCE_S if at_sync else seconds):
            await asyncio.to_thread(running.wait, _PATIENCE_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    said, _ = await asyncio.to_thread(running.communicate)
    if running.returncode == -signal.SIGKILL:
        return False
    _require_done(words, running.returncode, said)
    return True


async def done(scene, words):
    running = started(words, scene.victim.variables)
    said, _ = await asyncio.to_thread(running.communicate, None, _PATIENCE_S)
    _require_done(words, running.returncode, said)


def started(words, variables=NOTHING):
    """Start a command in a session, so also a group, of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.serve", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", CLOCK: os.devnull, **variables},
        start_new_session=True,
    )


def _require_done(words, status, said):
    if status != 0:
        raise CommandError(f"{words[0]} ended with {status}: {said[-600:]}")
