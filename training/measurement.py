"""The stage `evaluation` of a recipe: the adapter, held-out cases, a running server.

The gateway's own Python runs `triage-gateway evaluate --held-out`. What is finished is
passed over; what broke off begins anew, since of held-out cases no answer is kept.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from inference.evaluation import Evaluation, read_evaluation
from inference.release import EVALUATION
from training.ingredients import ReleaseError
from training.origins import SettingsError
from training.record import write_record
from training.rows import sha256
from training.runs import Runs

_ASKED: Final = "asked.json"
_MODELS: Final = "model"
"""With this begin the arms that ask a model."""


class Evaluated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[evaluation]`.

    `model` is what the server calls the adapter, such as `base:adapter`; `url` where it
    answers; `cases`, `config` and `gate` are files of `triage-gateway evaluate`.
    """

    cases: tuple[str, ...]
    model: str
    url: str = ""
    config: str = ""
    gate: str = ""
    arms: tuple[str, ...] = ("floor", "model")
    limit: int = 0
    seed: int = 1


def check_evaluation(table: Evaluated, python: str) -> None:
    """Refuse what would stop an evaluation, hours on; `python` is the gateway's.

    Raises:
        SettingsError: it has no cases, no server, or a file that is not there.

    """
    if not table.cases or not table.url:
        raise SettingsError(
            "[evaluation] needs cases, and the url of a server: in the recipe or --url."
        )
    for place in (*table.cases, table.config, table.gate):
        if place and not Path(place).exists():
            raise SettingsError(f"[evaluation]: there is no {place}.")
    if shutil.which(python) is None:
        raise SettingsError(f"[evaluation]: {python} is no program: see --gateway.")


def evaluate(table: Evaluated, runs: Runs, out: Path, python: str) -> Evaluation:
    """Evaluate what was trained, or return what was found before.

    Args:
        table: what is asked of whom.
        runs: made the adapter.
        out: folder of the evaluation.
        python: that of the gateway.

    Raises:
        ReleaseError: the folder holds another evaluation.
        UnreadableEvaluationError: what was written lists cases.
        SystemExit: nothing was found.

    """
    file = out / EVALUATION
    if file.is_file():
        if _is_other(out / _ASKED, _asked(table, runs)):
            raise ReleaseError(f"{out} holds another evaluation: remove it.")
        click.echo(f"{out} holds this evaluation: nothing is left to do.")
        return read_evaluation(file.read_bytes())
    note(table, runs, out)
    done = subprocess.run(  # noqa: S603 (the user's own Python)
        command(table, out, python), check=False, env=environment(table, runs)
    )
    if not file.is_file():
        click.echo("The evaluation failed: run again to begin it anew.", err=True)
        raise SystemExit(done.returncode or 1)
    found = read_evaluation(file.read_bytes())
    many = sum(each.total for each in found.data)
    arms = sum(each.startswith(_MODELS) for each in table.arms)
    click.echo(f"{many} cases, {many * arms} answers were asked for.")
    return found


def note(table: Evaluated, runs: Runs, out: Path) -> None:
    """Write what is asked into the folder, by which the evaluation is known again."""
    out.mkdir(parents=True, exist_ok=True)
    write_record(out / _ASKED, _asked(table, runs))


def command(table: Evaluated, out: Path, python: str) -> list[str]:
    """Return the command that evaluates."""
    told = [python, "-m", "gateway", "evaluate", *table.cases]
    told += ["--arms", ",".join(table.arms), "--held-out", "--out", str(out)]
    told += ["--seed", str(table.seed)]
    for option in ("config", "gate", "limit"):
        if value := getattr(table, option):
            told += [f"--{option}", str(value)]
    return told


def environment(table: Evaluated, runs: Runs) -> dict[str, str]:
    """Return the environment in which a gateway's settings name the adapter."""
    base = runs.last["base"]["sha256"]
    return {
        **os.environ,
        "TRIAGE_GATEWAY_MODEL_URL": table.url,
        "TRIAGE_GATEWAY_MODEL_NAME": table.model,
        # As the embedded model names itself: base and adapter, by their hashes.
        "TRIAGE_GATEWAY_MODEL_WEIGHTS": f"sha256:{base}+sha256:{runs.adapter.sha256}",
        "TRIAGE_GATEWAY_MODEL_ADAPTER_SHA256": runs.adapter.sha256,
    }


def _asked(table: Evaluated, runs: Runs) -> dict[str, Any]:
    """Return what makes an evaluation this one; where the server is, is no part."""
    told = msgspec.json.encode(msgspec.structs.replace(table, url=""))
    places = (*table.cases, table.config, table.gate)
    files = sorted(file for each in places if each for file in _files(Path(each)))
    return {
        "adapter": runs.adapter.sha256,
        "table": json.loads(told),
        "files": {str(each): sha256(each) for each in files},
    }


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (each for each in place.rglob("*") if each.is_file())
    else:
        yield place


def _is_other(file: Path, asked: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(file.read_bytes()) != asked)
    except (OSError, ValueError):
        return True
