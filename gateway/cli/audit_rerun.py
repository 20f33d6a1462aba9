"""`triage-gateway audit rerun`: ask a model again what was asked then."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click

from domain.events import REGISTRY
from gateway.audit import words
from gateway.audit.case import UnknownCaseError, life_of
from gateway.audit.rerun import Asked, NothingToRerunError, Rerun, Verdict, asked, rerun
from gateway.audit.visible import visible
from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.settings import CONFIG, Settings, SettingsError, load
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource
from gateway.store.transcript import transcript
from inference.schema import GeneratorUnavailableError

_STATUS = {Verdict.SAME: 0, Verdict.DIFFERS: 3, Verdict.ANOTHER: 4}


@click.command("rerun")
@click.argument("identity", metavar="CASE")
@DATA
@KEY
@click.option(
    "--revision",
    "--assessment",
    "revision",
    type=click.IntRange(min=1),
    help="Which assessment: the revision of the case's data; default: the newest.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file with the gateway's settings, of which the model's count.",
)
@click.option("--model-url", help="Ask this model server instead.")
@click.option("--model-name", help="By this name; SGLang takes base:adapter.")
def rerun_case(
    identity: str,
    data: Path,
    key_file: KeySource | None,
    revision: int | None,
    config: Path | None,
    **model: str | None,
) -> None:
    """Send a recorded prompt again; say 'same', 'differs' or 'another model'.

    Exit status 0, 3 or 4. This is no replay, and it writes nothing.
    """
    try:
        settings = _settings(data, config, model)
        with transcript(data, registry=REGISTRY, kek_file=key_file) as log:
            recorded = asked(life_of(log, identity), revision)
        result = asyncio.run(_asked_again(recorded, settings))
    except (
        StoreError,
        SettingsError,
        UnknownCaseError,
        NothingToRerunError,
        GeneratorUnavailableError,
    ) as error:
        raise click.ClickException(str(error)) from None
    _say(recorded, result)
    raise SystemExit(_STATUS[result.verdict])


def _settings(
    data: Path, config: Path | None, model: dict[str, str | None]
) -> Settings:
    """Return the settings; where there is no file, those of a gateway on its own."""
    if config is not None:
        os.environ[CONFIG] = str(config)
    alone: dict[str, Any] = {} if os.environ.get(CONFIG) else {"dev": True}
    named = {name: value for name, value in model.items() if value is not None}
    return load({"data": data, **alone, **named})


async def _asked_again(recorded: Asked, settings: Settings) -> Rerun:
    # They bring a model's client and server, which no other command about a log needs.
    from gateway.language_model import adapter_sha256, generator  # noqa: PLC0415
    from inference.embedded_model import EmbeddedModelError  # noqa: PLC0415

    async with AsyncExitStack() as held:
        try:
            model = await generator(settings, held)
            files = await adapter_sha256(settings)
        except EmbeddedModelError as error:
            raise NothingToRerunError(str(error)) from None
        if model is None:
            raise NothingToRerunError(
                "The settings name no model: give --config, or --model-url and "
                "--model-name."
            )
        return await rerun(recorded, model, adapter_sha256=files)


def _say(recorded: Asked, result: Rerun) -> None:
    click.echo(
        f"recorded: position {recorded.position}, {words.instant(recorded.at)}, "
        f"revision {recorded.revision}, answered in {recorded.run.milliseconds} ms"
    )
    click.echo(f"now: answered in {result.milliseconds} ms")
    for what, then, now in result.others:
        click.echo(f"{what}: recorded {visible(then)}, now {visible(now)}")
    for each in result.undeclared:
        click.echo(f"note: nobody declares {each}; they may be others")
    for line in result.diff:
        click.echo(visible(line))
    if result.verdict is Verdict.ANOTHER:
        said = "the same answer" if not result.diff else "another answer"
        click.echo(f"{result.verdict}: it gave {said}")
    else:
        click.echo(result.verdict)
