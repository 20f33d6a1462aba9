"""A real SGLang server on the CPU: started once for the whole run, stopped at its end.

How a test uses it::

    async def test_something(sglang):          # the fixture of tests/conftest.py
        chat = OpenAIChat(sglang.url, "base:first", timeout_s=30)

- `sglang.url` is the API's base, such as http://127.0.0.1:31234/v1; `sglang.root` is
  without /v1 (for /metrics). A server that is started again keeps its port.
- It serves a tiny Llama of random weights as `base`, and two LoRA adapters,
  `base:first` and `base:second`. Answers are noise within the schema, about 100 tokens
  a second: an answer by the whole contract takes some seconds.
- `sglang.kill()` ends it as `kill -9` does, `sglang.start()` starts it again and waits
  (30 s or more); the fixture does so by itself before the next test. `sglang.pause()`
  makes every process of it stand still (a server that hangs), `sglang.resume()` go on.
- `sglang.metric("num_running_reqs")` reads one number of its metrics, 0.0 where it is
  not there.
- It runs MOST_RUNNING requests at a time and queues MOST_QUEUED more; beyond: 503.

`make sglang` installs it into .sglang-venv; SGLANG_PYTHON names another environment's
Python. Without either, every test that asks for it is skipped and says so.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from tests.absent import absent

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BASE = "base"
MOST_RUNNING = 4
MOST_QUEUED = 8
START_S = 400  # some 35 on a quiet machine, nearly all of it Python's imports
STOP_S = 30
# Its environment is installed without byte code; what is imported once is kept.
_APART = ("COVERAGE", "PYTHONDONTWRITEBYTECODE")
_MISSING = (
    "There is no SGLang to test with: `make sglang` installs it (about 2.3 GB), or"
    " SGLANG_PYTHON names the Python of an environment that has it."
)


def python():
    """Return the Python of SGLang's environment; skip the test where there is none."""
    named = os.environ.get("SGLANG_PYTHON")
    found = Path(named) if named else ROOT / ".sglang-venv" / "bin" / "python"
    installed = named or (ROOT / ".sglang-venv" / ".installed").is_file()
    if not installed or not found.is_file():
        absent(_MISSING)
    return found


class SGLang:
    """One server on a port of its own, which can be killed and started again."""

    def __init__(self, interpreter, model, folder, *options):
        self._python = interpreter
        self._model = model
        self._options = options
        self._process = None
        self.log = folder / "sglang.log"
        self.port = _free_port()
        self.start_seconds = []

    @property
    def root(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"{self.root}/v1"

    @property
    def alive(self):
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Start, and return once it generates; nothing where it runs already."""
        if self.alive:
            self.resume()
            return
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "sglang.launch_server", *self._arguments()],
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                env=environment(),
                start_new_session=True,  # its processes are one group
            )
        while not self._generates():
            if not self.alive or time.monotonic() - began > START_S:
                self.kill()
                raise AssertionError(f"SGLang did not start:\n{self._last_words()}")
            time.sleep(0.2)
        self.start_seconds.append(time.monotonic() - began)

    def stop(self):
        """End it as an operator does, and whatever it leaves behind."""
        if self.alive:
            os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        self.kill()

    def kill(self):
        """End all its processes at once and without a word."""
        if self._process is not None:
            _signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def pause(self):
        """Let all its processes stand still: connections open, and no answer comes."""
        _signal_group(self._process.pid, signal.SIGSTOP)

    def resume(self):
        """Let them go on."""
        _signal_group(self._process.pid, signal.SIGCONT)

    def metric(self, name):
        """Return a metric's total, 0.0 where there is none.

        Of a gauge there is a row for each priority, beside that of all (priority "").
        """
        with urllib.request.urlopen(f"{self.root}/metrics", timeout=10) as said:
            text = said.read().decode()
        row = rf'^sglang:{name}{{.*\bpriority="".*}} (\S+)$'
        return sum(map(float, re.findall(row, text, re.MULTILINE)))

    def _arguments(self):
        folders = sorted(self._model.iterdir())
        adapters = [f"{each.name}={each}" for each in folders if each.name != BASE]
        return [
            *("--model-path", self._model / BASE, "--served-model-name", BASE),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *("--device", "cpu", "--attention-backend", "torch_native"),
            *("--dtype", "float32", "--mem-fraction-static", "0.2"),
            *("--max-total-tokens", "32768", "--sleep-on-idle"),
            *("--max-running-requests", str(MOST_RUNNING)),
            *("--max-queued-requests", str(MOST_QUEUED)),
            *("--enable-lora", "--lora-backend", "torch_native"),
            *("--lora-paths", *adapters),
            "--constrained-json-disable-any-whitespace",
            "--enable-priority-scheduling",
            "--enable-cache-report",
            "--enable-metrics",
            *self._options,
        ]

    def _generates(self):
        # Only here: /health generates a token, which is what is waited for.
        try:
            with urllib.request.urlopen(f"{self.root}/health", timeout=20) as said:
                return said.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])


def environment():
    """Return the variables of a server on the CPU; nothing is fetched from a hub."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_APART)}
    return inherited | {
        "PYTHONPATH": str(HERE / "cpu_only"),
        "SGLANG_USE_CPU_ENGINE": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }


def random_model(interpreter):
    """Return the folder of the random model and its adapters; made once a machine."""
    made_by = HERE / "random_model.py"
    mark = sha256(made_by.read_bytes() + str(interpreter).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"sglang-random-model-{mark}"
    if not folder.is_dir():
        fresh = Path(tempfile.mkdtemp(prefix="sglang-random-model-"))
        made = subprocess.run(
            [interpreter, made_by, fresh],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )
        if made.returncode:
            raise AssertionError(f"The random model was not made:\n{made.stderr}")
        with suppress(OSError):  # another run has been faster; its model is the same
            fresh.rename(folder)
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


@contextmanager
def running(*options, model=None):
    """Run a server of one's own; `options` are added to its command line.

    `model` is a folder with `base` and, beside it, a folder for each adapter, whose
    name it is served by; without it the random model is served.
    """
    interpreter = python()
    model = model or random_model(interpreter)
    with tempfile.TemporaryDirectory(prefix="sglang-") as folder:
        server = SGLang(interpreter, model, Path(folder), *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _signal_group(group, number):
    with suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":  # to look at it by hand: ends with Ctrl-C
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with running(*sys.argv[1:]) as by_hand:
        sys.stdout.write(f"{by_hand.url} after {by_hand.start_seconds[0]:.0f} s\n")
        sys.stdout.flush()
        signal.pause()
