"""What a release is made of: read, and refused where it does not fit together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inference.contract import output_schema, schema_sha256
from inference.evaluation import Evaluation, read_evaluation
from inference.prompt import PROMPT_VERSION
from inference.release import EVALUATION, PAGE, TEMPLATE, is_of
from training.rows import sha256
from training.runs import Runs, read_runs

_TOKENIZER: Final = "tokenizer.json"
_MAGIC: Final = b"GGUF"


class ReleaseError(Exception):
    """No release can be made of this; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a release's ingredients lie; `gguf` None where there is none."""

    run: Path
    evaluation: Path
    rows: Path
    gguf: Path | None


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """Runs, the manifest of their rows, and the evaluation of what they made."""

    runs: Runs
    rows: Mapping[str, Any]
    evaluation: Evaluation


def read_ingredients(places: Places) -> Ingredients:
    """Read what a release is made of.

    Raises:
        ReleaseError: something is missing, or does not fit.
        RunsError: the runs are unfinished, changed, or no chain.
        UnreadableEvaluationError: the evaluation is none, or lists cases.

    """
    runs = read_runs(places.run)
    for name in (TEMPLATE, _TOKENIZER):
        if not (runs.folder / name).is_file():
            raise ReleaseError(f"The adapter's folder has no {name}.")
    return Ingredients(
        runs=runs,
        rows=read_rows(places.rows, _read(runs)),
        evaluation=_evaluation(places, runs),
    )


def read_rows(folder: Path, read: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the manifest of rows, if it is of the files that are or were read.

    Args:
        folder: of the rows.
        read: the SHA-256 of each file by its name, such as `sft/train.jsonl`.

    Raises:
        ReleaseError: there is none, it is of others, or of another prompt.

    """
    try:
        told = json.loads((folder / "manifest.json").read_bytes())
        hashes, versions = told["sha256"], told["versions"]
        made_for = (versions["prompt"], versions["schema_sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            "The folder of rows has no manifest.json of rows."
        ) from error
    for name, digest in read.items():
        if name not in hashes:
            raise ReleaseError(
                f"manifest.json of the rows does not list {name}: write its SHA-256"
                " under sha256, its name and licence under sources."
            )
        if hashes[name] != digest:
            raise ReleaseError(f"{name} is not the one that manifest.json names.")
    if made_for != (PROMPT_VERSION, schema_sha256(output_schema((), ("P1",)))):
        raise ReleaseError(
            "The rows were made for another prompt or answer format than this program"
            " has: make rows and train anew."
        )
    return dict(told)


def _read(runs: Runs) -> dict[str, str]:
    return {
        f"{run['stage']}/{split}.jsonl": digest
        for run in runs.stages
        for split, digest in run["rows"].items()
    }


def _evaluation(places: Places, runs: Runs) -> Evaluation:
    try:
        body = (places.evaluation / EVALUATION).read_bytes()
        page = (places.evaluation / PAGE).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"There is no readable {EVALUATION} and {PAGE}.") from error
    found = read_evaluation(body)
    marks = {runs.adapter.sha256}
    if places.gguf:
        marks.add(_gguf(places.gguf, runs.adapter.sha256))
    if not is_of(found, marks):
        raise ReleaseError(
            "The evaluation names no model with this adapter's hash: it is of another,"
            " or model_weights did not tell it."
        )
    if found.prompt != PROMPT_VERSION:
        raise ReleaseError("The evaluation asked with another version of the prompt.")
    marks = {found.at.isoformat(timespec="minutes"), *(e.sha256 for e in found.data)}
    if not all(mark in page for mark in marks):
        raise ReleaseError(f"{PAGE} is not the page of {EVALUATION}.")
    return found


def _gguf(file: Path, adapter: str) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{file.name} cannot be read ({error.strerror}).") from error
    if not content.startswith(_MAGIC):
        raise ReleaseError(f"{file.name} is no GGUF file: see training.gguf.")
    if adapter.encode() not in content:
        raise ReleaseError(
            f"{file.name} was made of another adapter: make it of this one with"
            " python -m training.gguf."
        )
    return sha256(file)
