"""Read models as a start finds them: old, ahead of the log, unreadable, refused."""

import sqlite3

import pytest

from gateway.projections.database import FILE, Database
from gateway.projections.soundness import sound

SECRET = b"s" * 32


@pytest.fixture
def file(tmp_path):
    database = Database(tmp_path / FILE, SECRET)
    database.writer.execute("UPDATE progress SET position = 7")
    database.close()
    return tmp_path / FILE


def _position(file, head):
    database = sound(file, SECRET, head=head)
    try:
        return database.position()
    finally:
        database.close()


@pytest.mark.parametrize("head", [7, 8, 700])
def test_read_models_that_the_log_has_passed_are_used(file, head):
    assert _position(file, head) == 7


def test_read_models_ahead_of_the_log_are_begun_anew(file):
    assert _position(file, 6) == 0


def test_read_models_that_are_no_database_are_begun_anew(file):
    file.write_bytes(b"not a database" * 100)

    assert _position(file, 7) == 0


def test_a_torn_page_of_read_models_is_noticed_where_a_start_looks(file):
    content = bytearray(file.read_bytes())
    content[100:4096] = bytes(3996)
    file.write_bytes(content)

    assert _position(file, 7) == 0


def test_a_disk_that_refuses_does_not_cost_the_read_models(file):
    file.unlink()
    file.mkdir()

    with pytest.raises(sqlite3.OperationalError):
        sound(file, SECRET, head=7)

    assert file.is_dir()
