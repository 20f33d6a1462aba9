"""Runs `triage-gateway` commands on a stopped gateway's folder."""

import asyncio
import subprocess
import sys

from click.testing import CliRunner

from gateway.__main__ import main
from tests.gateway_process import ROOT

BY = ("--by", "the data protection officer")


async def run(*words, typed=None):
    """Run a command beside the test's own event loop."""
    arguments = [str(each) for each in words]
    runner = CliRunner()
    return await asyncio.to_thread(runner.invoke, main, arguments, input=typed)


async def erase(data, patient, *more, typed=None):
    words = ("--data", data, "--patient", patient, *BY)
    yes = () if typed is not None else ("--yes",)
    return await run("erase", *words, *yes, *more, typed=typed)


async def audited(data):
    """Verify and replay; return what both said."""
    verified = await run("audit", "verify", "--data", data)
    replayed = await run("audit", "replay", "--data", data)
    assert verified.exit_code == 0, verified.output
    assert replayed.exit_code == 0, replayed.output
    return verified.output + replayed.output


def killed_at(data, patient, *, step, when):
    """Erase in a process that ends as by `kill -9` before or after a step.

    Without a patient, erase all who are due.
    """
    whom = ["--patient", patient] if patient else ["--due"]
    program = f"""
import importlib, os, signal
place, _, path = {step!r}.partition(":")
*owners, name = path.split(".")
owner = importlib.import_module(place)
for each in owners:
    owner = getattr(owner, each)
plain = getattr(owner, name)
def crash(*given, **named):
    if {when!r} == "after":
        plain(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, crash)
from gateway.__main__ import main
main(["erase", "--data", {str(data)!r}, *{whom!r}, "--by", "x", "--yes"])
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr
