"""Records are whole, or they are not there."""

import json
import resource
from contextlib import contextmanager

import pytest

from training.record import write_record


@contextmanager
def files_of_at_most(size):
    """Let the disk be full for whoever writes more bytes than this to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_record_that_could_not_be_written_to_its_end_is_not_there(tmp_path):
    file = tmp_path / "run.json"

    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        write_record(file, {"history": ["a long one"] * 100})

    assert not file.exists()


def test_the_record_before_stays_whole_where_the_next_one_breaks_off(tmp_path):
    file = tmp_path / "settings.json"
    write_record(file, {"stage": "sft"})

    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        write_record(file, {"history": ["a long one"] * 100})

    assert json.loads(file.read_bytes()) == {"stage": "sft"}


def test_what_broke_off_is_written_over(tmp_path):
    file = tmp_path / "run.json"
    (tmp_path / "run.json.partial").write_text('{"stage": "sft", "sett')

    write_record(file, {"stage": "dpo"})

    assert json.loads(file.read_bytes()) == {"stage": "dpo"}
    assert [each.name for each in tmp_path.iterdir()] == ["run.json"]
