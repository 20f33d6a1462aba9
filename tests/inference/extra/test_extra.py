"""The extra `embeddings` as it is: sentence-transformers and torch, nothing in place.

One process of the training environment makes everything that is looked at here.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.embed import MiniLmEmbedder, open_embedder

TEXTS = json.loads(
    (Path(__file__).parents[2] / "assets" / "embedding" / "texts.json").read_text()
)


@pytest.fixture(scope="module")
def minilm():
    return MiniLmEmbedder.packaged()


def test_a_cross_encoder_of_a_folder_gives_each_pair_a_share(inside):
    facts, _ = inside

    assert facts["relevance"] == pytest.approx(facts["by_hand"], abs=1e-6)
    assert all(0 < each < 1 for each in facts["relevance"])
    assert len(set(facts["relevance"])) == 3
    assert facts["nothing"] == []


def test_a_cross_encoder_with_several_outputs_is_refused(inside):
    assert "has 3 outputs" in inside[0]["several"]


def test_a_folder_without_a_cross_encoder_is_named_with_its_remedy(inside):
    assert "could not load a cross-encoder" in inside[0]["empty"]


def test_a_folder_that_numpy_leaves_alone_is_opened_by_the_library(inside):
    facts, _ = inside

    assert facts["kind"] == "SentenceTransformersEmbedder"


def test_the_library_runs_the_packaged_weights_to_the_same_vectors(inside, minilm):
    _, made = inside
    ours = minilm.embed_passages(TEXTS)

    assert made["passages"].dtype == np.float32
    assert made["passages"].shape == ours.shape
    assert (made["passages"] * ours).sum(axis=1).min() >= 0.9999


def test_the_library_puts_the_prompt_of_the_model_before_a_query(inside, minilm):
    _, made = inside
    ours = minilm.embed_passages([f"query: {text}" for text in TEXTS])

    assert (made["queries"] * ours).sum(axis=1).min() >= 0.9999
    assert (made["queries"] * made["passages"]).sum(axis=1).min() < 0.99


def test_a_damaged_cross_encoder_is_named_with_its_remedy(inside):
    told = inside[0]["damaged_encoder"]

    assert len(told) == 5
    for sentence in told:
        assert "could not load a cross-encoder" in sentence


def test_a_damaged_model_is_named_with_its_remedy(inside):
    told = inside[0]["damaged_model"]

    assert len(told) == 5
    for sentence in told:
        assert "sentence-transformers could not load" in sentence


def test_half_a_character_is_read_as_a_question_mark(inside):
    facts, _ = inside

    assert facts["halves"] == facts["replaced"]
    assert "TypeError" not in facts["halves"]


def test_no_text_gives_the_library_no_row_of_the_same_width(inside):
    _, made = inside

    assert made["no_passage"].shape == made["no_query"].shape == (0, 384)
    assert made["no_passage"].dtype == np.float32


def test_a_folder_that_the_library_saved_is_run_by_numpy_to_the_same_vectors(inside):
    facts, made = inside

    ours = open_embedder(facts["saved"])

    assert isinstance(ours, MiniLmEmbedder)
    assert ours.embed_passages(facts["words"]) == pytest.approx(made["saved"], abs=1e-5)
