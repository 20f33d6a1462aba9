"""The sandbox recipe of the README, word for word, as a shell carries it out."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.gateway_process import ROOT, GatewayProcess

README = (ROOT / "README.md").read_text()
RECIPE = README.partition("## Try it with curl")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```\n(.*?)^```$", RECIPE, re.MULTILINE | re.DOTALL)
SEND, ASK, STEP, AUDIT = 1, 2, 3, 4  # the first block installs and serves
FLOOR_S = 60


class Sandbox:
    """A shell that finds this gateway where the README has its own."""

    def __init__(self, gateway, folder):
        self._there = {
            "localhost:8080": gateway.base.removeprefix("http://"),
            "/tmp/sandbox": str(gateway.data),
            "/tmp": str(folder),
            ".venv/bin/triage-gateway": shlex.join([sys.executable, "-m", "gateway"]),
        }

    def run(self, block, **ids):
        """Carry out a block of the README; return what it printed."""
        there = {**self._there, **ids}
        named = "|".join(sorted(map(re.escape, there), key=len, reverse=True))
        script = re.sub(named, lambda found: there[found[0]], BLOCKS[block])
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=180,
            check=False,
        )
        assert done.stderr == ""
        return done.stdout

    def documents(self, block, **ids):
        """Carry out a block; return every JSON document that it printed."""
        return list(_documents(self.run(block, **ids)))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    gateway = GatewayProcess(folder, dev=True).start()
    try:
        yield Sandbox(gateway, Path(folder))
    finally:
        gateway.stop()


def _documents(text):
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        document, end = decoder.raw_decode(text, at)
        yield document
        at = text.find("{", end)


def ids_of(answer):
    """What the README calls PATIENT_ID, and no Task yet."""
    patient = answer["entry"][0]["response"]["location"].split("/")[1]
    return {"PATIENT_ID": patient, "TASK_ID": "none"}


def task_of(sandbox, ids):
    """The first Task of the worklist, once the floor has spoken."""
    until = time.monotonic() + FLOOR_S
    while time.monotonic() < until:
        worklist = sandbox.documents(ASK, **ids)[0]
        if worklist["total"]:
            return worklist["entry"][0]["resource"]["id"]
        time.sleep(0.1)
    raise AssertionError("The floor has opened no Task.")


def test_the_recipe_holds_from_the_first_bundle_to_the_audit(sandbox):
    (sent,) = sandbox.documents(SEND)
    (again,) = sandbox.documents(SEND)
    ids = ids_of(sent)
    ids["TASK_ID"] = task_of(sandbox, ids)
    asked = sandbox.run(ASK, **ids)
    worklist, proposed = _documents(asked)
    steps = sandbox.documents(STEP, **ids)
    _, decided = sandbox.documents(ASK, **ids)
    audited = sandbox.run(AUDIT, **ids)

    assert sent == again
    assert (worklist["total"], proposed["total"]) == (1, 1)
    assert re.search(r'ETag: W/"\d+"\s*$', asked, re.MULTILINE)
    assert [each["status"] for each in steps] == [
        "accepted",
        "in-progress",
        "completed",
    ]
    assert decided["entry"][0]["resource"]["status"] == "completed"
    assert re.search(r"^triage-gateway/[0-9a-f]{64}\n\d+$", audited, re.MULTILINE)
    assert "\nsame\n" in audited
