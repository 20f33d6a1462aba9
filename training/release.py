"""A release: the adapter with all that is known of it, in one signed folder.

    python -m training.release --run runs/first --evaluation evaluation --rows rows \
        --key release.key --name triage-smollm2-135m --version 1 --out FOLDER

The folder's shape stands in `inference.release`, which reads and verifies it; the last
thing that is done here before it gets its name is to read it so. What does not fit
together is refused:

- The adapter that was trained, the one that is released and the one that was evaluated
  are one (by hash), and its linter finds no fault.
- The rows of the manifest are those of the runs (by hash), and were made for the prompt
  and the answer format of this program; so is the evaluation.
- The evaluation lists no case.

It is written beside its place and renamed: where it is, it is whole.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from inference.adapter import CONFIG
from inference.canary import prompt_of_canary
from inference.evaluation import Evaluation, UnreadableEvaluationError
from inference.prompt import PROMPT_VERSION
from inference.release import (
    ADAPTER,
    CARD,
    EVALUATION,
    GGUF,
    MANIFEST,
    NAME,
    PAGE,
    SIGNATURE,
    VERSION,
    Release,
    UnreadableReleaseError,
    file_hashes,
    read_release,
)
from inference.signature import PrivateKey, SignatureError
from training.card import CardError, Told, card, read_told
from training.ingredients import Ingredients, Places, ReleaseError, read_ingredients
from training.runs import RunsError

_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


REFUSALS: Final = (
    *(ReleaseError, RunsError, CardError, SignatureError),
    *(UnreadableEvaluationError, UnreadableReleaseError),
)
"""What a caller shows to whoever wanted a release."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A release that is wanted; `card` None where nobody told anything for it."""

    places: Places
    key: PrivateKey
    name: str
    version: str
    card: Path | None


@click.command()
@click.option("--run", type=_FOLDER, required=True, help="Runs of one recipe.")
@click.option("--evaluation", type=_FOLDER, required=True, help="Of `evaluate`.")
@click.option("--rows", type=_FOLDER, required=True, help="What it was trained on.")
@click.option("--key", "key_file", type=_FILE, required=True, help="Signs it.")
@click.option("--name", required=True, help="Small letters, digits, dots, dashes.")
@click.option("--version", required=True, help="Such as 1, or 2026-11-23.")
@click.option("--gguf", type=_FILE, help="The same adapter for llama.cpp.")
@click.option("--card", type=_FILE, help="What only people know; see the docs.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A new folder."
)
def main(
    *, key_file: Path, out: Path, name: str, version: str, card: Path | None,
    **places: Any,  # noqa: ANN401 (click's values)
) -> None:  # fmt: skip
    """Make a release of a trained and evaluated adapter."""
    try:
        key, where = read_key(key_file), Places(**places)
        wanted = Wanted(places=where, key=key, name=name, version=version, card=card)
        made = release(wanted, out)
    except REFUSALS as error:
        raise click.ClickException(str(error)) from None
    click.echo("\n".join(summary(made)))


def read_key(file: Path) -> PrivateKey:
    """Read a key of `training.release_key`.

    Raises:
        SignatureError: it is none.
        ReleaseError: it cannot be read.

    """
    try:
        return PrivateKey.parse(file.read_text("utf-8"))
    except UnicodeDecodeError:
        raise ReleaseError(f"{file.name} holds no key.") from None
    except OSError as error:
        raise ReleaseError(
            f"{file.name} cannot be read ({error.strerror}): make a key with"
            " python -m training.release_key."
        ) from error


def release(wanted: Wanted, out: Path) -> Release:
    """Make a release folder, or nothing.

    Raises:
        ReleaseError: something is missing, or does not fit; out is taken.
        RunsError: the runs are unfinished, changed, or no chain.
        UnreadableEvaluationError: the evaluation is none, or lists cases.
        CardError: what people told for the card cannot be read.
        UnreadableReleaseError: what was written does not hold.

    """
    check_name(wanted.name, wanted.version)
    if out.exists() or out.is_symlink():
        raise ReleaseError(f"{out} is there already: a release is never changed.")
    parts, told = read_ingredients(wanted.places), read_told(wanted.card)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as beside:
            folder = Path(beside) / out.name
            _write(folder, wanted, parts, told)
            read_release(folder, key=wanted.key.public)
            folder.rename(out)
    except OSError as error:
        raise ReleaseError(f"{out} cannot be written ({error.strerror}).") from error
    return read_release(out, key=wanted.key.public)


def check_name(name: str, version: str) -> None:
    """Refuse a name or a version that a release cannot bear.

    Raises:
        ReleaseError: as it says.

    """
    if not NAME.fullmatch(name):
        raise ReleaseError("A name is of small letters, digits, dots and dashes.")
    if not VERSION.fullmatch(version):
        raise ReleaseError("A version is of letters, digits, dots and dashes.")


def summary(made: Release) -> list[str]:
    """Return what was released, in lines."""
    short = [each for each in made.evaluation.gate if not each.holds]
    gate = f"{len(made.evaluation.gate)} requirements, {len(short)} fall short"
    return [
        f"release {made.manifest.name} {made.manifest.version}: {made.folder}",
        f"sha256: {made.sha256}",
        f"adapter: {made.adapter.sha256}",
        f"signed by: {made.signed_by}",
        f"gate: {gate if made.evaluation.gate else 'none was asked'}",
        *(f"  falls short: {each.requirement}" for each in short),
    ]


def _write(folder: Path, wanted: Wanted, parts: Ingredients, told: Told) -> None:
    places = wanted.places
    shutil.copytree(parts.runs.folder, folder / ADAPTER, symlinks=True)
    for name in (EVALUATION, PAGE):
        shutil.copyfile(places.evaluation / name, folder / name)
    if places.gguf:
        shutil.copyfile(places.gguf, folder / GGUF)
    made = _manifest(wanted, parts)
    (folder / CARD).write_text(card(made, parts.evaluation, told), "utf-8")
    body = json.dumps({**made, "files": file_hashes(folder)}, indent=2) + "\n"
    (folder / MANIFEST).write_text(body, "utf-8")
    (folder / SIGNATURE).write_text(wanted.key.line(body), "utf-8")
    for path in (folder, *folder.rglob("*")):  # as readable as what is installed
        path.chmod(0o755 if path.is_dir() else 0o644)


def _manifest(wanted: Wanted, parts: Ingredients) -> dict[str, Any]:
    runs, (prompt, schema) = parts.runs, prompt_of_canary()
    config = json.loads((runs.folder / CONFIG).read_bytes())
    return {
        "name": wanted.name,
        "version": wanted.version,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": {"name": runs.adapter.base, "sha256": runs.last["base"]["sha256"]},
        "adapter": {
            "sha256": runs.adapter.sha256,
            "rank": runs.adapter.rank,
            "alpha": config["lora_alpha"],
        },
        "prompt": {"version": PROMPT_VERSION, "sha256": prompt},
        "schema": {"sha256": schema},
        "rows": parts.rows,
        "stages": list(runs.stages),
        "packages": runs.last["packages"],
        "evaluation": _figures(parts.evaluation),
    }


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation without groups, whose figures are in its own file."""
    told = {**asdict(evaluation), "at": evaluation.at.isoformat()}
    kept = [asdict(each) for each in evaluation.overall]
    return {**told, "figures": [_placed(each) for each in kept]}


def _placed(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figure.items() if value not in ("", None)}


if __name__ == "__main__":
    main()
