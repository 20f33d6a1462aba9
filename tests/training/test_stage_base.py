"""Base weights: found, pinned, and never a program."""

import json

import pytest
from click.testing import CliRunner

from training.base import BaseError, base_folder, check, folder_sha256, main


@pytest.fixture
def base(tmp_path):
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def found(base, **more):
    told = {"revision": "", "sha256": "", "cache": base.parent / "cache", **more}
    return base_folder(str(base), **told)


def test_a_local_folder_is_taken_as_it_is_or_as_it_was_pinned(base):
    assert found(base) == base
    assert found(base, sha256=folder_sha256(base)) == base


def test_another_folder_than_the_one_pinned_is_refused(base):
    pinned = folder_sha256(base)
    (base / "model.safetensors").write_bytes(b"other weights")

    with pytest.raises(BaseError, match="is not what was pinned"):
        found(base, sha256=pinned)


def test_what_is_not_read_does_not_change_the_hash(base):
    before = folder_sha256(base)
    (base / "README.md").write_text("a card")

    assert folder_sha256(base) == before


@pytest.mark.parametrize("name", ["modeling.py", "pytorch_model.bin", "old.pt"])
def test_programs_and_pickles_are_refused(name, base):
    (base / name).touch()

    with pytest.raises(BaseError, match=name):
        check(base)


def test_a_configuration_that_asks_for_code_is_refused(base):
    (base / "config.json").write_text(json.dumps({"auto_map": {"AutoModel": "x.Y"}}))

    with pytest.raises(BaseError, match="asks for code of its own"):
        check(base)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_weights_is_refused(name, base):
    (base / name).unlink()

    with pytest.raises(BaseError, match="lacks"):
        check(base)


@pytest.mark.parametrize("revision", ["", "main", "v1.0", "abc123"])
def test_the_hub_is_asked_for_a_full_commit_only(revision, tmp_path):
    with pytest.raises(BaseError, match="full commit"):
        base_folder("owner/name", revision=revision, sha256="", cache=tmp_path)


def test_a_name_that_is_neither_folder_nor_repository_is_refused(tmp_path):
    with pytest.raises(BaseError, match="is no folder, and no owner/name"):
        base_folder("nowhere at all", revision="", sha256="", cache=tmp_path)


def test_the_command_prints_the_hash_to_be_pinned(base):
    done = CliRunner().invoke(main, [str(base)])

    assert done.output.split() == [str(base), folder_sha256(base)]


def test_the_command_says_what_is_wrong(base):
    (base / "run.py").touch()

    done = CliRunner().invoke(main, [str(base)])

    assert done.exit_code == 1
    assert "run.py" in done.output
