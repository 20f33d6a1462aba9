"""The embedded model with the adapter that comes with the program, and without."""

from contextlib import AsyncExitStack
from functools import partial

import pytest

from gateway import language_model
from gateway.settings import Settings
from inference import embedded_adapter
from inference.adapter import folder_sha256
from inference.embedded_model import MODEL_NAME
from tests.inference.lora_file import release


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A release folder in place of the program's own."""
    folder = release(tmp_path / "release")
    there = partial(embedded_adapter.shipped, folder)
    monkeypatch.setattr(embedded_adapter, "shipped", there)
    return folder


def settings(tmp_path, **more):
    return Settings(data=tmp_path, dev=True, **more)


async def test_the_adapter_is_on_record_as_that_of_a_server_would_be(folder, tmp_path):
    async with AsyncExitStack() as held:
        found = await language_model.candidate(settings(tmp_path), held)

        assert found.adapter_sha256 == folder_sha256(folder / "adapter")
        assert found.pipeline.generator._identity.name == f"{MODEL_NAME}:loud"


@pytest.mark.usefixtures("folder")
async def test_a_site_may_ask_the_base_model_alone(tmp_path):
    alone = settings(tmp_path, embedded_adapter=False)

    async with AsyncExitStack() as held:
        found = await language_model.candidate(alone, held)

        assert found.adapter_sha256 == ""
        assert found.pipeline.generator._identity.name == MODEL_NAME


async def test_with_a_changed_adapter_the_rules_stand_alone(folder, tmp_path):
    (folder / "adapter.gguf").write_bytes(b"something else")

    async with AsyncExitStack() as held:
        found = await language_model.candidate(settings(tmp_path), held)

    assert found == "the embedded language model could not be started"
