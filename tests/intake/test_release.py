"""What is sent to be registered is what was signed, and of an adapter."""

import json

import pytest

from domain.errors import UnregistrableReleaseError
from gateway.intake import release
from tests.released import KEY, folder_of

NESTED = 5000


@pytest.fixture
def ward(tmp_path):
    folder_of(tmp_path / "ward")
    return tmp_path / "ward"


def sent(folder, change=None):
    """Return a release's texts, signed again after a change of the manifest."""
    body = (folder / "release.json").read_text()
    body = change(body) if change else body
    return release.Sent(
        manifest=body,
        signature=KEY.line(body),
        evaluation=(folder / "evaluation.json").read_text(),
        key=str(KEY.public),
    )


def test_a_release_is_told_with_the_figures_of_its_evaluation(ward):
    found = release.release(sent(ward))

    assert found.title == "ward@1"
    assert [each.metric for each in found.figures] == ["quadratic_kappa"]
    assert found.key == str(KEY.public)


def test_a_base_model_alone_cannot_be_registered(ward):
    def without_adapter(body):
        told = json.loads(body)
        told["adapter"]["sha256"] = ""
        return json.dumps(told)

    with pytest.raises(UnregistrableReleaseError, match="of another adapter"):
        release.release(sent(ward, without_adapter))


def test_a_manifest_that_is_nested_too_deep_is_refused(ward):
    def deep(body):
        nested = "[" * NESTED + "]" * NESTED
        return body.replace('"rows": {}', f'"rows": {{"a": {nested}}}')

    with pytest.raises(UnregistrableReleaseError, match=r"release\.json is none"):
        release.release(sent(ward, deep))
