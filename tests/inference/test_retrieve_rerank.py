"""The cross-encoder without its library; the folder `extra` has the real one."""

import sys

import pytest

from inference.retrieve.rerank import CrossEncoderReranker, RerankerUnavailableError


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(RerankerUnavailableError, match="Install sentence-transformers"):
        CrossEncoderReranker(tmp_path / "none")


class Encoder:
    """What is used of the library's class, with relevance by the passage's length."""

    def __init__(self, folder, *, local_files_only):
        assert local_files_only
        self.num_labels = int(folder[-1])

    def predict(self, pairs):
        return [min(len(passage), 9) / 10 for _, passage in pairs]


def test_the_library_is_asked_for_a_local_model_with_one_output(monkeypatch, tmp_path):
    library = type("Library", (), {"CrossEncoder": Encoder})
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)

    reranker = CrossEncoderReranker(tmp_path / "model-1")

    assert reranker.relevance([("knee", "rest"), ("knee", "")]) == [0.4, 0.0]
    with pytest.raises(RerankerUnavailableError, match="has 2 outputs"):
        CrossEncoderReranker(tmp_path / "model-2")
