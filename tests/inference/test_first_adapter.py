"""The adapter that comes with the program is a whole, signed release."""

from pathlib import Path

import pytest

from inference.embedded_adapter import FOLDER, shipped
from inference.release import ADAPTER, read_release
from inference.signature import PublicKey

MOST_BYTES = 20_000_000
MOST_RANK = 16


@pytest.fixture(scope="module")
def release():
    key = PublicKey.parse((FOLDER.parent / "release.pub").read_text())
    return read_release(FOLDER, key=key)


def test_it_is_signed_and_every_file_is_what_was_signed(release):
    assert release.manifest.name == FOLDER.name
    assert release.adapter.faults == ()
    assert release.gguf is not None


def test_it_is_small_enough_to_be_kept_beside_the_program(release):
    files = (each for each in Path(FOLDER).rglob("*") if each.is_file())

    assert sum(each.stat().st_size for each in files) <= MOST_BYTES
    assert release.adapter.rank <= MOST_RANK


def test_what_the_embedded_model_loads_is_the_adapter_of_the_release(release):
    loaded = shipped()

    assert loaded is not None
    assert loaded.sha256 == release.adapter.sha256
    assert loaded.file_sha256 == release.manifest.files["adapter.gguf"]
    assert (FOLDER / ADAPTER / "adapter_model.safetensors").is_file()


def test_its_card_says_what_it_is_not(release):
    card = (release.folder / "card.md").read_text()

    assert "Not a medical device. No clinical use." in card


def test_on_families_it_never_saw_it_is_right_more_often_than_its_base(release):
    told = {
        each.assessor: each
        for each in release.evaluation.overall
        if each.metric == "exact_of_all"
    }
    base, adapter, bare = (told[e] for e in ("model-base", "model", "model-bare"))

    assert adapter.total == bare.total == base.total == 100
    assert adapter.low > base.high
    assert bare.low > base.high
