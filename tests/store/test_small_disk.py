"""A real file system of some MB that fills up, under SQLite's log and PostgreSQL's."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gateway.store.errors import LogUnavailableError
from gateway.store.verification import verify
from tests.absent import absent
from tests.postgres import PostgresServer
from tests.store.samples import note, opened, texts

TEXT = "x" * 20_000
PAUSE_S, PATIENCE_S = 0.1, 60
_NOT_HERE = (
    "A file system of its own needs root and a loop device; the tests with "
    "RLIMIT_FSIZE and the crash harness fill a disk without one."
)


@contextmanager
def file_system(megabytes):
    """Lend a folder that is an ext4 file system of this size."""
    with tempfile.TemporaryDirectory(prefix="disk-") as name:
        Path(name).chmod(0o755)  # a server runs under another name
        image, folder = Path(name) / "image", Path(name) / "fs"
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        for words in (
            ("mkfs.ext4", "-q", "-F", "-m", "0", image),
            ("mount", "-o", "loop", image, folder),
        ):
            _run(words)
        try:
            yield folder
        finally:
            subprocess.run(("umount", "-l", folder), check=True)


def _run(words):
    try:
        subprocess.run(words, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        absent(_NOT_HERE)


def filled(folder, leaving):
    """Put a file there that leaves so many bytes of room, and return it."""
    ballast = folder / "ballast"
    room = shutil.disk_usage(folder).free - leaving
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room)
    return ballast


def written_until_refused(ledger):
    """Return how many texts were acknowledged."""
    for number in range(10_000):
        try:
            ledger.submit_sync(note("s", f"{number} {TEXT}"))
        except LogUnavailableError:
            return number
    raise AssertionError("The disk did not fill.")


def numbers(ledger):
    return [int(each.partition(" ")[0]) for each in texts(ledger, "s")]


def test_a_log_on_a_full_file_system_keeps_what_it_acknowledged_and_goes_on():
    with file_system(24) as disk:
        ballast = filled(disk, 4 << 20)
        ledger = opened(disk / "data")
        acknowledged = written_until_refused(ledger)
        with pytest.raises(LogUnavailableError):
            ledger.submit_sync(note("s", f"0 {TEXT * 10}"))
        seen = numbers(ledger)
        ledger.close()

        assert verify(disk / "data").problems == ()
        ballast.unlink()
        again = opened(disk / "data")
        again.submit_sync(note("s", f"{acknowledged} "))
        kept = numbers(again)
        again.close()
        assert verify(disk / "data").problems == ()

    assert acknowledged > 20
    assert seen == list(range(acknowledged))
    assert kept == list(range(acknowledged + 1))


def test_so_does_one_in_a_server_whose_file_system_fills_up(tmp_path):
    with file_system(160) as disk:
        server = PostgresServer(disk, fsync=True)
        server.start()
        try:
            ledger = opened(tmp_path, server=server.fresh())
            ballast = filled(disk, 2 << 20)
            acknowledged = written_until_refused(ledger)
            ballast.unlink()
            _once_more(ledger, acknowledged)
            kept = numbers(ledger)
            ledger.close()
            assert verify(tmp_path).problems == ()
        finally:
            server.stop()

    assert acknowledged > 20
    assert kept == list(range(acknowledged + 1))


def _once_more(ledger, number):
    """Send again until the server, which may have restarted itself, takes it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with suppress(LogUnavailableError):
            ledger.submit_sync(note("s", f"{number} "))
            return
        time.sleep(PAUSE_S)
    raise AssertionError("The log takes nothing more, though there is room.")


def test_on_ci_a_missing_file_system_is_a_failure(monkeypatch):
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="On CI it is there"):
        _run(("no-such-program",))
