"""A release is what was signed, file by file, or it is none."""

import json
import os
import shutil

import pytest

from inference.release import (
    UnreadableReleaseError,
    file_hashes,
    read_release,
)
from tests.training.trained import KEY, OTHER_KEY, Trained
from training.release import release


@pytest.fixture(scope="module")
def made(tmp_path_factory, evaluated):
    """A release that no test may change."""
    folder = tmp_path_factory.mktemp("made")
    return release(
        Trained(folder, evaluated).with_gguf().wanted(), folder / "tiny"
    ).folder


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made, tmp_path / "copy")


def resigned(folder, change=None):
    """Let the owner of the key sign what is there, after a change of the manifest."""
    told = json.loads((folder / "release.json").read_bytes())
    told["files"] = file_hashes(folder)
    if change:
        change(told)
    body = json.dumps(told)
    (folder / "release.json").write_text(body)
    (folder / "release.sig").write_text(KEY.line(body))
    return folder


def refusal(folder, key=KEY):
    """Read what is no release, and return the sentence that says why."""
    with pytest.raises(UnreadableReleaseError) as caught:
        read_release(folder, key=key.public)
    return str(caught.value)


def test_a_release_that_was_copied_is_the_same(made, copy):
    first, second = (read_release(each, key=KEY.public) for each in (made, copy))

    assert first.sha256 == second.sha256
    assert first.manifest == second.manifest


def test_every_file_is_told_when_it_is_changed_or_gone(copy):
    whole = read_release(copy, key=KEY.public).sha256

    for name in [*file_hashes(copy), "release.json", "release.sig"]:
        file = copy / name
        before = file.read_bytes()
        file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        told = "release.json" if name == "release.sig" else name
        assert told in refusal(copy)
        file.unlink()
        assert name in refusal(copy)
        file.write_bytes(before)

    assert read_release(copy, key=KEY.public).sha256 == whole


@pytest.mark.parametrize("name", ["more.txt", "adapter/more.bin", "new/more.txt"])
def test_a_file_that_is_not_listed_is_refused(copy, name):
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("more")

    assert f"{name}: there and not listed" in refusal(copy)


def test_another_key_than_the_given_one_is_refused(copy):
    assert "has not signed it" in refusal(copy, OTHER_KEY)


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/hostname", "adapter/../../secret", "adapter\\x", ""]
)
def test_a_path_that_leads_out_is_never_followed(copy, tmp_path, path):
    (tmp_path / "secret").write_text("secret")
    resigned(copy, lambda told: told["files"].update({path: "0" * 64}))

    assert "listed and not there" in refusal(copy)


@pytest.mark.parametrize("name", ["card.md", "adapter", "release.json", "release.sig"])
def test_a_link_is_refused_even_where_it_leads_to_the_same(copy, made, name):
    place = copy / name
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    place.symlink_to(made / name)

    assert "no plain file" in refusal(copy)


def test_what_is_no_plain_file_is_not_even_opened(copy):
    (copy / "release.json").unlink()
    os.mkfifo(copy / "release.json")

    assert "no plain file" in refusal(copy)


def test_a_manifest_that_is_far_too_long_is_not_read(copy):
    with (copy / "release.json").open("ab") as file:
        file.truncate(17 << 20)

    assert "far too long" in refusal(copy)


@pytest.mark.parametrize("name", ["card.md", "evaluation.html", "evaluation.json"])
def test_what_every_release_has_may_not_be_left_out_by_whoever_signs(copy, name):
    (copy / name).unlink()
    resigned(copy)

    assert f"{name}: not listed, and a release has it" in refusal(copy)


def _name(told):
    told["name"] = "../elsewhere"


def _version(told):
    told["version"] = "1/2"


def _another(told):
    told["adapter"]["sha256"] = "0" * 64


def _lacking(told):
    del told["base"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_name, "name or version cannot be used"),
        (_version, "name or version cannot be used"),
        (_another, "tells of another adapter"),
        (_lacking, "release.json is none"),
    ],
)
def test_a_manifest_that_is_signed_is_not_trusted_for_that(copy, change, said):
    resigned(copy, change)

    assert said in refusal(copy)


def test_an_adapter_that_would_be_served_wrongly_is_refused_though_signed(copy):
    Trained.change(
        copy / "adapter" / "adapter_config.json",
        lambda told: told.update(use_dora=True),
    )
    resigned(copy)

    assert "use_dora" in refusal(copy)


def test_an_adapter_that_cannot_be_read_is_refused_though_signed(copy):
    (copy / "adapter" / "adapter_model.safetensors").unlink()
    resigned(copy)

    assert "adapter: adapter_model.safetensors" in refusal(copy)


def test_an_evaluation_of_another_adapter_is_refused_though_signed(copy):
    Trained.change(
        copy / "evaluation.json", lambda told: told["header"].update(models=["x"])
    )
    resigned(copy)

    assert "evaluate this one" in refusal(copy)


def test_an_evaluation_that_lists_cases_is_refused_though_signed(copy):
    Trained.change(
        copy / "evaluation.json", lambda told: told["header"].update(held_out=False)
    )
    resigned(copy)

    assert "evaluation.json: The evaluation may list single cases" in refusal(copy)


def test_a_release_without_the_file_of_llama_cpp_is_whole(copy):
    (copy / "adapter.gguf").unlink()
    resigned(copy)

    assert read_release(copy, key=KEY.public).gguf is None


def test_a_folder_that_is_not_there_or_holds_no_release_is_none(tmp_path):
    assert "no readable release.json" in refusal(tmp_path)
    assert "no readable release.json" in refusal(tmp_path / "none")


def test_a_file_that_nobody_may_read_is_no_reason_to_pass(tmp_path):
    with pytest.raises(UnreadableReleaseError, match="FileNotFoundError"):
        file_hashes(tmp_path / "none")
