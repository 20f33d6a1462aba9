"""What was acknowledged is there, whatever happens to process and disk."""

import os
import subprocess
import sys
from pathlib import Path

from gateway.store.verification import verify
from tests.store.samples import opened, texts

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10


def _process(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def _acknowledged_before_the_kill(folder: Path, run: int) -> list[str]:
    with _process("crashing_writer.py", str(folder), str(run)) as writer:
        seen = [writer.stdout.readline().strip() for _ in range(40 + 23 * run)]
        writer.kill()
        rest = writer.stdout.read().split("\n")
    return [*seen, *rest[:-1]]  # the last line may be cut short


def test_everything_acknowledged_survives_kill_9(tmp_path):
    acknowledged = []
    for run in range(KILLS):
        acknowledged += _acknowledged_before_the_kill(tmp_path, run)
        verdict = verify(tmp_path)
        assert verdict.problems == ()
        assert verdict.events >= len(acknowledged)

    ledger = opened(tmp_path)
    stored = {recorded.event.text for recorded in ledger.read(limit=10**6)}
    ledger.close()

    assert len(acknowledged) > 1000
    assert set(acknowledged) <= stored


def test_a_disk_that_filled_up_takes_writes_again_once_there_is_space(tmp_path):
    with _process("full_disk.py", str(tmp_path)) as writer:
        output, _ = writer.communicate()

    ledger = opened(tmp_path)
    kept = texts(ledger, "s")
    ledger.close()

    assert output == "1\n"
    assert (kept[0], kept[-1]) == ("before", "after")
    assert verify(tmp_path).problems == ()
