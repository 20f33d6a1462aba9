"""Starting: the first time, again, with the wrong key, beside another writer."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.errors import (
    KeyFileError,
    LogDamagedError,
    LogFormatError,
    LogLockedError,
)
from gateway.store.rotation import rotate
from gateway.store.verification import verify
from tests.store.samples import attack, note, opened


@pytest.fixture
def folder(tmp_path):
    ledger = opened(tmp_path / "data")
    ledger.submit_sync(note("s", "x", subject="Patient/1"))
    ledger.close()
    return tmp_path / "data"


def _key(folder: Path) -> Path:
    return folder / "keys" / "kek"


def _names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_the_first_start_makes_a_key_for_its_owner_only(folder):
    mode = stat.S_IMODE(_key(folder).stat().st_mode)

    assert len(_key(folder).read_bytes()) == 32
    assert mode == 0o600
    assert stat.S_IMODE(_key(folder).parent.stat().st_mode) == 0o700
    assert _names(folder) >= {"log.sqlite", "log.lock", "keys/kek"}


def test_the_key_may_lie_elsewhere(tmp_path):
    key = tmp_path / "vault" / "key"
    opened(tmp_path / "data", kek_file=key).close()

    opened(tmp_path / "data", kek_file=key).close()

    assert len(key.read_bytes()) == 32
    assert not _key(tmp_path / "data").exists()


def test_a_half_written_key_of_an_interrupted_start_is_no_obstacle(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "kek.new").write_bytes(b"half")

    opened(tmp_path).close()

    assert len(_key(tmp_path).read_bytes()) == 32


def test_a_log_that_was_begun_but_not_founded_is_founded_with_the_key_there(tmp_path):
    (tmp_path / "keys").mkdir()
    _key(tmp_path).write_bytes(b"k" * 32)
    (tmp_path / "log.sqlite").touch()

    opened(tmp_path).close()

    assert _key(tmp_path).read_bytes() == b"k" * 32
    assert verify(tmp_path).problems == ()


def test_a_missing_key_is_named_and_nothing_is_created(folder):
    _key(folder).unlink()
    before = _names(folder)

    with pytest.raises(KeyFileError, match=str(_key(folder))):
        opened(folder)

    assert _names(folder) - before <= {"log.sqlite-wal", "log.sqlite-shm"}


@pytest.mark.parametrize("content", [b"w" * 32, b"short", b""])
def test_a_wrong_key_is_named(folder, content):
    _key(folder).write_bytes(content)

    with pytest.raises(KeyFileError, match=str(_key(folder))):
        opened(folder)


def test_a_key_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(KeyFileError, match="cannot be created"):
        opened(tmp_path / "data", kek_file=tmp_path / "file" / "kek")

    assert not (tmp_path / "data" / "log.sqlite").exists()


def test_a_second_writer_is_refused(folder):
    first = opened(folder)

    with pytest.raises(LogLockedError, match=r"log\.lock"):
        opened(folder)

    first.close()
    opened(folder).close()


def test_a_refused_start_gives_the_lock_back(folder):
    with pytest.raises(LogFormatError, match="default"):
        opened(folder, tenant="other")

    opened(folder).close()


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("key", [True, False])
def test_a_log_of_another_format_is_refused_and_it_is_said_what_to_do(
    folder, number, key
):
    """Its tables may be others, so nothing more is looked at."""
    attack(folder, f"UPDATE log_info SET value = '{number}' WHERE name = 'format'")
    with closing(sqlite3.connect(folder / "log.sqlite")) as outside:
        outside.execute("ALTER TABLE data_keys RENAME COLUMN members TO others")
    told = f"format {number}, and this program reads format 3 only. Run the version"

    with pytest.raises(LogFormatError, match=told):
        opened(folder)
    with pytest.raises(LogFormatError, match=told):
        rotate(folder, source=None)
    if not key:
        shutil.rmtree(folder / "keys")
    (problem,) = verify(folder).problems
    assert problem.position == 0
    assert told in problem.sentence


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM stored_events",
        "DELETE FROM log_head",
        "UPDATE log_head SET note = 'never'",
        "UPDATE log_head SET size = 'x'",
        "UPDATE log_head SET edge = x'00'",
        "UPDATE stored_events SET state = x'00'",
        "UPDATE stored_events SET leaf = 'text'",
        "UPDATE stored_events SET position = 7",
        "DELETE FROM log_secrets WHERE name = 'names'",
        "UPDATE log_secrets SET wrapped = x'00'",
        "UPDATE log_secrets SET wrapped = substr(wrapped, 1, 20)",
        "UPDATE log_secrets SET wrapped = 7",
        "DELETE FROM log_info WHERE name = 'tenant'",
        "UPDATE log_info SET value = upper(value) WHERE name = 'public_key'",
        "UPDATE log_info SET value = '00' WHERE name = 'public_key'",
    ],
)
def test_a_damaged_log_is_not_continued(folder, statement):
    attack(folder, statement)

    with pytest.raises(LogDamagedError):
        opened(folder)


def test_a_file_that_is_no_database_is_not_continued(folder):
    (folder / "log.sqlite").write_bytes(b"not a database" * 1000)

    with pytest.raises(LogDamagedError, match="cannot be read"):
        opened(folder)


def test_the_folder_may_have_any_name(tmp_path):
    folder = tmp_path / "a folder?with=100%#odd name"

    opened(folder).close()

    assert (folder / "log.sqlite").exists()
    assert verify(folder).problems == ()


def test_a_relative_folder_stays_itself_when_the_process_moves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ledger = opened(Path("data"))
    os.chdir("/")

    ledger.submit_sync(note("s", "x"))

    ledger.close()
    assert verify(tmp_path / "data").events == 1
