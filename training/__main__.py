"""All stages of a recipe in order: `python -m training --recipe NAME`.

After training come evaluation and release, where the recipe has tables of them.

Each stage is a process of its own, so that its memory is free when the next one starts,
and trains on the adapter of the one before. A stage that is finished is passed over;
one that was interrupted goes on from its last checkpoint. So the same command, given
again, always does what is left.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from training.conclusion import conclude, read_conclusion
from training.origins import Recipe, SettingsError, read_recipe, resolve, summary
from training.rows import RowsError, files
from training.settings import KINDS, require_package

STAGES: Final = MappingProxyType(
    {
        "pretrain": ("training.pretrain",),
        "sft": ("training.sft",),
        "dpo": ("training.prefer", "dpo"),
        "kto": ("training.prefer", "kto"),
        "grpo": ("training.reinforce",),
    }
)
"""The module, and its command, of each stage."""
LAUNCH: Final = Path(__file__).parent / "launch"
# Nothing of a run is told to anybody.
_SILENT: Final = {"HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


@click.command()
@click.option("--recipe", required=True, help="Name in training/recipes, or a file.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("rows"),
    show_default=True, help="Folder with STAGE/train.jsonl and STAGE/dev.jsonl.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("runs"),
    show_default=True, help="Folder of the runs.",
)  # fmt: skip
@click.option(
    "--models", type=click.Path(path_type=Path, file_okay=False),
    default=Path("models"), show_default=True, help="Folder of base weights.",
)  # fmt: skip
@click.option("--base", help="Base weights, instead of the recipe's.")
@click.option("--processes", default=0, help="GPUs, where a recipe starts several.")
@click.option("--url", help="Server of the evaluation, instead of the recipe's.")
@click.option(
    "--gateway", default=sys.executable, envvar="GATEWAY_PYTHON", show_default=True,
    help="Python of the gateway, which evaluates.",
)  # fmt: skip
def main(
    recipe: str,
    *,
    data: Path,
    out: Path,
    url: str | None,
    gateway: str,
    **places: Any,  # noqa: ANN401 (click's values)
) -> None:
    """Train an adapter by a recipe, every stage in order; evaluate it, release it."""
    try:
        followed = read_recipe(recipe)
        check(followed, data)
        conclusion = read_conclusion(followed, url=url, data=data, python=gateway)
        click.echo("\n".join(summary(followed)))
        _train(followed, data=data, folder=out / followed.name, **places)
        with _timed("Evaluation and release"):
            conclude(conclusion, folder=out / followed.name, data=data, python=gateway)
    except (SettingsError, RowsError) as error:
        raise click.ClickException(str(error)) from None


def _train(
    recipe: Recipe,
    *,
    data: Path,
    folder: Path,
    models: Path,
    base: str | None,
    processes: int,
) -> None:
    adapter = None
    for number, name in enumerate(recipe.stages, 1):
        click.echo(f"\nStage {number} of {len(recipe.stages)}: {name}")
        told = ["--recipe", str(recipe.file), "--data", str(data)]
        told += ["--models", str(models), "--out", str(folder / name)]
        told += ["--base", base] if base else []
        told += ["--adapter", str(adapter)] if adapter else []
        with _timed(f"Stage {name}"):
            _run([*started(recipe, processes), *STAGES[name], *told])
        adapter = folder / name / "adapter"
    click.echo(f"\nThe adapter is in {adapter}.")


@contextmanager
def _timed(what: str) -> Iterator[None]:
    """Say how long something took, also where it ends the program."""
    begun = time.monotonic()
    try:
        yield
    finally:
        click.echo(f"{what}: {(time.monotonic() - begun) / 60:.1f} minutes.")


def check(recipe: Recipe, data: Path) -> None:
    """Refuse what would stop a later stage, hours on.

    Raises:
        RowsError: a stage has no rows.
        SettingsError: a stage is unknown, twice there, or has a setting that it cannot
            have; a launch file or a package is not there.

    """
    if not recipe.stages or (unknown := [*(set(recipe.stages) - STAGES.keys())]):
        named = ", ".join(unknown) if recipe.stages else "none"
        raise SettingsError(f"Stages are {', '.join(STAGES)}; the recipe has {named}.")
    if len({*recipe.stages}) < len(recipe.stages):
        raise SettingsError("A recipe has each stage once: its folder bears its name.")
    for stage in recipe.stages:
        resolve(KINDS[stage], stage, recipe).values.check()
    files(data, *recipe.stages)
    if recipe.launch and not (LAUNCH / f"{recipe.launch}.yaml").is_file():
        raise SettingsError(f"There is no training/launch/{recipe.launch}.yaml.")
    require_package(recipe.launch)


def started(recipe: Recipe, processes: int) -> list[str]:
    """Return how a stage's module is started: by Python, or on several GPUs."""
    if not recipe.launch:
        return [sys.executable, "-m"]
    many = ["--num_processes", str(processes)] if processes else []
    file = str(LAUNCH / f"{recipe.launch}.yaml")
    launch = [sys.executable, "-m", "accelerate.commands.launch"]
    return [*launch, "--config_file", file, *many, "-m"]


def _run(command: Sequence[str]) -> None:
    """Run a stage; end as it ended where it is not finished."""
    env = {**os.environ, **_SILENT}
    done = subprocess.run(command, check=False, env=env)  # noqa: S603 (our own modules)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
