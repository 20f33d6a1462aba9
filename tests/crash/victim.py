"""A gateway to which faults are done, and the server that keeps its log, if any."""

import asyncio
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.crash.power import Syncs
from tests.crash.serve import CLOCK
from tests.gateway_process import START_S, GatewayProcess


class Victim(GatewayProcess):
    """A gateway to which all of this is done."""

    module = "tests.crash.serve"

    def __init__(self, folder, *, postgres=None):
        self.postgres = postgres
        super().__init__(folder, dev=True, **log_in(postgres))
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.syncs = Syncs(folder)
        self.variables = {CLOCK: str(self.clock), **self.syncs.variables}

    @property
    def port(self):
        return self._port

    def processes(self):
        """Return the ids of the process and of all that come from it."""
        return family(self._process.pid)

    def lose_power(self, chance):
        """Kill it and its log's server, and take what a power loss would.

        The server starts again; the gateway is the caller's.
        """
        watched = [self.syncs, self.postgres.syncs] if self.postgres else [self.syncs]
        self.kill_all()
        done = [each.lose_power(chance) for each in watched]
        if self.postgres:
            self.postgres.start()
        return ", in the server: ".join(done)

    def kill_all(self):
        """End all processes at once, as a power loss does; return when none is."""
        running = [self._process]
        if self.postgres:
            running.append(self.postgres.process)
        end_at_once([each for each in running if each.poll() is None])

    def end(self):
        """Stop it, or let nothing of it be left."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            end_at_once([self._process])
            raise

    def signal(self, number):
        self._process.send_signal(number)

    async def again(self):
        """Start and wait."""
        self.spawn()
        await asyncio.to_thread(self.wait_ready)


def end_at_once(running):
    """Kill processes and all that come from them; return when none can write."""
    for each in running:
        each.send_signal(signal.SIGSTOP)  # it starts no other meanwhile
    families = [one for each in running for one in family(each.pid)]
    for each in families:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    for each in running:
        each.wait()
    until = time.monotonic() + START_S
    while any(map(_lives, families)):
        if time.monotonic() > until:
            raise AssertionError("A killed process does not end.")
        time.sleep(0.005)


def family(process):
    """Return a process and all that come from it."""
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, thread.read_text().split())
    return [process, *(each for child in found for each in family(child))]


def _lives(process):
    """Say whether a process can still write: a zombie cannot."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def log_in(postgres):
    """Return the settings of a gateway whose log is in a server, or in its folder."""
    if postgres is None:
        return {}
    schema = postgres.fresh().schema
    return {"database_url": postgres.url, "database_schema": schema}
