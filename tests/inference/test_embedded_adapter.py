"""The adapter that comes with the program: checked, loaded, named, or refused."""

import shutil

import aiohttp
import pytest

from inference import embedded_model
from inference.adapter import folder_sha256
from inference.embedded_adapter import shipped
from inference.embedded_model import EmbeddedModelError, Lora, sha256
from tests.inference.lora_file import declare, release


@pytest.fixture
def folder(tmp_path):
    return release(tmp_path / "release")


def test_without_a_release_folder_there_is_no_adapter(tmp_path):
    assert shipped(tmp_path / "none") is None


def test_an_adapter_is_known_by_the_hashes_of_its_folder_and_of_its_file(folder):
    assert shipped(folder) == Lora(
        name="loud",
        file=folder / "adapter.gguf",
        file_sha256=sha256(folder / "adapter.gguf"),
        sha256=folder_sha256(folder / "adapter"),
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("adapter.gguf", "adapter.gguf is not what release.json names"),
        ("adapter/adapter_config.json", "adapter is not what release.json names"),
        ("release.json", "no readable release.json"),
    ],
)
def test_what_was_changed_after_the_release_is_refused(changed, said, folder):
    (folder / changed).write_bytes(b"something else")

    with pytest.raises(EmbeddedModelError, match=said):
        shipped(folder)


@pytest.mark.parametrize(
    ("lost", "said"),
    [("adapter.gguf", "cannot be read"), ("release.json", "no readable release.json")],
)
def test_what_is_missing_is_refused_with_what_to_do(lost, said, folder):
    (folder / lost).unlink()

    with pytest.raises(EmbeddedModelError, match=f"{said}.*embedded_adapter = false"):
        shipped(folder)


def test_a_folder_without_an_adapter_is_refused(folder):
    shutil.rmtree(folder / "adapter")

    with pytest.raises(EmbeddedModelError, match="adapter is not what"):
        shipped(folder)


def test_a_manifest_that_does_not_name_the_file_is_refused(folder):
    declare(folder, files={})

    with pytest.raises(EmbeddedModelError, match=r"adapter\.gguf is not what"):
        shipped(folder)


async def test_the_model_answers_with_its_adapter_and_is_named_by_both(folder, weights):
    lora = shipped(folder)

    base = await embedded_model.start(weights=weights)
    plain = await _continued(base)
    tuned = await embedded_model.start(weights=weights, lora=lora)
    other = await _continued(tuned)

    assert plain != other
    assert tuned.identity.name == f"{base.identity.name}:loud"
    assert tuned.identity.adapter == "loud"
    assert tuned.identity.weights == (
        f"{base.identity.weights}+sha256:{lora.file_sha256}"
    )
    assert tuned.identity.server == base.identity.server


async def test_a_file_that_is_no_adapter_is_refused(folder, weights):
    (folder / "adapter.gguf").write_bytes(b"GGUF but not really")
    declare(folder)

    with pytest.raises(EmbeddedModelError, match="did not start"):
        await embedded_model.start(weights=weights, lora=shipped(folder), within_s=20)


async def _continued(model):
    """Return the next words after a beginning, and stop the model."""
    asked = {"prompt": "The capital of France is", "n_predict": 4, "temperature": 0}
    try:
        async with aiohttp.ClientSession() as session:
            url = model.url.removesuffix("/v1") + "/completion"
            async with session.post(url, json=asked) as answer:
                return (await answer.json())["content"]
    finally:
        await model.stop()
