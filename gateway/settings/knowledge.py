"""What may be quoted here, and how it is ordered."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

_Place = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]  # ISO 3166


class KnowledgeSettings(BaseModel):
    """The settings of retrieval that hold for every store of knowledge."""

    jurisdiction: _Place | None = None  # of the site; what holds elsewhere is left out
    reranker_folder: Path | None = None  # a cross-encoder, by sentence-transformers

    @field_validator("reranker_folder")
    @classmethod
    def _there_too(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError("there is no such folder.")
        return folder
