"""Reading query and passage together: slower and finer than comparing vectors."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from inference.embed import encodable, load_errors


class RerankerUnavailableError(Exception):
    """The cross-encoder is missing or cannot be used."""


class Reranker(Protocol):
    """Whatever says how well a text answers another."""

    def relevance(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """Return a number from 0 to 1 for each (sub-query, passage)."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder with one output, from a local folder.

    An extra (`pip install sentence-transformers`); the gateway brings no weights and
    downloads none. Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085.

    Raises:
        RerankerUnavailableError: the library is not installed, or the folder holds no
            such model or a damaged one.

    """

    def __init__(self, folder: Path) -> None:
        try:
            library = importlib.import_module("sentence_transformers")
            self._model: Any = library.CrossEncoder(str(folder), local_files_only=True)
        except load_errors() as error:
            raise RerankerUnavailableError(
                f"sentence-transformers could not load a cross-encoder from {folder}."
                " Install sentence-transformers and check the folder."
            ) from error
        if self._model.num_labels != 1:
            raise RerankerUnavailableError(
                f"The cross-encoder in {folder} has {self._model.num_labels} outputs;"
                " one that gives a single relevance is needed."
            )

    def relevance(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        """Return a number from 0 to 1 for each (sub-query, passage)."""
        asked = [(encodable(query), encodable(passage)) for query, passage in pairs]
        return [float(score) for score in self._model.predict(asked)]
