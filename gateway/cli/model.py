"""`triage-gateway model`: which model answers, its switch, releases, adapters."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from domain.answerer import Answerer
from domain.events import REGISTRY
from domain.registry import Registry
from domain.served import ModelSuspended
from domain.serving import Serving
from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.cli.model_list import list_releases
from gateway.cli.model_release import activate, register, rollback
from gateway.cli.model_switch import resume, suspend
from gateway.cli.own_log import said
from gateway.intake import registry, serving
from gateway.store.keysource import KeySource
from gateway.store.transcript import transcript
from inference.adapter import MOST_RANK, UnreadableAdapterError, read_adapter


@click.group()
def model() -> None:
    """Show which model answers, let a release count, switch off or on, check."""


for command in (suspend, resume, register, activate, rollback, list_releases):
    model.add_command(command)


@model.command()
@DATA
@KEY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(*, data: Path, key_file: KeySource | None, as_json: bool) -> None:
    """Say which model passed its self-test last, and what stands against it."""
    with said(), transcript(data, registry=REGISTRY, kek_file=key_file) as log:
        found, releases = serving.told(log.stream), registry.told(log.stream)
    if as_json:
        why = releases.shadow_why(found.served) if found.served else ""
        content = {**asdict(found), "shadow_why": why}
        click.echo(json.dumps(content, indent=2, default=str))
    else:
        click.echo("\n".join(_lines(found, releases)))


@model.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--most-rank",
    default=MOST_RANK,
    show_default=True,
    type=click.IntRange(min=1),
    help="The server's --max-lora-rank.",
)
def lint(*, folder: Path, most_rank: int) -> None:
    """Refuse a LoRA adapter that SGLang would serve wrongly; print its hash."""
    try:
        found = read_adapter(folder, most_rank=most_rank)
    except UnreadableAdapterError as error:
        raise click.ClickException(str(error)) from None
    modules = ", ".join(found.modules)
    click.echo(f"adapter: rank {found.rank}, {found.layers} layers, {modules}")
    click.echo(f"base: {found.base or 'not named'}")
    click.echo(f"sha256: {found.sha256}")
    if found.faults:
        listed = "\n".join(f"  {each}" for each in found.faults)
        raise click.ClickException(f"SGLang would not serve it as trained:\n{listed}")


def _lines(found: Serving, releases: Registry) -> list[str]:
    served = found.served
    if served is None:
        lines = ["no model has passed its self-test"]
    else:
        adapter = f" with adapter {served.adapter}" if served.adapter else ""
        why = releases.shadow_why(served)
        counts = f", in shadow: {why}" if why else ", counting"
        release = releases.of(Answerer.of_served(served))
        lines = [
            f"model: {served.name}{adapter}{counts}",
            f"release: {release.title if release else 'none is registered of it'}",
            f"weights: {served.weights}",
            f"adapter's hash: {served.adapter_sha256 or 'not declared'}",
            f"server: {served.server}",
            f"prompt {served.prompt}, rules {served.rules}, index {served.index}",
        ]
    return [*lines, *_against(found)]


def _against(found: Serving) -> list[str]:
    lines = []
    if found.suspended:
        lines.append(f"switched off at {found.suspended.at}: {_why(found.suspended)}")
    if found.refused:
        faults = "; ".join(found.refused.faults)
        lines.append(f"refused by its self-test at {found.refused.at}: {faults}")
    if found.exceeded:
        raises = found.exceeded.raises
        lines.append(
            f"raises too often since {found.exceeded.at}: {raises.raised} of the last "
            f"{raises.answered} by then, more than {raises.limit:.0%}"
        )
    return lines or ["nothing stands against it"]


def _why(event: ModelSuspended) -> str:
    figures = (f"{e.name} {e.value:g}, limit {e.limit:g}" for e in event.figures)
    return "; ".join(figures) or f"by {event.by}, {event.reason}"
