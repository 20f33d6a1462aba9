import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.events import FloorAssessed
from gateway.__main__ import main
from gateway.audit.replay import replay
from gateway.audit.scratch import scratch, sweep
from gateway.cli.ending import ended_in_order
from tests.audit.test_replay import CASE, FLOOR, OPENED, log_of

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from gateway.audit.scratch import scratch
with scratch() as folder:
    (folder / "projections.sqlite").write_text("bodies")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder for temporary files that nobody else uses."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@contextmanager
def another(here):
    """Run a process that holds a scratch folder; give it and the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(here)},
        cwd=ROOT,
        text=True,
    ) as process:
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def floored(folder):
    log_of(folder, OPENED, FloorAssessed(revision=1, case=CASE, floor=FLOOR))
    return folder


def test_a_scratch_folder_is_gone_afterwards(here):
    with scratch() as folder:
        (folder / "projections.sqlite").write_text("bodies")

        assert folder.parent.parent == here
        assert folder.parent.stat().st_mode & 0o777 == 0o700

    assert list(here.iterdir()) == []


def test_what_a_killed_replay_left_is_removed_by_the_next(here, tmp_path):
    with another(here) as (process, left):
        process.kill()
        process.wait(60)
        assert (left / "projections.sqlite").exists()

        replay(floored(tmp_path / "data"), progress=lambda _done, _all: None)

    assert list(here.iterdir()) == []


def test_an_erasure_removes_what_a_killed_replay_left(here, tmp_path):
    data = floored(tmp_path / "data")
    with another(here) as (process, _):
        process.kill()
        process.wait(60)

        erased = [
            *("erase", "--data", str(data), "--patient", "Patient/nobody"),
            *("--by", "test", "--yes"),
        ]
        CliRunner().invoke(main, erased)

    assert list(here.iterdir()) == []


def test_the_folder_of_a_replay_that_runs_is_left_alone(here):
    with another(here) as (process, used), scratch() as own:
        sweep()

        assert (used / "projections.sqlite").exists()
        assert own.is_dir()
        process.stdin.close()
        assert process.wait(60) == 0
        assert not used.exists()


def test_what_no_killed_replay_left_is_left_alone(here, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "models").mkdir(parents=True)
    (elsewhere / "lock").touch()
    (here / "triage-gateway-replay-link").symlink_to(elsewhere)
    (here / "triage-gateway-replay-file").touch()
    begun = here / "triage-gateway-replay-begun"
    begun.mkdir()
    (begun / "lock").touch()  # its replay is about to take it
    (here / "another-programs").mkdir()

    sweep()

    assert len(list(here.iterdir())) == 4
    assert (elsewhere / "models").is_dir()
    assert (begun / "lock").exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_replay_that_is_told_to_end_leaves_nothing(here, tmp_path, monkeypatch, sent):
    data = floored(tmp_path / "data")
    seen = []

    @contextmanager
    def told_to_end(_title):
        def progress(_done, _total):
            seen.extend(here.iterdir())
            signal.raise_signal(sent)

        yield progress

    monkeypatch.setattr("gateway.cli.audit_replay.bar", told_to_end)
    before = signal.getsignal(sent)
    result = CliRunner().invoke(main, ["audit", "replay", "--data", str(data)])

    assert result.exit_code == 128 + sent
    assert len(seen) == 1
    assert list(here.iterdir()) == []
    assert signal.getsignal(sent) is before


def test_what_was_started_with_nohup_is_not_ended_by_a_closed_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_in_order():
            signal.raise_signal(signal.SIGHUP)
            went_on = True
    finally:
        signal.signal(signal.SIGHUP, before)

    assert went_on
