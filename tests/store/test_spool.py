import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.errors import CiphertextError, LogUnavailableError
from gateway.store.spool import FILE, Spool

SECRET = b"s" * 32


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path, SECRET)
    yield spool
    spool.close()


def keep(spool, name, at=1):
    spool.keep(name, at=at, head=b"who", content=b"Grace Quux")


def test_what_was_kept_is_there_after_a_restart(tmp_path, spool):
    keep(spool, "b", at=2)
    keep(spool, "a", at=3)
    spool.begin("b")

    again = Spool(tmp_path, SECRET)

    assert [(each.id, each.begun, each.done) for each in again.every()] == [
        ("b", 1, False),
        ("a", 0, False),
    ]
    assert again.begin("b") == b"Grace Quux"
    again.close()


@given(st.binary(), st.binary())
def test_whatever_is_kept_is_given_back_as_it_was(head, content):
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), SECRET)
        spool.keep("a", at=1, head=head, content=content)
        (kept,) = spool.every()
        found = spool.begin("a")
        spool.close()

    assert (kept.head, found) == (head, content)


def test_an_answer_takes_the_place_of_its_request(spool):
    keep(spool, "a")

    spool.finish("a", at=9, head=b"200", content=b"{}")

    (kept,) = spool.every()
    assert (kept.at, kept.done, kept.head) == (9, True, b"200")
    assert spool.content("a", done=True) == b"{}"


def test_what_was_removed_is_gone(spool):
    keep(spool, "a")

    spool.remove("a")

    assert spool.every() == []


def test_nothing_of_a_request_is_readable_on_the_disk(tmp_path, spool):
    keep(spool, "a")

    assert all(b"Quux" not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_request_in_anothers_place_is_not_believed(tmp_path, spool):
    keep(spool, "a")
    keep(spool, "b")
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute(
            "UPDATE job SET content = (SELECT content FROM job WHERE id = 'a') "
            "WHERE id = 'b'"
        )
    other.close()

    with pytest.raises(CiphertextError):
        spool.begin("b")


def test_a_disk_that_refuses_says_so_in_words(spool):
    keep(spool, "a")

    with pytest.raises(LogUnavailableError, match="room"):
        keep(spool, "a")
