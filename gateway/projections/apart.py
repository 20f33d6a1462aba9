"""The other end of `gateway.projections.child`: starts it, asks it, ends it.

Python runs one thread of a process at a time. Projecting took a third of that time from
the requests, and more by the changes of turn; apart it takes another processor.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

from gateway.store.keysource import KeySource

BY_PIPE = "-"
"""Stands for the key file where the key itself is the first line of the pipe."""
_PATIENCE_S = 10.0
_SECRETS = "TRIAGE_GATEWAY_"  # settings: the child needs none but those it is told
_PACKAGES = Path(__file__).parents[2]


class ProjectionEndedError(Exception):
    """The process that keeps the read models ended; it has to be started again."""


class Reached(NamedTuple):
    """Where a batch brought the read models, in how many processor seconds."""

    position: int
    seconds: float


class Apart:
    """A child process that projects, between entering and leaving this context."""

    def __init__(
        self,
        data: Path,
        *,
        key_file: KeySource | None = None,
        log_format: Literal["console", "json"] = "console",
        told: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare; `told` are variables that the child's environment has, too."""
        self._key = b""
        files = [str(data.absolute())]
        if isinstance(key_file, Path):
            files.append(str(key_file.absolute()))
        elif key_file is not None:  # told by the pipe, where nobody else can read it
            self._key = key_file.read().key.hex().encode() + b"\n"
            files.append(BY_PIPE)
        module = ("-P", "-m", "gateway.projections.child", log_format)
        self._command = (sys.executable, *module, *files)
        self._told = told
        self._process: Process | None = None
        self._greeting: asyncio.Task[Reached] | None = None

    async def __aenter__(self) -> Self:
        # The same packages as ours, whatever the working directory holds.
        environment = {k: v for k, v in os.environ.items() if _SECRETS not in k}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            env={**environment, "PYTHONPATH": str(_PACKAGES), **self._told},
        )
        if self._process.stdin is not None:
            self._process.stdin.write(self._key)
        self._greeting = asyncio.create_task(_answer(self._process))
        return self

    async def __aexit__(self, *_: object) -> None:
        process, greeting = self._process, self._greeting
        self._process = self._greeting = None
        if process is not None:
            await _end(process)
        if greeting is not None:
            greeting.cancel()
            await asyncio.wait([greeting])

    @property
    def ready(self) -> bool:
        """Say whether the child has read its modules and opened the log."""
        return self._greeting is not None and self._greeting.done()

    async def step(self, position: int, head: int) -> Reached:
        """Let one batch of the events between two positions be projected.

        Raises:
            ProjectionEndedError: the child ended; what it had not finished is undone.

        """
        if self._process is None or self._greeting is None or not self._process.stdin:
            raise ProjectionEndedError("Enter the context before a step.")
        await self._greeting
        self._process.stdin.write(f"{position} {head}\n".encode())
        return await _answer(self._process)


async def _answer(process: Process) -> Reached:
    line = await process.stdout.readline() if process.stdout else b""
    if not line.endswith(b"\n"):
        raise ProjectionEndedError("The process that keeps the read models ended.")
    position, seconds = line.split()
    return Reached(int(position), float(seconds))


async def _end(process: Process) -> None:
    """Let the child finish its batch; where it does not, or nobody waits, kill it."""
    if process.stdin is not None:
        process.stdin.close()
    while process.returncode is None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await process.wait()
        except (TimeoutError, asyncio.CancelledError):
            with suppress(ProcessLookupError):
                process.kill()
