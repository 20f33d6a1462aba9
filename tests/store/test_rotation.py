"""Another key-encryption key: no event changes, and the old key opens nothing."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack

import pytest

from gateway.store import rotation
from gateway.store.cipher import KeyEncryptionKey
from gateway.store.errors import (
    KeyFileError,
    LogDamagedError,
    LogLockedError,
    LogMissingError,
    LogUnavailableError,
)
from gateway.store.keyfile import default_key_file, next_key_file
from gateway.store.keysource import KeyVariable
from gateway.store.reading import snapshot
from gateway.store.records import Recorded, Unreadable
from gateway.store.rotation import rotate
from gateway.store.transcript import following
from gateway.store.verification import verify
from tests.gateway_process import ROOT
from tests.store.samples import REGISTRY, note, opened, texts

KEY = bytes(range(32))
NAME = "ANOTHER_KEY"
OF_THE_FIRST_ROW = """WHERE key_id =
    (SELECT substr(state, 2, 16) FROM stored_events WHERE position = 1)"""


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    ledger = opened(data)
    for number in range(5):
        ledger.submit_sync(note(f"s/{number}", "1", subject=f"Patient/{number}"))
    ledger.close()
    return data


def rows(folder, statement="SELECT * FROM stored_events"):
    connection = sqlite3.connect(folder / "log.sqlite")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def readable(folder, **options):
    ledger = opened(folder, **options)
    try:
        return [texts(ledger, f"s/{number}") for number in range(5)] == [["1"]] * 5
    finally:
        ledger.close()


def test_all_is_readable_with_the_new_key_and_no_row_or_seal_changed(folder, tmp_path):
    old = tmp_path / "old"
    old.write_bytes(default_key_file(folder).read_bytes())
    before, head = rows(folder), rows(folder, "SELECT * FROM log_head")

    done = rotate(folder, source=None)

    assert done.keys == 5
    assert readable(folder)
    assert (rows(folder), rows(folder, "SELECT * FROM log_head")) == (before, head)
    assert verify(folder).problems == ()
    with pytest.raises(KeyFileError):
        opened(folder, kek_file=old)
    assert not next_key_file(default_key_file(folder)).exists()


def test_nothing_that_the_old_key_had_wrapped_stays_in_any_file(folder):
    wrapped = [each[0] for each in rows(folder, "SELECT wrapped FROM data_keys")]
    wrapped += [each[0] for each in rows(folder, "SELECT wrapped FROM log_secrets")]

    rotate(folder, source=None)

    for file in folder.glob("log.sqlite*"):
        content = file.read_bytes()
        assert not any(each in content for each in wrapped)


def test_beside_a_reader_it_stays_until_the_next_start_and_stop(folder):
    (first, *_) = [each[0] for each in rows(folder, "SELECT wrapped FROM data_keys")]

    with snapshot(folder) as log:
        assert len(log.execute("SELECT * FROM stored_events").fetchall()) == 5
        done = rotate(folder, source=None)

    assert done.keys == 5
    assert "with the gateway's next start and stop" in done.left
    assert readable(folder)
    for file in folder.glob("log.sqlite*"):
        assert first not in file.read_bytes()


def test_a_key_may_move_from_a_file_to_the_environment(folder, monkeypatch):
    monkeypatch.setenv(NAME, KEY.hex())

    rotate(folder, source=None, target=KeyVariable(NAME))

    assert readable(folder, kek_file=KeyVariable(NAME))
    with pytest.raises(KeyFileError):
        opened(folder)
    with pytest.raises(KeyFileError, match="in force already"):
        rotate(folder, source=KeyVariable(NAME), target=KeyVariable(NAME))
    with pytest.raises(KeyFileError, match="Say where the new key is: --to FILE"):
        rotate(folder, source=KeyVariable(NAME))


def test_a_running_gateway_is_not_disturbed(folder):
    ledger = opened(folder)

    with pytest.raises(LogLockedError):
        rotate(folder, source=None)

    ledger.close()


def test_there_must_be_a_log_and_its_key(folder, tmp_path):
    with pytest.raises(LogMissingError):
        rotate(tmp_path, source=None)
    with pytest.raises(KeyFileError):
        rotate(folder, source=tmp_path / "none")


def test_a_log_that_was_never_begun_has_no_key_to_replace(tmp_path):
    (tmp_path / "log.sqlite").touch()

    with pytest.raises(LogMissingError, match="never begun"):
        rotate(tmp_path, source=None)


def test_where_no_new_key_can_be_written_the_old_one_stays(folder):
    next_key_file(default_key_file(folder)).with_name("kek.next.new").mkdir()

    with pytest.raises(KeyFileError, match="cannot be created"):
        rotate(folder, source=None)

    assert readable(folder)


def test_erased_keys_stay_erased(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    connection.execute(f"UPDATE data_keys SET wrapped = NULL {OF_THE_FIRST_ROW}")
    connection.commit()
    connection.close()

    assert rotate(folder, source=None).keys == 4
    gone = rows(folder, "SELECT COUNT(*) FROM data_keys WHERE wrapped IS NULL")
    assert gone == [(1,)]


def test_two_rotations_at_once_do_not_write_over_each_other_s_new_key(
    folder, tmp_path, monkeypatch
):
    """Two folders share a file, as those of two gateways of one database do."""
    shared, make = tmp_path / "kek", rotation.make_next_key_file
    default_key_file(folder).rename(shared)
    refusals = []

    def meanwhile(path):
        try:
            rotate(shutil.copytree(folder, tmp_path / "other"), source=shared)
        except LogLockedError as error:
            refusals.append(str(error))
        return make(path)

    monkeypatch.setattr(rotation, "make_next_key_file", meanwhile)
    rotate(folder, source=shared)

    assert "being replaced by another process" in refusals[0]
    assert readable(folder, kek_file=shared)


def test_a_log_whose_key_was_replaced_meanwhile_is_left_as_it_is(
    folder, tmp_path, monkeypatch
):
    """Another host has a copy of the key, and its lock is not seen here."""
    copy, make = tmp_path / "kek", rotation.make_next_key_file
    copy.write_bytes(default_key_file(folder).read_bytes())
    others = [KeyVariable(NAME)]
    monkeypatch.setenv(NAME, KEY.hex())
    monkeypatch.setattr(rotation, "lock_for_writing", lambda _: ExitStack())

    def meanwhile(path):
        rotate(folder, source=None, target=others.pop())
        return make(path)

    monkeypatch.setattr(rotation, "make_next_key_file", meanwhile)
    with pytest.raises(KeyFileError, match="by another process meanwhile"):
        rotate(folder, source=copy)

    assert readable(folder, kek_file=KeyVariable(NAME))


def test_a_key_that_cannot_be_locked_is_not_replaced(folder):
    file = default_key_file(folder)
    file.with_name("kek.lock").mkdir()

    with pytest.raises(KeyFileError, match="--to where"):
        rotate(folder, source=None)

    assert readable(folder)


def test_a_damaged_next_key_is_passed_over_where_the_old_one_fits(folder):
    next_key_file(default_key_file(folder)).write_bytes(b"torn")

    assert readable(folder)
    assert rotate(folder, source=None).keys == 5
    assert readable(folder)


def test_and_named_where_it_does_not(folder):
    file = default_key_file(folder)
    next_key_file(file).write_bytes(b"torn")
    file.write_bytes(bytes(32))

    with pytest.raises(KeyFileError, match=r"cut off.*kek\.next holds 4 bytes"):
        opened(folder)


def test_what_reads_with_the_old_key_is_told_to_start_anew(folder):
    ledger = opened(folder)
    try:
        kek = KeyEncryptionKey(KEY, origin="another")
        with sqlite3.connect(folder / "log.sqlite") as tables:
            tables.execute("UPDATE data_keys SET kek_id = ?", (kek.kek_id,))
            tables.execute("UPDATE log_secrets SET wrapped = ?", (kek.wrap(b"", b""),))
        tables.close()

        for tolerant in (False, True):
            with pytest.raises(LogUnavailableError, match="with the new key"):
                ledger.read(tolerant=tolerant)
    finally:
        ledger.close()


def test_one_key_that_another_one_wrapped_keeps_no_other_event_from_readers(folder):
    """So a gateway leaves it that missed the change of the key-encryption key."""
    ledger = opened(folder)
    try:
        with sqlite3.connect(folder / "log.sqlite") as tables:
            tables.execute(
                f"UPDATE data_keys SET kek_id = x'0011223344556677' {OF_THE_FIRST_ROW}"
            )
        tables.close()
        with following(folder, registry=REGISTRY) as log:
            followed = log.read(after=0, limit=9, unread=frozenset(), tolerant=True)

        assert ledger.read(tolerant=True) == followed
        assert [type(each) for each in followed] == [Unreadable, *[Recorded] * 4]
        assert followed[0].error == "CiphertextError"
        with pytest.raises(LogDamagedError, match="by another key than the log's"):
            ledger.read()
    finally:
        ledger.close()
    assert [each.position for each in verify(folder).problems] == [0, 1]


CRASH = """
import os, signal, sys
from pathlib import Path
from gateway.store import rotation
name, when = sys.argv[2:]
plain = getattr(rotation, name)
def crash(*given, **named):
    result = plain(*given, **named) if when == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(rotation, name, crash)
rotation.rotate(Path(sys.argv[1]), source=None)
"""


BEFORE_SHEDDING = """
import os, signal, sys
from pathlib import Path
from gateway.store import rotation
from gateway.store.sqlite import SqliteLog
SqliteLog.shed = lambda self: os.kill(os.getpid(), signal.SIGKILL)
rotation.rotate(Path(sys.argv[1]), source=None)
"""


def test_nor_where_the_rotation_was_cut_off_and_is_completed_later(folder):
    wrapped = [each[0] for each in rows(folder, "SELECT wrapped FROM data_keys")]
    ended = subprocess.run(
        [sys.executable, "-c", BEFORE_SHEDDING, str(folder)], cwd=ROOT, check=False
    )

    done = rotate(folder, source=None)

    assert (ended.returncode, done.completed) == (-9, True)
    for file in folder.glob("log.sqlite*"):
        content = file.read_bytes()
        assert not any(each in content for each in wrapped)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "step",
    [
        "make_next_key_file",
        "write_secrets",
        "_rewrap_keys",
        "_rewrapped",
        "replace_key_file",
    ],
)
def test_a_rotation_that_is_killed_anywhere_loses_nothing(folder, step, when):
    assert hasattr(rotation, step)
    ended = subprocess.run(
        [sys.executable, "-c", CRASH, str(folder), step, when], cwd=ROOT, check=False
    )

    assert ended.returncode == -9
    assert readable(folder)
    rotate(folder, source=None)
    assert readable(folder)
    assert not next_key_file(default_key_file(folder)).exists()
    assert verify(folder).problems == ()
