"""Commands of an operator that are killed in the middle, and then given again."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress

from gateway.store.manifest import FILE, Manifest
from gateway.store.verification import verify
from tests.gateway_process import ROOT

_LONGEST_S = 2.5
_PATIENCE_S = 120


class CommandError(AssertionError):
    """A command did not do what it is for."""


async def backup(scene, what):
    """Kill a backup beside the working gateway; what has the name is whole."""
    target = scene.victim.data.parent / f"backup-{what.number}"
    words = ("backup", "--data", scene.victim.data, "--output", target)
    ended = await _killed(words, what.chance)
    if target.exists():
        Manifest.read(target).require_whole(target)
    else:
        await _done(words)
    if problems := await asyncio.to_thread(_problems, target):
        raise CommandError(f"The backup does not verify: {problems}")
    assert not target.with_name(f"{target.name}.part").exists()
    return "ended" if ended else "killed"


async def rebuild(scene, what):
    """Kill a rebuild of the read models; the gateway goes on from there."""
    async with scene.stopped():
        ended = await _killed(("rebuild", "--data", scene.victim.data), what.chance)
    return "ended" if ended else "killed"


async def rotate(scene, what):
    """Kill a change of the key-encryption key, and give it again."""
    words = ("keys", "rotate", "--data", scene.victim.data)
    async with scene.stopped():
        ended = await _killed(words, what.chance)
        if not ended and what.chance.random() < 0.5:
            await _done(words)
    return "ended" if ended else "killed"


async def erase(scene, what):
    """Kill the erasure of a patient, give it again, and forget her here, too."""
    patients = sorted(scene.journal.patients)
    if not patients:
        return "nobody"
    whom = what.chance.choice(patients)
    words = ("erase", "--data", scene.victim.data, "--patient", whom, "--by", "x")
    await scene.quiet()
    async with scene.stopped():
        ended = await _killed((*words, "--yes"), what.chance)
        await _done((*words, "--yes"))
    gone = scene.load.forget(whom)
    answer = await scene.caller.get(f"/fhir/{whom}")
    if answer.status not in {404, 410}:
        raise CommandError(f"{whom} was erased, and is {answer.status}.")
    state = "ended" if ended else "killed"
    return f"{state}, {gone} versions gone"


def _problems(target):
    assert (target / FILE).is_file()
    return verify(target).problems[:3]


async def _killed(words, chance):
    """Run a command and kill it after a while; say whether it ended before."""
    running = _started(words)
    try:
        async with asyncio.timeout(chance.uniform(0, _LONGEST_S)):
            await asyncio.to_thread(running.wait, _PATIENCE_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    said, _ = await asyncio.to_thread(running.communicate)
    if running.returncode == -signal.SIGKILL:
        return False
    _require_done(words, running.returncode, said)
    return True


async def _done(words):
    running = _started(words)
    said, _ = await asyncio.to_thread(running.communicate, None, _PATIENCE_S)
    _require_done(words, running.returncode, said)


def _started(words):
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def _require_done(words, status, said):
    if status != 0:
        raise CommandError(f"{words[0]} ended with {status}: {said[-600:]}")
