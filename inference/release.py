"""A release folder read and verified: an adapter with all that is known of it.

    release.json      manifest, with the SHA-256 of every other file but the signature
    release.sig       its signature (inference.signature)
    adapter/          adapter, tokenizer and chat template
    adapter.gguf      the same adapter for llama.cpp; may be missing
    evaluation.json   figures, no case; evaluation.html is the same as a page
    card.md           the model card

It was so when it was read: keep the folder of what is served where nobody else writes.
"""

import hashlib
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from inference.adapter import Adapter, UnreadableAdapterError, read_adapter
from inference.evaluation import (
    Evaluation,
    UnreadableEvaluationError,
    read_evaluation,
)
from inference.signature import PublicKey, SignatureError

MANIFEST: Final = "release.json"
SIGNATURE: Final = "release.sig"
ADAPTER: Final = "adapter"
GGUF: Final = "adapter.gguf"
EVALUATION: Final = "evaluation.json"
PAGE: Final = "evaluation.html"
CARD: Final = "card.md"
TEMPLATE: Final = "chat_template.jinja"
NEEDED: Final = (EVALUATION, PAGE, CARD, f"{ADAPTER}/{TEMPLATE}")
"""Files that a release has beside the adapter's own."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # of a folder, of an adapter
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
_MOST_MANIFEST: Final = 16 << 20  # bytes


class UnreadableReleaseError(Exception):
    """The folder is no release, or not what was signed; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The weights that the adapter was trained on: name, hash over their files."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The adapter that was trained: its hash, and its scale as `alpha / rank`."""

    sha256: str
    rank: int
    alpha: float


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """The prompt it was trained for: version, `inference.canary.prompt_of_canary`."""

    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The answer format of that prompt, by its hash."""

    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What `release.json` says; `files` are hashes by path, with slashes."""

    name: str
    version: str
    made: datetime
    base: Base
    adapter: Trained
    prompt: Prompt
    schema: Contract
    rows: dict[str, Any]
    stages: list[dict[str, Any]]
    packages: dict[str, str]
    evaluation: dict[str, Any]
    files: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release that was verified.

    `sha256`, of `release.json`, is its identity: it covers every file. `signed_by` is
    the name of the key.
    """

    folder: Path
    sha256: str
    signed_by: str
    manifest: Manifest
    adapter: Adapter
    evaluation: Evaluation

    @property
    def gguf(self) -> Path | None:
        """Return the adapter for llama.cpp, None where the release has none."""
        return self.folder / GGUF if GGUF in self.manifest.files else None


def read_release(folder: Path, *, key: PublicKey) -> Release:
    """Read a release folder and verify all of it.

    Raises:
        UnreadableReleaseError: it is not signed with the key, a file is changed,
            missing or not listed, the adapter's linter objects, or the evaluation is
            of another adapter.

    """
    body, manifest = _signed(folder, key)
    _require_files(folder, manifest.files)
    adapter = _adapter(folder, manifest.adapter)
    evaluation = _evaluation(folder)
    marks = {adapter.sha256, manifest.files.get(GGUF, adapter.sha256)}
    if not is_of(evaluation, marks):
        raise UnreadableReleaseError(
            "The evaluation names no model with this adapter's hash: evaluate this one."
        )
    return Release(
        folder=folder,
        sha256=hashlib.sha256(body).hexdigest(),
        signed_by=key.name,
        manifest=manifest,
        adapter=adapter,
        evaluation=evaluation,
    )


def is_of(evaluation: Evaluation, marks: set[str]) -> bool:
    """Say whether a model of an evaluation bears one of some hashes.

    The base may be named beside it, where both were asked. "" is no hash.
    """
    return any(mark in each for mark in marks - {""} for each in evaluation.models)


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a release, without manifest and signature.

    Raises:
        UnreadableReleaseError: something is a link, no plain file, or unreadable.

    """
    found = {}
    try:
        for path in _files(folder):
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = digest
    except OSError as error:
        raise UnreadableReleaseError(
            f"A file of the release cannot be read ({type(error).__name__})."
        ) from error
    own = (MANIFEST, SIGNATURE)
    return {name: found[name] for name in sorted(found) if name not in own}


def _signed(folder: Path, key: PublicKey) -> tuple[bytes, Manifest]:
    body, lines = _content(folder, MANIFEST), _content(folder, SIGNATURE)
    try:
        key.require(body.decode(), lines.decode())
        manifest = msgspec.json.decode(body, type=Manifest)
    except SignatureError as error:
        raise UnreadableReleaseError(f"{MANIFEST}: {error}") from error
    except ValueError as error:
        raise UnreadableReleaseError(f"{MANIFEST} is none ({error}).") from error
    if not NAME.fullmatch(manifest.name) or not VERSION.fullmatch(manifest.version):
        raise UnreadableReleaseError(f"{MANIFEST}: name or version cannot be used.")
    return body, manifest


def _content(folder: Path, name: str) -> bytes:
    file = folder / name
    try:
        told = file.lstat()
        if not stat.S_ISREG(told.st_mode) or told.st_size > _MOST_MANIFEST:
            raise UnreadableReleaseError(f"{name} is no plain file, or far too long.")
        return file.read_bytes()
    except OSError as error:
        raise UnreadableReleaseError(
            f"The folder has no readable {name}: it is no release."
        ) from error


def _require_files(folder: Path, listed: Mapping[str, str]) -> None:
    found = file_hashes(folder)
    for wrong, said in (
        (listed.keys() - found.keys(), "listed and not there"),
        (found.keys() - listed.keys(), "there and not listed"),
        (set(NEEDED) - listed.keys(), "not listed, and a release has it"),
        ({n for n in found if found[n] != listed.get(n)}, "not what was signed"),
    ):
        if wrong:
            raise UnreadableReleaseError(f"{', '.join(sorted(wrong))}: {said}.")


def _files(folder: Path) -> Iterator[Path]:
    """Give every file below a folder, and let nothing lead out of it."""
    for path in list(folder.iterdir()):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise UnreadableReleaseError(f"{path.name} is a link, or no plain file.")
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _adapter(folder: Path, told: Trained) -> Adapter:
    try:
        found = read_adapter(folder / ADAPTER)
    except UnreadableAdapterError as error:
        raise UnreadableReleaseError(f"{ADAPTER}: {error}") from error
    if found.faults:
        raise UnreadableReleaseError(
            f"The adapter cannot be served as trained: {'; '.join(found.faults)}."
        )
    if (found.sha256, found.rank) != (told.sha256, told.rank):
        raise UnreadableReleaseError(f"{MANIFEST} tells of another adapter.")
    return found


def _evaluation(folder: Path) -> Evaluation:
    try:
        return read_evaluation(_content(folder, EVALUATION))
    except UnreadableEvaluationError as error:
        raise UnreadableReleaseError(f"{EVALUATION}: {error}") from error
