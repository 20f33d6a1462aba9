"""The cross-encoder: its refusals everywhere, a real one where the extra is installed.

No package carries weights of a cross-encoder, so the real one is tiny and random: it
says nothing of relevance, and shows that library and gateway fit together.
"""

import importlib.util
import json
import sys

import pytest

from inference.retrieve.rerank import CrossEncoderReranker, RerankerUnavailableError

INSTALLED = importlib.util.find_spec("sentence_transformers") is not None
needs_extra = pytest.mark.skipif(
    not INSTALLED, reason="the extra sentence-transformers is not installed"
)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "sore", "knee", "fever", "rest", "the"]


def test_without_a_model_it_says_what_to_check(tmp_path):
    with pytest.raises(RerankerUnavailableError, match="Install sentence-transformers"):
        CrossEncoderReranker(tmp_path / "none")


def tiny(folder, outputs):
    from transformers import (  # noqa: PLC0415
        BertConfig,
        BertForSequenceClassification,
        BertTokenizerFast,
    )

    (folder / "vocab.txt").write_text("\n".join(WORDS))
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=outputs,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["model_type"] == "bert"
    return folder


@needs_extra
@pytest.mark.filterwarnings("ignore")
def test_a_cross_encoder_of_a_folder_gives_each_pair_a_share(tmp_path):
    reranker = CrossEncoderReranker(tiny(tmp_path, 1))
    pairs = [("sore knee", "rest the knee"), ("sore knee", "fever"), ("fever", "")]

    found = reranker.relevance(pairs)

    assert len(found) == 3
    assert all(0 < each < 1 for each in found)
    assert found == pytest.approx(reranker.relevance(pairs))
    assert reranker.relevance([]) == []


@needs_extra
@pytest.mark.filterwarnings("ignore")
def test_a_model_with_several_outputs_is_refused(tmp_path):
    with pytest.raises(RerankerUnavailableError, match="has 3 outputs"):
        CrossEncoderReranker(tiny(tmp_path, 3))


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
