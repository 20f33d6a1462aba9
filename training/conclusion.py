"""The last two stages of a recipe: evaluation of the adapter, and its release.

`[evaluation]` asks a server that already serves the adapter; `[release]` follows where
the gate holds. Like other stages, one that is finished is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from inference.evaluation import Evaluation
from inference.release import read_release
from training.card import read_told
from training.ingredients import Places, ReleaseError, read_rows
from training.measurement import Evaluated, check_evaluation, evaluate
from training.origins import Recipe, SettingsError
from training.release import (
    REFUSALS,
    Wanted,
    check_name,
    read_key,
    release,
    summary,
)
from training.rows import files, sha256
from training.runs import Runs, read_runs


class Released(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[release]`: options of `python -m training.release`."""

    name: str
    version: str
    key: str
    card: str = ""
    gguf: str = ""
    out: str = ""


_T = TypeVar("_T", Evaluated, Released)


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What a recipe wants after training, None where it does not."""

    evaluation: Evaluated | None
    release: Released | None


def read_conclusion(
    recipe: Recipe, *, url: str | None, data: Path, python: str
) -> Conclusion:
    """Return what a recipe wants after training; refuse what would stop it, hours on.

    Args:
        recipe: may have the tables `evaluation` and `release`.
        url: of the server; instead of the recipe's.
        data: of the rows.
        python: that of the gateway.

    Raises:
        SettingsError: a table is wrong, a file of it is not there, or no release can be
            made of these rows.

    """
    evaluation = _table(recipe, "evaluation", Evaluated)
    wanted = _table(recipe, "release", Released)
    if wanted and not evaluation:
        raise SettingsError(
            "A release needs an evaluation: add the table [evaluation]."
        )
    if evaluation:
        evaluation = msgspec.structs.replace(evaluation, url=url or evaluation.url)
        check_evaluation(evaluation, python)
    if wanted:
        _check_release(wanted, data, files(data, *recipe.stages))
    return Conclusion(evaluation=evaluation, release=wanted)


def conclude(wanted: Conclusion, *, folder: Path, data: Path, python: str) -> None:
    """Evaluate and release what was trained, as far as a recipe wants it.

    Args:
        wanted: the recipe's tables.
        folder: of the runs; `evaluation` and `release` are made in it.
        data: of the rows.
        python: that of the gateway.

    Raises:
        SettingsError: what is there is of another adapter, or cannot be released.
        SystemExit: the evaluation failed, or the gate does not hold.

    """
    if wanted.evaluation is None:
        click.echo("The recipe has no [evaluation]: no release is made.")
        return
    try:
        runs = read_runs(folder)
        _require_gguf(wanted.release, runs)
        found = evaluate(wanted.evaluation, runs, folder / "evaluation", python)
        _require_gate(found)
        if wanted.release:
            _release(wanted.release, runs, folder, data)
        else:
            click.echo("The recipe has no [release]: no release is made.")
    except REFUSALS as error:
        raise SettingsError(str(error)) from error


def _table(recipe: Recipe, name: str, kind: type[_T]) -> _T | None:
    told: dict[str, Any] = {}
    for _, content in recipe.tables:
        told |= content.get(name, {})
    try:
        return msgspec.convert(told, kind) if told else None
    except ValueError as error:
        raise SettingsError(f"[{name}]: {error}.") from error


def _check_release(table: Released, data: Path, read: Mapping[str, Path]) -> None:
    try:
        check_name(table.name, table.version)
        read_key(Path(table.key))
        read_told(_path(table.card))
        read_rows(data, {f"{name}.jsonl": sha256(file) for name, file in read.items()})
    except REFUSALS as error:
        raise SettingsError(f"[release]: {error}") from error


def _require_gguf(table: Released | None, runs: Runs) -> None:
    """Refuse to ask thousands of questions for a release that lacks a file."""
    if table and table.gguf and not Path(table.gguf).is_file():
        raise ReleaseError(
            f"[release]: there is no {table.gguf}: make it of {runs.folder} with"
            " python -m training.gguf, and run again."
        )


def _require_gate(found: Evaluation) -> None:
    if short := [each.requirement for each in found.gate if not each.holds]:
        click.echo("The gate does not hold, no release is made:", err=True)
        click.echo("\n".join(f"  {each}" for each in short), err=True)
        raise SystemExit(1)


def _release(table: Released, runs: Runs, folder: Path, data: Path) -> None:
    key = read_key(Path(table.key))
    out = Path(table.out) if table.out else folder / "release"
    if out.exists():
        made = read_release(out, key=key.public)
        same = (made.manifest.name, made.manifest.version, made.adapter.sha256)
        if same != (table.name, table.version, runs.adapter.sha256):
            raise ReleaseError(f"{out} holds another release: name another folder.")
        click.echo(f"{out} holds this release: nothing is left to do.")
        return
    places = Places(
        run=folder, evaluation=folder / "evaluation", rows=data, gguf=_path(table.gguf)
    )
    wanted = Wanted(
        places=places,
        key=key,
        name=table.name,
        version=table.version,
        card=_path(table.card),
    )
    click.echo("\n".join(summary(release(wanted, out))))


def _path(told: str) -> Path | None:
    return Path(told) if told else None
