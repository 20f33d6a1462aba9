"""An operation of a running gateway, asked for by a command."""

import asyncio
import json
import os
from collections.abc import Iterable
from typing import Any

import aiohttp
import click

from gateway.cli.re_review import said

URL = click.option("--url", default="", help="FHIR base of the running gateway.")
TOKEN_ENV = click.option(
    "--token-env",
    default="TRIAGE_GATEWAY_TOKEN",
    show_default=True,
    help="Environment variable that holds an operator's bearer token, with --url.",
)
_JSON = "application/fhir+json"
_TIMEOUT = aiohttp.ClientTimeout(total=300)


def ask(url: str, token_env: str, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Post Parameters of name and `valueString` to an operation; return its answer.

    Raises:
        click.ClickException: it does not answer, or refuses.

    """
    return asyncio.run(_asked(url, os.environ.get(token_env), _parameters(given)))


async def _asked(url: str, token: str | None, body: bytes) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {"Content-Type": _JSON, "Accept": _JSON, **bearer}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as web,
            web.post(url, data=body) as answer,
        ):
            content = await answer.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"The gateway does not answer ({type(error).__name__}): look whether it "
            "runs and --url is its FHIR base. Doing it twice changes nothing."
        ) from None
    if not answer.ok:
        raise click.ClickException(f"HTTP {answer.status}: {said(content)}")
    told: dict[str, Any] = json.loads(content)
    return told


def _parameters(given: Iterable[tuple[str, str]]) -> bytes:
    listed = [{"name": name, "valueString": value} for name, value in given if value]
    return json.dumps({"resourceType": "Parameters", "parameter": listed}).encode()
