"""`triage-gateway model suspend` and `resume`: the switch, by hand."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import aiohttp
import click

from domain.switching import ResumeModel, SuspendModel
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.cli.re_review import said
from gateway.intake.serving import ServingUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

_JSON = "application/fhir+json"
_TIMEOUT = aiohttp.ClientTimeout(total=60)
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
        click.option("--url", default="", help="FHIR base of a running one, instead."),
        click.option(
            "--token-env",
            default="TRIAGE_GATEWAY_TOKEN",
            show_default=True,
            help="Environment variable with an operator's bearer token, with --url.",
        ),
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
        asyncio.run(_asked(url, os.environ.get(token_env), to, command))
    else:
        _written(data, key_file, command)


def _written(
    data: Path, key_file: KeySource | None, command: SuspendModel | ResumeModel
) -> None:
    actor = "triage-gateway model"
    context = Context(at=command.at, actor=actor, request=str(uuid4()))
    with own_log(data, key_file) as ledger:
        ledger.submit_sync(ServingUnit(command=command, context=context))


async def _asked(
    url: str, token: str | None, to: To, command: SuspendModel | ResumeModel
) -> None:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {"Content-Type": _JSON, "Accept": _JSON, **bearer}
    where = f"{url.rstrip('/')}/$switch-model"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as web,
            web.post(where, data=_parameters(to, command)) as answer,
        ):
            content = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"The gateway does not answer ({type(error).__name__}): look whether it "
            "runs and --url is its FHIR base. Switching twice changes nothing."
        ) from None
    if not answer.ok:
        raise click.ClickException(f"HTTP {answer.status}: {said(content)}")


def _parameters(to: To, command: SuspendModel | ResumeModel) -> bytes:
    given = [
        {"name": "to", "valueCode": to},
        {"name": "by", "valueString": command.by},
        {"name": "reason", "valueString": command.reason},
    ]
    return json.dumps({"resourceType": "Parameters", "parameter": given}).encode()
