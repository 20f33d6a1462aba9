"""Witnesses: who is told the log's checkpoints, out of the operator's reach."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s@]{1,500}$")]


class Witness(BaseModel):
    """One place that keeps checkpoints: a folder, a git repository or an endpoint.

    `folder` gets a file for each checkpoint, none of which is ever replaced;
    `repository` is a working tree in which each is committed. `url` is the exact
    address to which it is sent, as https://c2sp.org/tlog-witness says; `key` is the
    witness's `name+id+key`: with it, its cosignature is demanded.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    folder: Path | None = None
    repository: Path | None = None
    push: bool = False  # the repository's branch, to where it is pushed by default
    url: Url | None = None
    key: Annotated[str, Field(max_length=500)] | None = None
    every_seconds: Annotated[int, Field(ge=1, le=7 * 24 * 3600)] = 3600

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = (self.folder, self.repository, self.url)
        if sum(each is not None for each in places) != 1:
            raise ValueError("give it a folder, a repository or a url: one of them.")
        if self.key and not self.url:
            raise ValueError("a key belongs to a witness with a url.")
        if self.push and not self.repository:
            raise ValueError("push belongs to a witness with a repository.")
        return self
