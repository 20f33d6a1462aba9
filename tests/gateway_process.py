"""A real gateway in a process of its own, which can be killed and started again."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.callers import CLIENTS
from tests.ports import lasting_port

ROOT = Path(__file__).resolve().parents[1]
START_S = 120  # of a machine that has much else to do
PREFIX = "TRIAGE_GATEWAY_"


class GatewayProcess:
    """A gateway on a data folder, at the same port however often it is started."""

    module = "gateway"
    variables: Mapping[str, str] = MappingProxyType({})  # of its environment, beside

    def __init__(self, folder, *, dev=False, **settings):
        self.data = folder / "data"
        self.log = folder / "gateway.log"
        self._port = lasting_port()
        self._dev = dev
        self._file = folder / "settings.toml"
        self._file.write_text(_toml({"model": "none", **settings}, dev=dev))
        self._process = None
        self.start_seconds = []

    @property
    def base(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def output(self):
        return self.log.read_text()

    def register(self, name, *, scopes, key):
        """Let a system prove itself by a public key (SMART Backend Services)."""
        with self._file.open("a") as settings:
            settings.write(
                f"[[clients]]\nname = {_literal(name)}\n"
                f"scopes = {json.dumps(scopes)}\n"
                f"jwks = {{ keys = [{_table(key)}] }}\n"
            )

    def start(self):
        """Start, and return once it says that it is ready."""
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self):
        """Start without waiting."""
        self._began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module, *self._arguments()],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**_environment(), **self.variables},
            )

    def wait_ready(self):
        until = time.monotonic() + START_S  # it may have been started long ago
        while not self._ready():
            if self._process.poll() is not None:
                raise AssertionError(f"The gateway ended:\n{self.output}")
            if time.monotonic() > until:
                raise AssertionError(f"The gateway is not ready:\n{self.output}")
            time.sleep(0.01)
        self.start_seconds.append(time.monotonic() - self._began)

    def kill(self):
        """End it as `kill -9` does, at once and without a word."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self):
        """End it as an operator does; return its exit status."""
        if self._process is None or self._process.poll() is not None:
            return None
        self._process.terminate()
        return self._process.wait(START_S)

    def _arguments(self):
        development = ["--dev"] if self._dev else []
        where = ["--data", str(self.data), "--port", str(self._port)]
        return ["serve", "--config", str(self._file), *where, *development]

    def _ready(self):
        try:
            with urllib.request.urlopen(f"{self.base}/health/ready", timeout=5) as said:
                return said.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def _environment():
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    return {**inherited, "OMP_NUM_THREADS": "1"}


def _toml(settings, *, dev):
    lines = [f"{name} = {_literal(value)}" for name, value in settings.items()]
    for client in () if dev else CLIENTS:
        lines.append("[[clients]]")
        fields = client.model_dump(exclude_defaults=True).items()
        lines += [f"{name} = {_literal(value)}" for name, value in fields]
    return "\n".join(lines) + "\n"


def _literal(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return _table(value)
    return str(value) if isinstance(value, int | float) else f'"{value}"'


def _table(fields):
    """Return a flat object as TOML's inline table."""
    pairs = (f"{name} = {json.dumps(value)}" for name, value in fields.items())
    return f"{{ {', '.join(pairs)} }}"
