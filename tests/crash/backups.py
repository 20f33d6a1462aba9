"""Backups that are killed in the middle; one of them is restored."""

import asyncio
import shutil

from gateway.store.founding import read_head
from gateway.store.keyfile import default_key_file
from gateway.store.manifest import FILE, Manifest
from gateway.store.reading import snapshot
from gateway.store.verification import verify
from tests.callers import Caller, caller_session
from tests.crash import checks, commands
from tests.crash.victim import log_in
from tests.gateway_process import GatewayProcess
from tests.worklist import until


async def backup(scene, what):
    """Kill a backup beside the working gateway; what has the name is whole.

    It holds all that was acknowledged before it began, also if all lost power then. The
    first of a folder is restored, and read.
    """
    data = scene.victim.data
    target = data.with_name(f"data-backup-{what.number}")  # a name that is watched
    words = ("backup", "--data", data, "--output", target)

    async def acknowledged():
        return list(scene.journal.written.values())

    before = await until(acknowledged)
    noted = await asyncio.to_thread(noted_in, data)
    state = await commands.cut_short(scene, words, what.chance)
    if commands.NO_POWER in state:
        await scene.victim.again()
    if target.exists():
        Manifest.read(target).require_whole(target)
    else:
        noted = await asyncio.to_thread(noted_in, data)
        await commands.done(scene, words)
    await asyncio.to_thread(require_all, target, noted)
    if scene.restored:
        return state
    scene.restored = True
    await scene.quiet()
    return f"{state}, {await restored(scene, target, before)} versions restored"


def noted_in(data):
    """Return the checkpoint of all that a log holds now."""
    with snapshot(data) as log:
        return read_head(log).note


def require_all(target, noted):
    """Let a backup be whole, and hold what was in the log at a checkpoint."""
    if not (target / FILE).is_file():
        raise commands.CommandError("The backup has its name and no manifest.")
    if problems := verify(target, since=noted).problems[:3]:
        raise commands.CommandError(f"The backup does not verify: {problems}")
    if target.with_name(f"{target.name}.part").exists():
        raise commands.CommandError("The backup is there, and a part of one, too.")


async def restored(scene, target, written):
    """Restore a backup, and read some of what it has to hold; return how much."""
    folder = target.with_name(f"restored-{target.name}")
    folder.mkdir()
    settings = log_in(scene.victim.postgres)
    key = default_key_file(scene.victim.data)
    again = GatewayProcess(folder, dev=True, key_file=str(key), **settings)
    words = ("restore", "--from", target, "--data", again.data, "--key-file", key)
    where = [
        word
        for name, value in settings.items()
        for word in (f"--{name.replace('_', '-')}", value)
    ]
    await commands.done(scene, (*words, *where, "--no-newer"))
    some = checks.some(written)
    try:
        await asyncio.to_thread(again.start)
        async with caller_session() as session:
            caller = Caller(session, again.base)
            await checks.everything_acknowledged_is_there(caller, scene.journal, some)
    finally:
        await asyncio.to_thread(again.stop)
    shutil.rmtree(folder)
    return len(some)
