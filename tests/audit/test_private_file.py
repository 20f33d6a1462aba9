"""What is written for one person is read by nobody else, whatever was there before."""

import os
from pathlib import Path

import pytest

from gateway.audit.private_file import private


def write(path):
    with private(path) as file:
        file.write(b"new")


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture
def old(tmp_path):
    """An older, longer file that everybody may read and write."""
    old = tmp_path / "old"
    old.write_text("what was there before")
    old.chmod(0o666)
    return old


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_new_file_is_its_owner_s_from_the_beginning(tmp_path, mask):
    before = os.umask(mask)
    try:
        with private(tmp_path / "new"):
            assert mode(tmp_path / "new") == 0o600
    finally:
        os.umask(before)


def test_who_has_the_older_file_open_does_not_see_the_new(old):
    with old.open() as reader:
        write(old)

        assert reader.read() == "what was there before"
    assert (old.read_text(), mode(old)) == ("new", 0o600)


def test_what_a_link_leads_to_becomes_its_owner_s(tmp_path, old):
    (tmp_path / "link").symlink_to(old)
    (tmp_path / "dangling").symlink_to(tmp_path / "new")

    for name, place in (("link", old), ("dangling", tmp_path / "new")):
        write(tmp_path / name)

        assert (tmp_path / name).is_symlink()
        assert (place.read_text(), mode(place)) == ("new", 0o600)


def test_a_device_stays_what_it_is():
    before = mode(Path("/dev/null"))

    write(Path("/dev/null"))

    assert mode(Path("/dev/null")) == before


@pytest.mark.parametrize("first", [True, False])
def test_a_file_that_somebody_puts_there_meanwhile_is_not_written_to(
    old, monkeypatch, first
):
    theirs, opened = old.with_name("theirs"), os.open
    theirs.touch()
    if first:
        old.unlink()

    def late(path, *how):
        Path(path).symlink_to(theirs)
        return opened(path, *how)

    monkeypatch.setattr(os, "open", late)

    with pytest.raises(FileExistsError):
        write(old)
    assert theirs.read_text() == ""


def test_a_file_that_cannot_be_kept_private_is_not_written(tmp_path, old, monkeypatch):
    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(os, "fchmod", refused)
    (tmp_path / "link").symlink_to(old)

    with pytest.raises(PermissionError):
        write(tmp_path / "link")
    assert old.read_text() == "what was there before"
