"""`triage-gateway evaluate`: measure floor and model on labelled cases."""

import asyncio
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from domain.floor.compose import RULES_VERSION
from gateway import logs
from gateway.cli.evaluation_table import show
from gateway.cli.progress import bar
from gateway.evaluation import assessors, gate, reading, report
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import CasesError, DataSet
from gateway.evaluation.gate import Gate
from gateway.evaluation.page import render, told_of
from gateway.evaluation.report import Header, Report, Section
from gateway.settings import CONFIG, Settings, SettingsError, load
from inference.pipeline import Pipeline

JSON_NAME, PAGE_NAME = "evaluation.json", "evaluation.html"

_MODES = {
    "floor": (Assessor.FLOOR,),
    "model": (Assessor.MODEL,),
    "both": (Assessor.FLOOR, Assessor.MODEL, Assessor.COMBINED),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    mode: str
    held_out: bool
    seed: int
    out: Path


@click.command()
@click.argument(
    "places",
    metavar="CASES...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--floor", "mode", flag_value="floor", default=True, help="Rules only.")
@click.option("--model", "mode", flag_value="model", help="Language model only.")
@click.option("--both", "mode", flag_value="both", help="Rules, model, and together.")
@click.option("--held-out", is_flag=True, help="Score held-out cases; list none.")
@click.option(
    "--out",
    default=Path("evaluation"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Folder for {JSON_NAME} and {PAGE_NAME}.",
)
@click.option(
    "--gate",
    "gate_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Figures that must hold; exit 1 where they do not.",
)
@click.option("--seed", default=1, show_default=True, help="Of the bootstrap.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with a gateway's settings: its model, window and questions.",
)
def evaluate(
    places: tuple[Path, ...],
    gate_file: Path | None,
    config: Path | None,
    **asked: Any,  # noqa: ANN401 (click's values)
) -> None:
    """Measure floor and model on labelled cases: JSON lines, Bundles, data sets."""
    wanted = Wanted(**asked)
    try:
        required = gate.load(gate_file) if gate_file else None
        settings = _settings(config, wanted.out)
        sets = _data_sets(places, held_out=wanted.held_out)
        judged = asyncio.run(_judged(sets, settings, wanted))
    except (CasesError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    if not _finished(sets, judged, wanted, required):
        raise SystemExit(1)


def _settings(config: Path | None, out: Path) -> Settings:
    """Return a gateway's settings; the index of the knowledge base goes to `out`."""
    if config is not None:
        os.environ[CONFIG] = str(config)
        return load({"data": out / "model"})
    return load({"data": out / "model", "dev": True})


def _data_sets(places: Sequence[Path], *, held_out: bool) -> list[DataSet]:
    found = [
        reading.chosen(each, held_out=held_out)
        for place in places
        for each in reading.read(place)
    ]
    empty = [each.name for each in found if not each.cases]
    if empty:
        split = "held out" if held_out else "for development"
        raise CasesError(f"{', '.join(empty)}: no case is {split}.")
    return found


async def _judged(
    sets: Sequence[DataSet], settings: Settings, wanted: Wanted
) -> list[list[Prediction]]:
    how = assessors.Reading(
        window=settings.window, questions=frozenset(settings.complaint_questions)
    )
    judged = []
    for each in sets:
        inputs = {case.id: case.input for case in each.cases}
        with bar(f"Rules, {each.name}") as progress:
            judged.append(assessors.predict(inputs, how, progress=progress))
    if wanted.mode == "floor":
        return judged
    async with AsyncExitStack() as held:
        pipeline = await _pipeline(settings, held)
        return [
            await _asked(each, predictions, pipeline, settings)
            for each, predictions in zip(sets, judged, strict=True)
        ]


async def _pipeline(settings: Settings, held: AsyncExitStack) -> Pipeline:
    # It brings the model and its index, which the floor alone does without.
    from gateway.language_model import start  # noqa: PLC0415

    logs.configure(settings.log_format)
    pipeline = await start(settings, held)
    if isinstance(pipeline, str):
        raise CasesError(
            f"There is no model to ask ({pipeline}): set model_url and model_name, or "
            "leave the embedded one, in --config."
        )
    return pipeline


async def _asked(
    data: DataSet,
    predictions: Sequence[Prediction],
    pipeline: Pipeline,
    settings: Settings,
) -> list[Prediction]:
    with bar(f"Model, {data.name}") as progress:
        return await assessors.ask(
            predictions,
            pipeline,
            concurrency=settings.model_concurrency,
            progress=progress,
        )


def _finished(
    sets: Sequence[DataSet],
    judged: Sequence[Sequence[Prediction]],
    wanted: Wanted,
    required: Gate | None,
) -> bool:
    """Write and show what was found; say whether the gate holds."""
    sections = _sections(sets, judged, wanted)
    found = Report(header=_header(judged, wanted), sections=sections)
    verdicts = gate.verdicts(required, found) if required else []
    told = {
        each.name: told_of(predictions, _missed(each))
        for each, predictions in zip(sections, judged, strict=True)
    }
    wanted.out.mkdir(parents=True, exist_ok=True)
    (wanted.out / JSON_NAME).write_bytes(report.as_json(found, verdicts))
    page = render(found, verdicts, told)
    (wanted.out / PAGE_NAME).write_text(page, encoding="utf-8")
    show(found, verdicts)
    click.echo(f"{wanted.out / JSON_NAME} and {PAGE_NAME} are written.", err=True)
    return all(each.holds for each in verdicts)


def _sections(
    sets: Sequence[DataSet],
    judged: Sequence[Sequence[Prediction]],
    wanted: Wanted,
) -> list[Section]:
    found = []
    with bar("Figures") as progress:
        for done, (data, predictions) in enumerate(zip(sets, judged, strict=True), 1):
            found.append(
                report.section(
                    data,
                    predictions,
                    _MODES[wanted.mode],
                    seed=wanted.seed,
                    listed=not wanted.held_out,
                )
            )
            progress(done, len(sets))
    return found


def _missed(section: Section) -> set[str]:
    return {each.id for found in section.assessments for each in found.missed}


def _header(judged: Sequence[Sequence[Prediction]], wanted: Wanted) -> Header:
    answers = [e.answered for predictions in judged for e in predictions if e.answered]
    named = {f"{each.model} {each.weights}".strip() for each in answers}
    return Header(
        at=datetime.now(UTC),
        command=shlex.join(["triage-gateway", *sys.argv[1:]]),
        seed=wanted.seed,
        held_out=wanted.held_out,
        gateway=version("triage-gateway"),
        rules=RULES_VERSION,
        prompt=", ".join(sorted({each.prompt for each in answers} - {""})),
        models=tuple(sorted(named - {""})),
    )
