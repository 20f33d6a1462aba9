"""`triage-gateway evaluate`: measure floor and model on labelled cases."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from gateway.cli import evaluate_bias, evaluate_model, evaluation_files
from gateway.cli.evaluate_model import Asking
from gateway.cli.evaluation_files import JSON_NAME, PAGE_NAME, Wanted
from gateway.cli.progress import bar
from gateway.evaluation import assessors, gate, reading
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import CasesError, DataSet
from gateway.settings import CONFIG, Settings, SettingsError, load

_MODES = {
    "floor": (Assessor.FLOOR,),
    "model": (Assessor.MODEL,),
    "both": (Assessor.FLOOR, Assessor.MODEL),
}
_ARMS = (
    *(Assessor.FLOOR, Assessor.MAJORITY, Assessor.BASE),
    *(Assessor.BARE, Assessor.MODEL, Assessor.GOLD),
)


def _arms(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> tuple[Assessor, ...]:
    named = [each.strip() for each in (value or "").split(",") if each.strip()]
    if unknown := sorted(set(named) - set(_ARMS)):
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(_ARMS)}.")
    return tuple(each for each in _ARMS if each in named)


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
@click.option(
    "--arms",
    metavar="ARM,...",
    callback=_arms,
    help=f"Compare instead: {', '.join(_ARMS)}; see the docs.",
)
@click.option("--bias", is_flag=True, help="Swap what must not matter; see the docs.")
@click.option("--held-out", is_flag=True, help="Score held-out cases; list none.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Draw so many cases of each data set by chance, as --seed says.",
)
@click.option(
    "--out",
    default=Path("evaluation"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Folder for {JSON_NAME}, {PAGE_NAME} and the model's answers.",
)
@click.option(
    "--gate",
    "gate_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Figures that must hold; exit 1 where they do not.",
)
@click.option("--seed", default=1, show_default=True, help="Of bootstrap and sample.")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with a gateway's settings: its model, window and questions.",
)
def evaluate(
    places: tuple[Path, ...],
    gate_file: Path | None,
    config: Path | None,
    mode: str,
    arms: tuple[Assessor, ...],
    **asked: Any,  # noqa: ANN401 (click's values)
) -> None:
    """Measure floor and model on labelled cases: JSON lines, Bundles, data sets."""
    if arms and (mode != "floor" or asked["bias"]):
        raise click.UsageError("Give --arms, or --model, --both, --bias: not together.")
    wanted = Wanted(arms=arms or _MODES[mode], **asked)
    try:
        required = gate.load(gate_file) if gate_file else None
        settings = _settings(config, wanted.out)
        sets = _data_sets(places, wanted)
        if wanted.bias:
            asyncio.run(_audited(sets, settings, wanted))
            return
        judged = asyncio.run(_judged(sets, settings, wanted))
    except (CasesError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    if not evaluation_files.finished(sets, judged, wanted, required):
        raise SystemExit(1)


def _settings(config: Path | None, out: Path) -> Settings:
    """Return a gateway's settings; the index of the knowledge base goes to `out`."""
    if config is not None:
        os.environ[CONFIG] = str(config)
        return load({"data": out / "model"})
    return load({"data": out / "model", "dev": True})


def _data_sets(places: Sequence[Path], wanted: Wanted) -> list[DataSet]:
    found = [
        reading.chosen(each, held_out=wanted.held_out)
        for place in places
        for each in reading.read(place)
    ]
    reading.require_apart(found)
    empty = [each.name for each in found if not each.cases]
    if empty:
        split = "held out" if wanted.held_out else "for development"
        raise CasesError(f"{', '.join(empty)}: no case is {split}.")
    if wanted.limit is None:
        return found
    return [reading.sampled(each, wanted.limit, seed=wanted.seed) for each in found]


def _reading(settings: Settings) -> assessors.Reading:
    asked = frozenset(settings.complaint_questions)
    return assessors.Reading(window=settings.window, questions=asked)


async def _judged(
    sets: Sequence[DataSet], settings: Settings, wanted: Wanted
) -> list[list[Prediction]]:
    how, judged = _reading(settings), []
    for each in sets:
        inputs = {case.id: case.input for case in each.cases}
        with bar(f"Rules, {each.name}") as progress:
            judged.append(assessors.predict(inputs, how, progress=progress))
    if not wanted.models:
        return judged
    async with AsyncExitStack() as held:
        asking = await _asking(sets, settings, wanted, held)
        for place, data in enumerate(sets):
            for arm in wanted.models:
                judged[place] = await asking.ask(data, judged[place], arm)
        for kept in asking.kept:
            evaluate_model.tell(kept)
    return judged


async def _asking(
    sets: Sequence[DataSet], settings: Settings, wanted: Wanted, held: AsyncExitStack
) -> Asking:
    """Start the model, and its base; of held-out cases no answer is kept."""
    gold = Assessor.GOLD in wanted.arms and any(c.gold for d in sets for c in d.cases)
    return await evaluate_model.opened(
        settings,
        held,
        kept_in=None if wanted.held_out else wanted.out,
        gold=gold,
        base=Assessor.BASE in wanted.arms,
    )


async def _audited(sets: Sequence[DataSet], settings: Settings, wanted: Wanted) -> None:
    how = _reading(settings)
    async with AsyncExitStack() as held:
        asking = None
        if wanted.models:
            asking = await _asking(sets, settings, wanted, held)
        ask = asking.ask if asking else None
        found = await evaluate_bias.audited(sets, how, ask, wanted.by, seed=wanted.seed)
    header = evaluation_files.header(found.said, wanted)
    evaluate_bias.written(header, found, wanted.out)
