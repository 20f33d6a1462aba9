"""`triage-gateway rules sign`: record that a clinician answers for the rules."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import click

from domain.commands import SignRules
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.cli.re_review import said
from gateway.intake.rulebook import RulesUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

ACTOR = "triage-gateway rules sign"
_JSON = "application/fhir+json"
_TIMEOUT = aiohttp.ClientTimeout(total=60)


@click.command("sign")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
@KEY
@click.option("--url", default="", help="FHIR base of a running gateway, instead.")
@click.option(
    "--token-env",
    default="TRIAGE_GATEWAY_TOKEN",
    show_default=True,
    help="Environment variable that holds an operator's bearer token, with --url.",
)
@click.option("--by", required=True, help="The clinician's name.")
@click.option("--role", required=True, help="As what, such as 'ED consultant'.")
@click.option("--registration", default="", help="Number in a professional register.")
@click.option(
    "--hash",
    "catalogue",
    required=True,
    help="Hash of the catalogue, from the page that was reviewed.",
)
def sign(
    *,
    data: Path | None,
    key_file: KeySource | None,
    url: str,
    token_env: str,
    by: str,
    role: str,
    registration: str,
    catalogue: str,
) -> None:
    """Record that a clinician reviewed the rules of one hash and answers for them."""
    if bool(data) == bool(url):
        raise click.UsageError(
            "Say which log: --data of a stopped gateway, or --url of a running one."
        )
    signed = SignRules(
        by=by.strip(),
        role=role.strip(),
        registration=registration.strip(),
        catalogue=catalogue.strip().lower(),
        at=datetime.now(UTC),
    )
    if data is None:
        asyncio.run(_asked(url, os.environ.get(token_env), signed))
    else:
        _written(data, key_file, signed)
    click.echo(f"signed: catalogue {signed.catalogue}")


def _written(data: Path, key_file: KeySource | None, signed: SignRules) -> None:
    context = Context(at=signed.at, actor=ACTOR, request=str(uuid4()))
    with own_log(data, key_file) as ledger:
        ledger.submit_sync(RulesUnit(command=signed, context=context))


async def _asked(url: str, token: str | None, signed: SignRules) -> None:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {"Content-Type": _JSON, "Accept": _JSON, **bearer}
    where = f"{url.rstrip('/')}/$sign-rules"
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as web,
            web.post(where, data=_parameters(signed)) as answer,
        ):
            content = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"The gateway does not answer ({type(error).__name__}): look whether it "
            "runs and --url is its FHIR base. Signing twice changes nothing."
        ) from None
    if not answer.ok:
        raise click.ClickException(f"HTTP {answer.status}: {said(content)}")


def _parameters(signed: SignRules) -> bytes:
    given = [
        {"name": name, "valueString": value}
        for name in ("by", "role", "registration", "catalogue")
        if (value := getattr(signed, name))
    ]
    return json.dumps({"resourceType": "Parameters", "parameter": given}).encode()
