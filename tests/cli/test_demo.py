"""The demonstration is played as a user plays it, without the embedded model."""

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from gateway.demo.bundles import bundles

OLD = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:0b0e5a4e-9a09-4c1f-8a3c-2d3c0f0d5b11",
            "resource": {"resourceType": "Patient", "gender": "male"},
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "resource": {
                "resourceType": "Encounter",
                "status": "finished",
                "class": {"code": "AMB"},
                "subject": {
                    "reference": "urn:uuid:0b0e5a4e-9a09-4c1f-8a3c-2d3c0f0d5b11"
                },
                "period": {"start": "2011-05-01", "end": "2011-05-01"},
                "reasonCode": [{"text": "Chest pain"}],
            },
            "request": {"method": "POST", "url": "Encounter"},
        },
    ],
}


@pytest.fixture
def demo(tmp_path, environment):
    """Play the demonstration in a folder of its own."""

    def playing(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "gateway", "demo", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return playing


HEAD = re.compile(r"^triage-gateway/[0-9a-f]{64}\n\d+$", re.MULTILINE)


def children_of(folder):
    """The processes that still work on a folder."""
    found = subprocess.run(
        ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
    )
    return [line for line in found.stdout.splitlines() if str(folder) in line]


@contextmanager
def minded():
    """Let who is started mind signals: a run in the background ignores two of them."""
    ignored = (signal.SIGINT, signal.SIGHUP)
    before = {each: signal.signal(each, signal.SIG_DFL) for each in ignored}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def test_the_whole_loop_holds_twice_in_a_row_and_is_shown(demo, tmp_path):
    first, second = demo(), demo()

    for played in (first, second):
        assert played.returncode == 0, played.stdout + played.stderr
        assert "19 of 19 Bundles were accepted." in played.stdout
        assert "Not a medical device" in played.stdout
        assert "SmolLM2-135M" in played.stdout
        assert HEAD.search(played.stdout)
        assert "FAILED" not in played.stdout
    shown = first.stdout
    for said in ("Brekke", "red-flag.chest-pain", "overridden", "corrected", "waiting"):
        assert said in shown
    assert "Hansen" not in shown  # His records are old: no case.
    assert max(map(len, shown.splitlines())) <= 160
    assert list((tmp_path / ".demo").iterdir()) == []


def test_old_records_open_no_case_and_the_demo_says_so(demo, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "old.json").write_text(json.dumps(OLD))

    played = demo("--bundles", folder, "--data", "kept")
    again = demo("--bundles", folder, "--data", "kept")

    assert played.returncode == 0, played.stdout + played.stderr
    assert "1 of 1 Bundles were accepted." in played.stdout
    assert "No case was opened" in played.stdout
    assert "verified head" in played.stdout
    assert (tmp_path / "kept" / "gateway.log").exists()
    assert again.returncode == 2
    assert "empty folder" in again.stderr


def test_own_bundles_are_decided_on_and_a_refused_one_fails_the_demo(demo, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for case in bundles(datetime.now(UTC))[:4]:
        (folder / f"{case.key}.json").write_text(json.dumps(case.bundle))
    (folder / "broken.json").write_text("{")

    played = demo("--bundles", folder)

    assert played.returncode == 1
    assert "4 of 5 Bundles were accepted." in played.stdout
    assert "FAILED: broken.json was refused" in played.stdout
    assert played.stdout.count("waiting") == 2


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_gateway_stops_with_the_demo(tmp_path, environment, sent):
    folder = tmp_path / "data"
    with minded():
        playing = subprocess.Popen(
            [sys.executable, "-m", "gateway", "demo", "--data", str(folder)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    log = folder / "gateway.log"
    while not (log.exists() and "FHIR base" in log.read_text()):
        time.sleep(0.01)

    playing.send_signal(sent)
    _, said = playing.communicate(timeout=180)

    assert playing.returncode == 1
    assert "the gateway was stopped" in said
    assert "Traceback" not in said
    assert children_of(folder) == []
