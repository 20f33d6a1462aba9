"""A real PostgreSQL server, started by the tests themselves and stopped by them."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import psycopg

from gateway.store.server import Server

START_S = 120
_ROLE, _PASSWORD, _DATABASE = "gateway", "correct horse", "postgres"
_NOBODYS = ("postgres", "nobody")
_MISSING = (
    "These tests start a PostgreSQL server and find none: install one (Debian: "
    "apt-get install postgresql), or put the folder with initdb and postgres on PATH."
)


def binaries():
    """Return the folder with initdb and postgres."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if shutil.which("pg_config"):
        said = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=True
        )
        folders.append(Path(said.stdout.strip()))
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise AssertionError(_MISSING)


class PostgresServer:
    """A server on a socket in a folder of its own; it survives `stop` and `start`."""

    variables: Mapping[str, str] = MappingProxyType({})  # of its environment, beside

    def __init__(self, folder, *, fsync=False):
        self.folder = folder
        self.kept = False  # as evidence, after it was stopped
        self.data = folder / "data"
        self._binaries = binaries()
        self._owner = _unprivileged()
        self._fsync = fsync
        self.process = None
        self.give(folder)
        self._initialise()

    @property
    def url(self):
        return self.url_at(self.folder)

    def url_at(self, folder, *, password=_PASSWORD):
        """Return the URL by which to reach the server at a socket in a folder."""
        word = password.replace(" ", "%20")
        return f"postgresql://{_ROLE}:{word}@/{_DATABASE}?host={folder}&port=5432"

    def give(self, folder):
        """Let the server write to a folder."""
        if self._owner:
            os.chown(folder, self._owner["user"], self._owner["group"])

    def fresh(self):
        """Return a schema that nobody has used."""
        return Server(self.url, f"log_{uuid4().hex}")

    def connection(self):
        """Return a connection of the role that owns everything."""
        return psycopg.connect(self.url, autocommit=True)

    def start(self):
        switch = "on" if self._fsync else "off"
        options = ("-c", f"fsync={switch}", "-c", f"full_page_writes={switch}")
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self._binaries / "postgres",
                    *("-D", self.data, "-k", self.folder),
                    *("-c", "listen_addresses=", *options),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **self.variables},
                **self._owner,
            )
        self._wait()

    def stop(self, how=signal.SIGINT):
        """Stop: SIGINT ends sessions and writes everything, SIGQUIT is a crash."""
        self.process.send_signal(how)
        self.process.wait(START_S)

    def _wait(self):
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.connection().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        said = (self.folder / "server.log").read_text(errors="replace")
        raise AssertionError(said)

    def _initialise(self):
        words = self.folder / "password"
        words.write_text(_PASSWORD)
        words.chmod(0o644)
        said = subprocess.run(
            [
                self._binaries / "initdb",
                *("-D", self.data, "-U", _ROLE, "--pwfile", words),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **self._owner,
        )
        if said.returncode:
            raise AssertionError(f"initdb failed: {said.stderr}")


@contextmanager
def running(*, fsync=False, kind=PostgresServer):
    """Run a server of one's own; its folder goes with it unless it is `kept`."""
    folder, server = Path(tempfile.mkdtemp(prefix="pg-")), None
    try:
        server = kind(folder, fsync=fsync)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        if server is None or not server.kept:
            shutil.rmtree(folder)


def _unprivileged():
    """Return how to start a process of somebody else: root is refused."""
    if os.geteuid():
        return {}
    for name in _NOBODYS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise AssertionError("PostgreSQL refuses to run as root: add a user `postgres`.")
