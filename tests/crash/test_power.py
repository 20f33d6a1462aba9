"""A power loss takes what was not synced, all of it or parts, and nothing else."""

import os
import random
import shutil
import signal
import subprocess
import sys

import pytest

from gateway.store.errors import StoreError
from tests.crash.power import NoCompilerError, Syncs, compiled
from tests.gateway_process import ROOT
from tests.store.samples import opened, texts

SEEDS = range(12)
pytestmark = pytest.mark.usefixtures("compiler")
_WRITES = """
import os, signal, sys
from pathlib import Path
from gateway.store import datastore
from tests.store.samples import note, opened
datastore._PRAGMAS = tuple(
    each.replace("synchronous = FULL", sys.argv[2]) for each in datastore._PRAGMAS
)
data = Path(sys.argv[1])
ledger = opened(data)
ledger.submit_sync(note("s", "x", "y"))
ledger.submit_sync(note("s", "z"))
log = (data / "log.sqlite-wal").open("ab", buffering=0)
log.write(b"half a frame" * 400)
print("written", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def _killed(folder, mode):
    """Return what is known of a log that was written in a mode and killed."""
    syncs = Syncs(folder)
    ended = subprocess.run(
        [sys.executable, "-c", _WRITES, folder / "data", mode],
        env={**os.environ, **syncs.variables},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return folder


def _outcomes(folder, tmp_path):
    """Give what each seed leaves."""
    for seed in SEEDS:
        place = tmp_path / str(seed)
        yield _texts_after(_copied(folder, place), place, seed)


def _copied(folder, place):
    """Copy a folder with its notes, which name files by their inodes."""
    place.mkdir()
    syncs = Syncs(place)
    shutil.copytree(folder / "data", place / "data")
    for file in (each for each in (folder / "data").rglob("*") if each.is_file()):
        notes = folder / "unsynced" / str(file.stat().st_ino)
        twin = place / "data" / file.relative_to(folder / "data")
        if notes.exists():
            shutil.copy(notes, place / "unsynced" / str(twin.stat().st_ino))
    return syncs


def _texts_after(syncs, place, seed):
    syncs.lose_power(random.Random(seed))
    try:
        again = opened(place / "data")
    except StoreError:
        return None
    found = texts(again, "s")
    again.close()
    return found


def test_what_was_synced_is_there_after_every_power_loss(tmp_path):
    folder = _killed(tmp_path, "synchronous = FULL")
    size = (folder / "data" / "log.sqlite-wal").stat().st_size

    found = list(_outcomes(folder, tmp_path))

    assert all(each == ["x", "y", "z"] for each in found)
    left = {
        (tmp_path / str(seed) / "data" / "log.sqlite-wal").stat().st_size
        for seed in SEEDS
        if (tmp_path / str(seed) / "data" / "log.sqlite-wal").exists()
    }
    assert left != {size}


def test_a_log_that_does_not_sync_its_commits_is_caught(tmp_path):
    folder = _killed(tmp_path, "synchronous = OFF")

    found = list(_outcomes(folder, tmp_path))

    assert any(each != ["x", "y", "z"] for each in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_synced_part_of_a_file_stays(tmp_path, seed):
    syncs, file = Syncs(tmp_path), tmp_path / "data" / "file"
    file.parent.mkdir()
    writes = """
import os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.write(file, b"a" * 2048)
os.fsync(file)
os.pwrite(file, b"b" * 1024, 512)
os.ftruncate(file, 1600)
os.pwrite(file, b"c" * 512, 3072)
"""
    subprocess.run(
        [sys.executable, "-c", writes, file],
        env={**os.environ, **syncs.variables},
        check=True,
    )
    assert len(file.read_bytes()) == 3584

    syncs.lose_power(random.Random(seed))

    left = file.read_bytes()
    assert left[:512] == b"a" * 512
    assert set(left[512:1536:512]) <= set(b"ab")
    assert len(left) >= 1600
    assert not list((tmp_path / "unsynced").iterdir())


def _grown(folder, seed, **more):
    """Return what a file that grew without a sync has beyond its older end."""
    folder.mkdir()
    syncs, file = Syncs(folder, **more), folder / "data" / "file"
    file.parent.mkdir()
    writes = """
import os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.write(file, b"a" * 512)
os.fsync(file)
os.write(file, b"b" * 1024)
"""
    subprocess.run(
        [sys.executable, "-c", writes, file],
        env={**os.environ, **syncs.variables},
        check=True,
    )
    syncs.lose_power(random.Random(seed))
    return set(file.read_bytes()[512:])


def test_beyond_the_older_end_anything_may_stand_only_where_it_has_to_be_borne(
    tmp_path,
):
    found = [_grown(tmp_path / f"{each}", each) for each in SEEDS]
    zeros = [_grown(tmp_path / f"z{each}", each, stale=False) for each in SEEDS]

    assert any(len(each) > 2 for each in found)
    assert all(each <= set(b"\0b") for each in zeros)
    assert any(0 in each for each in zeros)


def test_without_a_compiler_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.crash.power.COMPILER", "no-such-compiler")

    with pytest.raises(NoCompilerError, match="install gcc"):
        compiled(tmp_path)
