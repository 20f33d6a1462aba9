"""The cross-encoder without its library; the folder `extra` has the real one."""

import sys

import pytest

from inference.retrieve.rerank import CrossEncoderReranker, RerankerUnavailableError


def test_without_the_library_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(RerankerUnavailableError, match="Install sentence-transformers"):
        CrossEncoderReranker(tmp_path / "none")


class TornError(Exception):
    """What safetensors raises: no kind of error of Python's own."""


def torn(*_, **__):
    raise TornError("Error while deserializing header: header too small")


def test_damaged_weights_are_named_with_the_remedy(monkeypatch, tmp_path):
    library = type("Library", (), {"CrossEncoder": torn})
    weights = type("Weights", (), {"SafetensorError": TornError})
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    monkeypatch.setitem(sys.modules, "safetensors", weights)

    with pytest.raises(RerankerUnavailableError, match="check the folder"):
        CrossEncoderReranker(tmp_path)


class Encoder:
    """What is used of the library's class, with relevance by the passage's length."""

    def __init__(self, folder, *, local_files_only):
        assert local_files_only
        self.num_labels = int(folder[-1])

    def predict(self, pairs):
        assert all("".join(pair).isprintable() for pair in pairs)
        return [min(len(passage), 9) / 10 for _, passage in pairs]


def test_the_library_is_asked_for_a_local_model_with_one_output(monkeypatch, tmp_path):
    library = type("Library", (), {"CrossEncoder": Encoder})
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)

    reranker = CrossEncoderReranker(tmp_path / "model-1")

    assert reranker.relevance([("knee", "rest"), ("knee", "")]) == [0.4, 0.0]
    assert reranker.relevance([("\ud800", "\udfff")]) == [0.1]
    with pytest.raises(RerankerUnavailableError, match="has 2 outputs"):
        CrossEncoderReranker(tmp_path / "model-2")
