import subprocess
import sys

import pytest

from tests.callers import Caller, caller_session
from tests.gateway_process import ROOT, GatewayProcess


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A real gateway in development mode, without a model."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway"), dev=True).start()
    yield process
    process.stop()


@pytest.fixture
async def caller(gateway):
    async with caller_session() as session:
        yield Caller(session, gateway.base)


@pytest.fixture
def audit():
    """Run `triage-gateway audit` on a folder; return what it printed."""

    def run(command, folder, *, expected=0):
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "audit", command, "--data", str(folder)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == expected, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    return run
