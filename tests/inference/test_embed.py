import hashlib
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import embed
from inference.embed import (
    EmbeddingUnavailableError,
    MiniLmEmbedder,
    SentenceTransformersEmbedder,
    open_embedder,
    packaged_folder,
)

# The first four numbers of each vector by torch 2.13 and transformers, with
# mean pooling and normalisation: the same weights, another implementation.
BY_TORCH = {
    "Crushing chest pain with sweating": (0.026995, 0.054054, 0.071295, 0.140888),
    "Brustschmerz und Atemnot, SpO₂ 91 %": (0.031216, -0.022503, -0.051688, 0.053408),
    "The patient asks for a refill of her tablets.": (
        -0.034942,
        0.006963,
        -0.038157,
        -0.033333,
    ),
}
COSINES_BY_TORCH = (0.01651798, 0.05400648, -0.08348133)


@pytest.fixture(scope="module")
def minilm():
    return MiniLmEmbedder.packaged()


def test_the_vectors_are_those_that_torch_computes_from_the_same_weights(minilm):
    vectors = minilm.embed_passages(list(BY_TORCH))

    assert vectors[:, :4] == pytest.approx(np.array(list(BY_TORCH.values())), abs=2e-6)
    cosines = vectors @ vectors.T
    assert cosines[np.triu_indices(3, 1)] == pytest.approx(COSINES_BY_TORCH, abs=1e-6)


def test_a_vector_has_384_numbers_and_the_length_of_one(minilm):
    vectors = minilm.embed_queries(["stroke", "", "a" * 5000])

    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)


def test_texts_of_like_meaning_are_nearer_than_others(minilm):
    query, near, far = minilm.embed_passages(
        [
            "heart attack",
            "Pressure in the chest spreading to the left arm.",
            "The car park closes at eight in the evening.",
        ]
    )

    assert query @ near > query @ far + 0.2


def test_the_company_of_a_text_does_not_change_its_vector(minilm):
    texts = [f"Fever for {days} days " * days for days in range(1, 24)]

    together = minilm.embed_passages(texts)

    alone = np.concatenate([minilm.embed_passages([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-6)


def test_what_lies_beyond_256_tokens_is_not_read(minilm):
    long = "fever " * 400

    vectors = minilm.embed_passages([long, long + "and a broken leg"])

    assert vectors[0] == pytest.approx(vectors[1], abs=1e-6)


def test_every_vector_is_that_of_sentence_transformers_by_torch(minilm):
    folder = Path(__file__).parents[1] / "assets" / "embedding"
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    theirs = np.load(folder / "minilm.npy")

    cosines = (minilm.embed_passages(texts) * theirs).sum(axis=1)

    assert cosines.min() >= 0.9999


def test_no_text_gives_no_row_of_the_same_width(minilm):
    assert minilm.embed_passages([]).shape == (0, 384)


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_any_text_has_a_vector(minilm, text):
    (vector,) = minilm.embed_queries([text])

    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_identity_names_the_weights(minilm):
    weights = (packaged_folder() / "model.safetensors").read_bytes()

    digest = hashlib.sha256(weights).hexdigest()
    assert minilm.identity == f"all-MiniLM-L6-v2@sha256:{digest}"


def test_a_missing_wheel_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(embed, "MODEL_PACKAGE", "no_such_package")

    with pytest.raises(EmbeddingUnavailableError, match="make install"):
        packaged_folder()


def test_an_empty_folder_is_named_with_its_remedy(tmp_path):
    with pytest.raises(
        EmbeddingUnavailableError, match="TRIAGE_GATEWAY_EMBEDDING_FOLDER"
    ):
        MiniLmEmbedder(tmp_path)


def copied_model(folder):
    (folder / "1_Pooling").mkdir()
    for name in ("config.json", "tokenizer.json", "1_Pooling/config.json"):
        (folder / name).write_bytes((packaged_folder() / name).read_bytes())
    (folder / "model.safetensors").symlink_to(packaged_folder() / "model.safetensors")
    return folder


def test_a_model_in_another_folder_may_have_another_name(tmp_path):
    embedder = MiniLmEmbedder(copied_model(tmp_path), name="our-model")

    assert embedder.identity.startswith("our-model@sha256:")


def test_a_model_that_wants_prompts_is_refused(tmp_path):
    prompts = copied_model(tmp_path) / "config_sentence_transformers.json"
    prompts.write_text(json.dumps({"prompts": {"query": "query: "}}))

    with pytest.raises(EmbeddingUnavailableError):
        MiniLmEmbedder(tmp_path)


def test_no_name_opens_the_packaged_model_and_a_folder_its_own(minilm, tmp_path):
    assert open_embedder().identity == minilm.identity

    ours = open_embedder(str(copied_model(tmp_path)))

    assert ours.identity == f"{tmp_path.name}@{minilm.identity.partition('@')[2]}"


@pytest.mark.parametrize("name", ["some/model-of-the-hub", "{folder}"])
def test_any_other_model_is_opened_by_sentence_transformers(
    monkeypatch, tmp_path, name
):
    library = ModuleType("sentence_transformers")
    library.__spec__ = ModuleSpec("sentence_transformers", None)
    library.SentenceTransformer = Model
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)

    opened = open_embedder(name.format(folder=tmp_path))

    assert isinstance(opened, SentenceTransformersEmbedder)


def test_a_folder_that_only_the_extra_could_run_is_named_with_its_remedy(
    monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(EmbeddingUnavailableError, match="No usable embedding model"):
        open_embedder(str(tmp_path))


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False},
        {"pooling_mode": "mean", "include_prompt": True},
        {"pooling_mode": ["mean"]},
    ],
)
@pytest.mark.parametrize("told", [{}, {"prompts": {"query": "", "document": ""}}])
def test_the_older_and_the_newer_form_of_a_folder_are_one_model(
    minilm, tmp_path, pooling, told
):
    folder = copied_model(tmp_path)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "config_sentence_transformers.json").write_text(json.dumps(told))

    ours = MiniLmEmbedder(folder, name="all-MiniLM-L6-v2")

    assert ours.identity == minilm.identity


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"pooling_mode_mean_tokens": False},
        {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
        {"pooling_mode": "cls"},
        {"pooling_mode": ["cls", "mean"]},
        {"pooling_mode": "cls", "pooling_mode_mean_tokens": True},
    ],
)
def test_a_model_with_another_pooling_is_refused(tmp_path, told):
    pooling = copied_model(tmp_path) / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps(told))

    with pytest.raises(EmbeddingUnavailableError):
        MiniLmEmbedder(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"garbage that is no model at all"])
def test_a_damaged_file_is_refused(tmp_path, name, content):
    damaged = copied_model(tmp_path) / name
    damaged.unlink()
    damaged.write_bytes(content)

    with pytest.raises(EmbeddingUnavailableError):
        MiniLmEmbedder(tmp_path)


def test_without_sentence_transformers_its_embedder_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(EmbeddingUnavailableError, match="Install"):
        SentenceTransformersEmbedder("any/model")


class TornError(Exception):
    """What safetensors raises: no kind of error of Python's own."""


def torn(*_, **__):
    raise TornError("Error while deserializing header: header too small")


def test_damaged_weights_are_named_with_the_remedy(monkeypatch):
    library = type("Library", (), {"SentenceTransformer": torn})
    weights = type("Weights", (), {"SafetensorError": TornError})
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    monkeypatch.setitem(sys.modules, "safetensors", weights)

    with pytest.raises(EmbeddingUnavailableError, match="check the folder"):
        SentenceTransformersEmbedder("any/model")


class Tensor:
    def __init__(self, *numbers):
        self.array = np.array(numbers, np.float32)

    def cpu(self):
        return self

    def numpy(self):
        return self.array


class Model:
    def __init__(self, name):
        self.name = name

    def state_dict(self):
        return {"weight": Tensor(1, 2)}

    def encode_document(self, texts, *, normalize_embeddings):
        assert normalize_embeddings
        assert "".join(texts).isprintable()
        return [[1.0, 0.0] for _ in texts]

    def encode_query(self, texts, *, normalize_embeddings):
        assert normalize_embeddings
        assert "".join(texts).isprintable()
        return [[0.0, 1.0] for _ in texts]


def test_a_sentence_transformers_model_embeds_queries_by_its_own_prompt(monkeypatch):
    library = type("Library", (), {"SentenceTransformer": Model})
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)

    embedder = SentenceTransformersEmbedder("folder/model")

    assert embedder.embed_passages(["a"]).tolist() == [[1.0, 0.0]]
    assert embedder.embed_queries(["a"]).tolist() == [[0.0, 1.0]]
    assert embedder.embed_passages(["\ud800"]).tolist() == [[1.0, 0.0]]
    assert embedder.embed_queries(["\ud800"]).tolist() == [[0.0, 1.0]]
    assert embedder.embed_passages([]).shape == (0, 2)
    assert embedder.embed_queries([]).shape == (0, 2)
    digest = hashlib.sha256(b"weight" + np.float32([1, 2]).tobytes()).hexdigest()
    assert embedder.identity == f"model@sha256:{digest}"
