"""A gateway in a process of its own, and a small server that answers as told."""

import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "TRIAGE_GATEWAY_"
START_S = 120


@pytest.fixture(scope="session")
def environment():
    """The environment without anybody's settings, and without a model."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    quiet = {"TRIAGE_GATEWAY_MODEL": "none", "OMP_NUM_THREADS": "1"}
    return {**kept, **quiet, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, environment):
    """The FHIR base of a real gateway on a free port."""
    folder = tmp_path_factory.mktemp("gateway")
    log = folder / "gateway.log"
    command = ["serve", "--dev", "--port", "0", "--data", str(folder / "data")]
    with log.open("wb") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "gateway", *command],
            stdout=file,
            stderr=file,
            env=environment,
            cwd=folder,
        )
    try:
        yield _ready_base(child, log)
    finally:
        child.terminate()
        child.wait(START_S)


def _ready_base(child, log):
    until = time.monotonic() + START_S
    while time.monotonic() < until and child.poll() is None:
        said = re.search(r"FHIR base: (\S+)", log.read_text())
        if said and _is_ready(said[1]):
            return said[1]
        time.sleep(0.02)
    raise AssertionError(f"The gateway did not start:\n{log.read_text()}")


def _is_ready(base):
    try:
        urllib.request.urlopen(base.replace("/fhir", "/health/ready"), timeout=5)
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


class Answers:
    """A server whose answers are (status, headers, body), the last one for ever."""

    def __init__(self):
        self.told = [(200, {}, b'{"resourceType":"Bundle","type":"batch-response"}')]
        self.received = []
        self.headers = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                outer.received.append(self.rfile.read(length))
                outer.headers.append(dict(self.headers))
                last = len(outer.told) == 1
                status, headers, body = outer.told[0] if last else outer.told.pop(0)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/fhir"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server():
    answers = Answers()
    yield answers
    answers.close()
