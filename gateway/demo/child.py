"""The gateway as a child process, with a log file of its own."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from gateway.demo.failure import DemoError

LOG = "gateway.log"
_PREFIX = "TRIAGE_GATEWAY_"
_MODEL = f"{_PREFIX}MODEL"
_BASE = re.compile(r"FHIR base: (\S+)")
_START_S = 60.0
_STOP_S = 30.0
_POLL_S = 0.1


@asynccontextmanager
async def gateway(data: Path, settings: Mapping[str, str]) -> AsyncIterator[str]:
    """Run a gateway on a free loopback port; give its FHIR base once it is ready.

    Raises:
        DemoError: it did not start; the end of its log is in the message.

    """
    log = data / LOG
    with log.open("ab") as file:
        child = await asyncio.create_subprocess_exec(
            *_command("serve", "--dev", "--port", "0", "--data", str(data)),
            stdin=DEVNULL,
            stdout=file,
            stderr=STDOUT,
            env=_environment(settings),
            process_group=0,  # Ctrl-C is for the play, which then stops the gateway.
        )
    try:
        async with asyncio.timeout(_START_S):
            base = await _base(child, log)
            await _ready(child, log, base)
        yield base
    except TimeoutError:
        raise DemoError(_not_started(log, "is not ready after a minute")) from None
    finally:
        await _stop(child)


async def verified(data: Path) -> str:
    """Verify the log of a data folder; return what `audit verify` says of its head.

    Raises:
        DemoError: the log does not verify.

    """
    child = await asyncio.create_subprocess_exec(
        *_command("audit", "verify", "--data", str(data)),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env=_environment({}),
    )
    try:
        said, _ = await child.communicate()
    finally:
        await _stop(child)
    text = said.decode(errors="replace").strip()
    if child.returncode:
        raise DemoError(f"The log does not verify:\n{text}")
    return text


def _command(*arguments: str) -> tuple[str, ...]:
    return sys.executable, "-m", "gateway", *arguments


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment, with no settings but those of the model."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_PREFIX) or name.startswith(_MODEL)
    }
    return kept | {f"{_PREFIX}{name}": value for name, value in settings.items()}


async def _base(child: Process, log: Path) -> str:
    while True:
        found = _said(log)
        if found:
            return found[1]
        await _running(child, log)


def _said(log: Path) -> re.Match[str] | None:
    return _BASE.search(log.read_text(errors="replace"))


async def _ready(child: Process, log: Path, base: str) -> None:
    url = f"{base.removesuffix('/fhir')}/health/ready"
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    if response.ok:
                        return
            except aiohttp.ClientConnectionError:
                pass  # The port is bound before anybody answers there.
            await _running(child, log)


async def _running(child: Process, log: Path) -> None:
    await asyncio.sleep(_POLL_S)
    if child.returncode is not None:
        raise DemoError(_not_started(log, "stopped at once"))


def _not_started(log: Path, how: str) -> str:
    last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    return f"The gateway {how}. The end of {log}:\n{last}"


async def _stop(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
