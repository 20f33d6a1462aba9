"""`triage-gateway model suspend` and `resume`: the switch, by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import click

from domain.switching import ResumeModel, SuspendModel
from gateway.cli import running
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.intake.serving import ServingUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

To = Literal["off", "on"]
Switch = Callable[..., None]


def _options(switch: Switch) -> Switch:
    given: list[Callable[[Any], Any]] = [
        click.option(
            "--data",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Data folder of a stopped gateway.",
        ),
        KEY,
        running.URL,
        running.TOKEN_ENV,
        click.option("--by", required=True, help="Who decided it: a person's name."),
        click.option("--reason", required=True, help="Why; nurses read it."),
    ]
    for each in reversed(given):
        switch = each(switch)
    return switch


@click.command()
@_options
def suspend(**given: Any) -> None:  # noqa: ANN401 (click's options)
    """Switch the model off: the rules stand alone, until somebody resumes it."""
    _switched("off", **given)
    click.echo("the model is switched off: the rules stand alone")


@click.command()
@_options
def resume(**given: Any) -> None:  # noqa: ANN401 (click's options)
    """Switch the model on again."""
    _switched("on", **given)
    click.echo("the model is switched on")


def _switched(
    to: To,
    *,
    data: Path | None,
    key_file: KeySource | None,
    url: str,
    token_env: str,
    by: str,
    reason: str,
) -> None:
    if bool(data) == bool(url):
        raise click.UsageError(
            "Say which log: --data of a stopped gateway, or --url of a running one."
        )
    kind = SuspendModel if to == "off" else ResumeModel
    command = kind(by=by.strip(), reason=reason.strip(), at=datetime.now(UTC))
    if data is None:
        given = (("to", to), ("by", command.by), ("reason", command.reason))
        running.ask(f"{url.rstrip('/')}/$switch-model", token_env, given)
    else:
        _written(data, key_file, command)


def _written(
    data: Path, key_file: KeySource | None, command: SuspendModel | ResumeModel
) -> None:
    actor = "triage-gateway model"
    context = Context(at=command.at, actor=actor, request=str(uuid4()))
    with own_log(data, key_file) as ledger:
        ledger.submit_sync(ServingUnit(command=command, context=context))
