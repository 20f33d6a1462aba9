"""What a start refuses, and of what it warns."""

import os
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store import selfcheck
from gateway.store.errors import LogDamagedError
from gateway.store.selfcheck import warnings
from tests.store.samples import AT, note, opened, texts

GIB = 1024**3


@pytest.fixture
def data(tmp_path):
    ledger = opened(tmp_path / "data", clock=lambda: AT)
    ledger.submit_sync(note("s", "x"))
    ledger.close()
    return tmp_path / "data"


@pytest.fixture
def key(data):
    return data / "keys" / "kek"


@pytest.fixture
def roomy(monkeypatch):
    _with_free(monkeypatch, 10 * GIB)


def _with_free(monkeypatch, free):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 (shutil's own)
    monkeypatch.setattr(
        selfcheck.shutil, "disk_usage", lambda _: usage(100 * GIB, 0, free)
    )


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER stored_events_are_never_changed",
        "DROP TRIGGER stored_events_are_never_removed",
        "DROP TRIGGER stored_events_are_never_replaced",
        "DROP TRIGGER data_keys_are_never_replaced",
        "DROP TRIGGER data_keys_are_never_removed",
        "DROP TRIGGER data_keys_stay_whose_they_are",
        "DROP TABLE seal_nodes",
        "ALTER TABLE data_keys ADD COLUMN more",
    ],
)
def test_a_log_that_lost_its_guards_is_not_continued(data, statement):
    _altered(data, statement)

    with pytest.raises(LogDamagedError, match=statement.split()[2]):
        opened(data)


def test_a_trigger_of_the_same_name_that_does_nothing_is_noticed(data):
    _altered(data, "DROP TRIGGER stored_events_are_never_changed")
    _altered(
        data,
        "CREATE TRIGGER stored_events_are_never_changed BEFORE UPDATE ON stored_events "
        "BEGIN SELECT 1; END",
    )

    with pytest.raises(LogDamagedError, match="stored_events_are_never_changed"):
        opened(data)


@pytest.mark.usefixtures("roomy")
def test_a_sound_log_warns_of_nothing(data, key):
    assert warnings(data, key_file=key, now=AT) == []
    assert warnings(data, key_file=None, now=AT) == []
    assert warnings(data, key_file=data / "none", now=AT) == []


@pytest.mark.usefixtures("roomy")
def test_a_clock_that_is_behind_the_log_is_told(data):
    (sentence,) = warnings(data, key_file=None, now=AT - timedelta(minutes=2))

    assert "120 s behind" in sentence


@pytest.mark.usefixtures("roomy")
def test_a_clock_that_is_a_little_behind_is_tolerated(data):
    assert warnings(data, key_file=None, now=AT - timedelta(seconds=4)) == []


def test_a_disk_that_is_nearly_full_is_told(data, monkeypatch):
    _with_free(monkeypatch, 5 * 1024**2)

    (sentence,) = warnings(data, key_file=None, now=AT)

    assert "5 MiB left" in sentence


@pytest.mark.usefixtures("roomy")
def test_what_an_interrupted_command_left_is_told(data):
    (data / "keys" / "kek.new").write_bytes(b"half")

    (sentence,) = warnings(data, key_file=None, now=AT)

    assert "kek.new" in sentence


@pytest.mark.usefixtures("roomy")
def test_a_key_that_others_can_read_is_told(data, key):
    key.chmod(0o640)

    (sentence,) = warnings(data, key_file=key, now=AT)

    assert "chmod 600" in sentence


def test_a_folder_whose_disk_is_measured_is_the_data_folder(data):
    free = os.statvfs(data).f_bavail * os.statvfs(data).f_frsize

    told = [each for each in warnings(data, key_file=None, now=AT) if "MiB" in each]

    assert bool(told) == (free < GIB)


def _altered(folder: Path, statement):
    with closing(sqlite3.connect(folder / "log.sqlite")) as log:
        log.execute(statement)
        log.commit()


def test_a_log_with_its_guards_goes_on(data):
    ledger = opened(data)

    assert texts(ledger, "s") == ["x"]
    ledger.close()
