"""What every stage does around its trainer: start, resume, stop, finish, record.

A stage's folder holds `settings.json` from its start, `checkpoints/`, and at its end
`adapter/` and `run.json`, which is written last: a folder without it is unfinished.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click
import torch
from accelerate import PartialState
from transformers import Trainer, set_seed

from inference.adapter import CONFIG, read_adapter
from training import rows
from training.base import BaseError, base_folder, folder_sha256
from training.origins import (
    Resolved,
    SettingsError,
    given,
    options,
    read_recipe,
    resolve,
    shown,
)
from training.record import write_record
from training.runs import RECORD, STARTED
from training.schedule import Stop, last_checkpoint
from training.settings import StageSettings, template_of

UNFINISHED: Final = 75
"""Exit code of a stage that stopped to be resumed (EX_TEMPFAIL)."""
_PACKAGES: Final = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")
_HOW_LONG: Final = frozenset({"stop_after_steps", "stop_after_minutes"})

_S = TypeVar("_S", bound=StageSettings)


@dataclass(frozen=True, kw_only=True)
class Run(Generic[_S]):
    """One run of a stage: its settings and where it reads and writes.

    `adapter` is the one that is trained further, None where a new one is made.
    """

    stage: str
    resolved: Resolved[_S]
    data: Path
    out: Path
    base: Path
    adapter: Path | None

    @property
    def settings(self) -> _S:
        """Return the settings."""
        return self.resolved.values

    @property
    def files(self) -> dict[str, Path]:
        """Return the files of rows that are there, by `train`, `dev` and `general`."""
        found = rows.files(self.data, self.stage).values()
        return {file.stem: file for file in found}

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Read the rows, as many of each file as the settings say."""
        most = {
            "train": self.settings.most_rows,
            "dev": self.settings.most_measured,
        }
        return {
            name: rows.read(file, self.stage, most=most.get(name, 0))
            for name, file in self.files.items()
        }


def stage(name: str, kind: type[_S]) -> Callable[[Callable[[Run[_S]], None]], Any]:
    """Return a decorator that makes a command of a function that trains.

    The command resolves and prints the settings, finds the base, and does nothing
    where the same run is already finished.
    """

    def decorate(train: Callable[[Run[_S]], None]) -> click.Command:
        @wraps(train)
        def command(
            recipe: str | None, data: Path, out: Path, models: Path,
            adapter: Path | None, **asked: Any,  # noqa: ANN401 (click's values)
        ) -> None:  # fmt: skip
            try:
                followed = read_recipe(recipe) if recipe else None
                resolved = resolve(kind, name, followed, given(asked))
                click.echo("\n".join([f"Stage {name}", *shown(resolved)]))
                resolved.values.check()
                with PartialState().main_process_first():  # one converts or downloads
                    base = _base(resolved.values, models)
                _start(
                    Run(
                        stage=name,
                        resolved=resolved,
                        data=data,
                        out=out,
                        base=base,
                        adapter=adapter,
                    ),
                    train,
                )
            except (SettingsError, BaseError, rows.RowsError) as error:
                raise click.ClickException(str(error)) from None

        return click.command(name)(_places(options(kind)(command)))

    return decorate


def finish(
    run: Run[_S], trainer: Trainer, figures: Callable[[], Mapping[str, object]]
) -> None:
    """Train from the last checkpoint, if there is one, to the end; keep what it made.

    Raises:
        SystemExit: it stopped to be resumed.
        SettingsError: the adapter would not be served as it was trained.

    """
    stop = Stop(run.settings.stop_after_steps, run.settings.stop_after_minutes)
    trainer.add_callback(stop)
    last = last_checkpoint(Path(trainer.args.output_dir))
    trainer.train(resume_from_checkpoint=last)
    if stop.fired and trainer.state.global_step < trainer.state.max_steps:
        click.echo(f"Stopped at step {trainer.state.global_step}: run again to go on.")
        raise SystemExit(UNFINISHED)
    out = run.out / "adapter"
    trainer.save_model(str(out))  # every process: it gathers what is sharded
    if trainer.is_world_process_zero():
        _clear(out, run.settings.base)
        _record(run, trainer, figures())


def _clear(out: Path, base: str) -> None:
    """Leave the adapter and its tokenizer, and see that it can be served.

    Raises:
        SettingsError: it would not be served as it was trained.

    """
    # What preferences were measured against; a pickle; a card that nobody filled in.
    shutil.rmtree(out / "ref", ignore_errors=True)
    for name in ("training_args.bin", "README.md"):
        (out / name).unlink(missing_ok=True)
    # Where the base lies on this machine tells nobody anything: its name does.
    file = out / CONFIG
    config = json.loads(file.read_bytes())
    config["base_model_name_or_path"] = Path(base).name if Path(base).is_dir() else base
    file.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    if faults := read_adapter(out).faults:
        raise SettingsError(f"The adapter cannot be served: {'; '.join(faults)}.")


def _record(run: Run[_S], trainer: Trainer, figures: Mapping[str, object]) -> None:
    history = trainer.state.log_history
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    record = {
        **json.loads((run.out / STARTED).read_text("utf-8")),
        "steps": trainer.state.global_step,
        "device": f"{trainer.args.world_size} x {device}",
        "packages": {name: version(name) for name in _PACKAGES},
        "figures": {**figures, "best": trainer.state.best_metric},
        "history": history,
        "adapter": read_adapter(run.out / "adapter").sha256,
    }
    write_record(run.out / RECORD, record)


def _base(settings: StageSettings, models: Path) -> Path:
    return base_folder(
        settings.base, revision=settings.revision, sha256=settings.sha256, cache=models
    )


def _start(run: Run[_S], train: Callable[[Run[_S]], None]) -> None:
    out, begun = run.out, _identity(run)
    if (out / STARTED).is_file() and not _is_same(out, begun):
        raise SettingsError(f"{out} holds another run: name another folder.")
    if (out / RECORD).is_file():
        click.echo(f"{out} holds this run, finished: nothing is left to do.")
        return
    PartialState().wait_for_everyone()  # each has looked before one writes
    if PartialState().is_main_process:
        out.mkdir(parents=True, exist_ok=True)
        write_record(out / STARTED, begun)
    set_seed(run.settings.seed)
    train(run)


def _identity(run: Run[_S]) -> dict[str, Any]:
    """Return what makes this run this run: settings, template, rows, base, adapter."""
    origins = run.resolved.origins
    return {
        "stage": run.stage,
        "settings": {
            name: {"value": value, "origin": origins[name]}
            for name, value in asdict(run.settings).items()
        },
        "template": sha256(template_of(run.settings).encode()).hexdigest(),
        "rows": {name: rows.sha256(file) for name, file in run.files.items()},
        "base": {"name": run.settings.base, "sha256": folder_sha256(run.base)},
        "from": read_adapter(run.adapter).sha256 if run.adapter else "",
    }


def _is_same(out: Path, begun: Mapping[str, Any]) -> bool:
    held = json.loads((out / STARTED).read_text("utf-8"))
    return _mark(held) == _mark(begun)


def _mark(identity: Mapping[str, Any]) -> str:
    """Return a hash of a run's identity; for how long it runs is no part of it."""
    values = {
        name: each["value"]
        for name, each in identity["settings"].items()
        if name not in _HOW_LONG
    }
    text = json.dumps({**identity, "settings": values}, sort_keys=True)
    return sha256(text.encode()).hexdigest()


def _places(command: Callable[..., None]) -> Callable[..., None]:
    folder = click.Path(path_type=Path, file_okay=False)
    for option in (
        click.option("--adapter", type=folder, help="Adapter to train further."),
        click.option("--models", type=folder, default=Path("models"), show_default=True,
                     help="Folder for base weights that are converted or downloaded."),
        click.option("--out", type=folder, required=True, help="Folder of this run."),
        click.option("--data", type=folder, required=True,
                     help="Folder with STAGE/train.jsonl and STAGE/dev.jsonl."),
        click.option("--recipe", help="Name in training/recipes, or a file."),
    ):  # fmt: skip
        command = option(command)
    return command
